"""The connection to the server: plain HTTP/1.1 with keep-alive."""

from __future__ import annotations

import socket
import sys
from email.utils import formatdate
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from .address import plain_address
from .answers import Answer
from .payload import batch_body, single_body
from .target import Target

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

TIMEOUT = 10.0
_LONGEST_ANSWER = 1024 * 1024
_LONGEST_PAUSE = 3600.0
_SERVER = "mk_"


class Parcel(NamedTuple):
    """Encoded samples to send, as a batch or, alone, as the seed's single sample."""

    records: tuple[bytes, ...]
    batch: bool


class Uplink:
    """Sends to one server over one connection that is kept open.

    With a server's own key (`mk_…`) no address is told. With a fleet's (`mf_…`, or any text of one's own) *ip* is, or
    the address that the connection leaves this host from.
    """

    def __init__(self, target: Target, key: str, *, ip: str | None = None, timeout: float = TIMEOUT) -> None:
        self._target = target
        self._headers = {
            "X-API-Key": key,
            "Content-Type": "application/json",
            "Accept-Language": "en",
            "User-Agent": "monitor-agent",
        }
        self._tells_ip = tells_address(key)
        self._ip = ip
        self._timeout = timeout
        self._http = _http_client()
        self._connection: HTTPConnection | None = None

    def send(self, parcel: Parcel) -> Answer:
        """The server's answer to *parcel*; never raises.

        A server closes idle connections, and one may do so just as it is used again: then once more on a fresh one,
        at once, which is safe since the server stores a sample once however often it arrives.
        """
        reused = self._connection is not None
        try:
            return self._attempt(parcel)
        except (self._http.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            if not reused:
                return Answer(problem=_reason(error))
        except Exception as error:  # Names that don't encode, half an answer, TLS: a broken link, whatever it is.
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
        connection = self._connection or self._connect()
        ip = self._address(connection)
        if parcel.batch:
            path, body = "/api/monitor/data/batch", batch_body(parcel.records, ip)
        else:
            path, body = "/api/monitor/data", single_body(parcel.records[0], ip)
        # This host's clock as it sends: the server tells people of one that is off.
        headers = {**self._headers, "Date": formatdate(usegmt=True)}
        connection.request("POST", self._target.path + path, body, headers)
        response = connection.getresponse()
        answer = _read(response)
        if response.will_close:
            self.close()
        return answer

    def _connect(self) -> HTTPConnection:
        connection: HTTPConnection = self._http.HTTPConnection(self._target.host, self._target.port)
        connection.default_port = 443 if self._target.secure else 80
        connection.sock = _open(self._target, self._timeout)
        self._connection = connection
        return connection

    def _address(self, connection: HTTPConnection) -> str | None:
        if not self._tells_ip:
            return None
        return self._ip or plain_address(connection.sock.getsockname()[0])


def tells_address(key: str) -> bool:
    """Whether a sample sent with *key* names the host's address."""
    return not key.startswith(_SERVER)


def _read(response: HTTPResponse) -> Answer:
    body = response.read(_LONGEST_ANSWER + 1)
    if len(body) > _LONGEST_ANSWER:
        raise ValueError("the answer is too long")
    return Answer(
        status=response.status,
        body=body,
        retry_after=_seconds(response.getheader("Retry-After", "")),
        location=response.getheader("Location", ""),
    )


def _seconds(text: str) -> float:
    # The other form, a date, would trust two clocks; the pause is then our own.
    return min(float(text), _LONGEST_PAUSE) if text.isascii() and text.isdigit() else 0.0


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)


def _open(target: Target, timeout: float) -> socket.socket:
    # As bytes where it can be: for text, Python before 3.13 loads its tables of international names (0.5 MB).
    host = target.host.encode("ascii") if target.host.isascii() else target.host
    sock = socket.create_connection((host, target.port), timeout)  # type: ignore[arg-type] # getaddrinfo takes both.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not target.secure:
        return sock
    import ssl

    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
    except Exception:
        sock.close()
        raise


def _http_client() -> ModuleType:
    """http.client without TLS, which it would load (3.4 MB resident) whether needed or not."""
    hidden = "ssl" not in sys.modules
    if hidden:
        sys.modules["ssl"] = None  # type: ignore[assignment] # Makes `import ssl` fail, which http.client allows for.
    try:
        import http.client
    finally:
        if hidden:
            del sys.modules["ssl"]
    return http.client
