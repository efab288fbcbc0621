"""The client of the server's API, and the thread in which it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, NamedTuple

from ..clock import Reading, now
from .http1 import Conversation, StaleError, post
from .outcomes import SendResult
from .target import Target, dial, plain_address

TIMEOUT = 10.0
MAX_BATCH = 200
"""A fifth of what the API accepts, so that even a slow server answers between two ticks."""
MAX_BODY = 900_000
_LONGEST_PAUSE = 3600.0
LONGEST_DURABLE = 86_400.0
"""Seconds; what was acknowledged before is not kept, whatever the server asks for."""
_LONGEST_EPOCH = 100
_LONGEST_NUMBER = 15
_LONGEST_TIME = 20
_KEY_OF_ONE_SERVER = "mk_"


class Delivery(NamedTuple):
    """Encoded samples to send: many as a batch, or one as a single sample."""

    records: tuple[bytes, ...]
    batch: bool


QUESTION = Delivery((), batch=True)
"""Asks for the server's time before there is a sample with one."""


class Client:
    """Sends to one server over one kept connection.

    With the key of one server (`mk_…`) no address is sent. With any other key *ip* is, or else the local address of the
    connection. *timeout*: seconds for each of connecting, sending and the answer.
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
        self._sends_address = sends_address(key)
        self._ip = ip
        self._timeout = timeout
        self._connection: Conversation | None = None

    def send(self, delivery: Delivery) -> SendResult:
        """Return the server's answer to *delivery*; never raises.

        A server may close an idle connection just as it is used again. Then the delivery is sent again on a new one.
        That is safe: the server stores a sample once.
        """
        may_be_stale = self._connection is not None
        try:
            return self._attempt(delivery)
        except Exception as error:  # Whatever it is (DNS, TLS, half an answer), it is a failed connection.
            self.close()
            if may_be_stale and isinstance(error, (StaleError, ConnectionResetError, BrokenPipeError)):
                return self.send(delivery)
            return SendResult(problem=_reason(error))

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.sock.close()
            self._connection = None

    def _attempt(self, delivery: Delivery) -> SendResult:
        if self._connection is None:
            self._connection = Conversation(dial(self._target, self._timeout), self._timeout)
        ip = None
        if self._sends_address:
            ip = self._ip or plain_address(self._connection.sock.getsockname()[0])
        if delivery.batch:
            path, body = "/api/monitor/data/batch", batch_body(delivery.records, ip)
        else:
            path, body = "/api/monitor/data", single_body(delivery.records[0], ip)
        # The server compares this with its own clock, and warns of a host whose clock is wrong.
        headers = {**self._headers, "Date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())}
        asked = now()
        response = post(self._connection, self._target.path + path, headers, body)
        answered = now()
        if not response.keeps:
            self.close()
        return SendResult(
            status=response.status,
            body=response.body,
            # A date, the other form of Retry-After, is ignored: it would depend on two clocks.
            retry_after=min(_number(response.headers.get("retry-after", "")), _LONGEST_PAUSE),
            location=response.headers.get("location", ""),
            epoch=_epoch(response.headers.get("x-monitor-epoch", "")),
            durable=min(_number(response.headers.get("x-monitor-durable", "")), LONGEST_DURABLE),
            clock=Reading(
                _time(response.headers.get("x-monitor-time", "")),
                asked.elapsed,
                answered.elapsed,
                answered.epoch_ns / 1e9,
            ),
        )


def sending_thread(send: Callable[[Delivery], SendResult], inbox: SimpleQueue[Any]) -> Callable[[Delivery], None]:
    """Return a function that gives a delivery to a new thread, which puts the answer of *send* into *inbox*."""
    outbox: SimpleQueue[Delivery] = SimpleQueue()

    def run() -> None:
        while True:
            inbox.put(send(outbox.get()))

    # A daemon thread: the process must end even while a server hangs.
    threading.Thread(target=run, name="sending", daemon=True).start()
    return outbox.put


def sends_address(key: str) -> bool:
    """Return True if a sample sent with *key* must name the host's address."""
    return not key.startswith(_KEY_OF_ONE_SERVER)


def single_body(record: bytes, ip_address: str | None) -> bytes:
    """Return the body for one encoded sample."""
    return b'{"ip_address":"%s",%s' % (ip_address.encode("ascii"), record[1:]) if ip_address else record


def batch_body(records: Sequence[bytes], ip_address: str | None) -> bytes:
    """Return the body for a batch of encoded samples."""
    return b'{"samples":[%s]}' % b",".join(single_body(record, ip_address) for record in records)


def _number(text: str) -> float:
    """Return 0 for anything but a whole number."""
    return float(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else 0.0


def _time(text: str) -> float:
    """Return the seconds in a text such as `1764504000.123`; 0 for anything else."""
    whole, _, part = text.partition(".")
    return float(text) if len(text) <= _LONGEST_TIME and text.isascii() and (whole + part).isdigit() else 0.0


def _epoch(text: str) -> str:
    """Return "" for a text that does not fit into a line of the spool."""
    return text if 0 < len(text) <= _LONGEST_EPOCH and all("!" <= char <= "~" for char in text) else ""


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
