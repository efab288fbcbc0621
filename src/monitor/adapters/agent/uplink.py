"""Sending samples to the server, over one connection that is kept."""

from __future__ import annotations

import time
from typing import NamedTuple

from .address import plain_address
from .answers import Answer
from .dial import dial
from .http1 import Connection, Response, StaleError
from .payload import batch_body, single_body
from .target import Target

TIMEOUT = 10.0
_LONGEST_PAUSE = 3600.0
_SERVER = "mk_"


class Parcel(NamedTuple):
    """Encoded samples to send, as a batch or, alone, as the seed's single sample."""

    records: tuple[bytes, ...]
    batch: bool


class Uplink:
    """Sends to one server over one connection that is kept open.

    With a server's own key (`mk_…`) no address is told. With a fleet's (`mf_…`, or any text of one's own) *ip* is, or
    the address that the connection leaves this host from. Connecting, sending and the whole answer take *timeout*
    seconds each at most.
    """

    def __init__(self, target: Target, key: str, *, ip: str | None = None, timeout: float = TIMEOUT) -> None:
        self._target = target
        self._headers = {
            "Host": target.authority,
            "X-API-Key": key,
            "Content-Type": "application/json",
            "Accept-Language": "en",
            "Accept-Encoding": "identity",
            "User-Agent": "monitor-agent",
        }
        self._tells_ip = tells_address(key)
        self._ip = ip
        self._timeout = timeout
        self._connection: Connection | None = None

    def send(self, parcel: Parcel) -> Answer:
        """The server's answer to *parcel*; never raises.

        A server closes idle connections, and one may do so just as it is used again: then once more on a fresh one,
        at once, which is safe since the server stores a sample once however often it arrives.
        """
        reused = self._connection is not None
        try:
            return self._attempt(parcel)
        except (StaleError, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            if not reused:
                return Answer(problem=_reason(error))
        except Exception as error:  # Names that don't resolve, half an answer, TLS: a broken link, whatever it is.
            self.close()
            return Answer(problem=_reason(error))
        try:
            return self._attempt(parcel)
        except Exception as error:
            self.close()
            return Answer(problem=_reason(error))

    def close(self) -> None:
        """End the connection, if one stands."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _attempt(self, parcel: Parcel) -> Answer:
        if self._connection is None:
            self._connection = Connection(dial(self._target, self._timeout), self._timeout)
        ip = self._address(self._connection)
        if parcel.batch:
            path, body = "/api/monitor/data/batch", batch_body(parcel.records, ip)
        else:
            path, body = "/api/monitor/data", single_body(parcel.records[0], ip)
        # This host's clock as it sends: the server tells people of one that is off.
        headers = {**self._headers, "Date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())}
        response = self._connection.post(self._target.path + path, headers, body)
        if not response.keeps:
            self.close()
        return _answer(response)

    def _address(self, connection: Connection) -> str | None:
        if not self._tells_ip:
            return None
        return self._ip or plain_address(connection.sock.getsockname()[0])


def tells_address(key: str) -> bool:
    """Whether a sample sent with *key* names the host's address."""
    return not key.startswith(_SERVER)


def _answer(response: Response) -> Answer:
    return Answer(
        status=response.status,
        body=response.body,
        retry_after=_seconds(response.headers.get("retry-after", "")),
        location=response.headers.get("location", ""),
    )


def _seconds(text: str) -> float:
    # The other form, a date, would trust two clocks; the pause is then our own.
    return min(float(text), _LONGEST_PAUSE) if text.isascii() and text.isdigit() else 0.0


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)
