"""Connections with one deadline for all steps together.

A timeout of the operating system covers one call only: with a server that sends one byte a second it never expires.
"""

from __future__ import annotations

import io
import math
import queue
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

from monitor.adapters.outbound.destinations import Destinations

if TYPE_CHECKING:
    from ssl import SSLContext

Resolver = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host name for a port, as text, best first. Raises OSError."""
TOTAL = 10.0
_CHUNK = 65536
_LONGEST_ANSWER = 1024 * 1024


class Endless(OSError):
    """More bytes than any answer may have."""


@cache
def default_tls() -> SSLContext:
    """Return the TLS context with the system's certificate authorities. Created on first use: it takes 4 MB."""
    import ssl  # 5 MB, not needed without TLS

    return ssl.create_default_context()


class Deadline:
    """A point in time, *seconds* from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, at_most: float = math.inf) -> float:
        """Return the seconds left, more than 0. Raises TimeoutError after the deadline."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return min(seconds, at_most)


def system_resolver(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve(host: str, port: int, deadline: Deadline, resolver: Resolver = system_resolver) -> Sequence[str]:
    """Return the addresses of *host*, resolved once. Raises OSError, including TimeoutError."""
    with suppress(ValueError):
        return [str(ip_address(host))]
    answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()
    # The system's resolver has no timeout parameter: after ours, its thread is left until its own.
    Thread(target=_look_up, args=(host, port, resolver, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError("looking up the name timed out") from None
    if isinstance(answer, OSError):
        raise answer
    if not answer:
        raise OSError("the name has no address")
    return answer


def _look_up(host: str, port: int, resolver: Resolver, answers: queue.SimpleQueue[Sequence[str] | OSError]) -> None:
    try:
        answers.put(resolver(host, port))
    except OSError as error:
        answers.put(error)
    except Exception as error:  # such as UnicodeError for names that DNS cannot have
        answers.put(OSError(f"the name cannot be looked up ({type(error).__name__})"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """How addresses that users set are reached. *tls*: None for `default_tls`. *total*: seconds, DNS to response;
    *patience*: for each step of it; *connecting*: for that of a request."""

    destinations: Destinations = field(default_factory=Destinations)
    resolver: Resolver = system_resolver
    tls: SSLContext | None = None
    total: float = TOTAL
    patience: float = 5.0
    connecting: float = 5.0


class Connection:
    """A TCP connection with the methods that smtplib calls on its socket. They raise OSError, also TimeoutError.
    *patience*: seconds at most for each call."""

    def __init__(self, sock: socket.socket, deadline: Deadline, patience: float) -> None:
        self._sock = sock
        self._deadline = deadline
        self.patience = patience

    def recv(self, size: int) -> bytes:
        self._sock.settimeout(self._deadline.left(self.patience))
        return self._sock.recv(size)

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._deadline.left(self.patience))
            rest = rest[self._sock.send(rest[:_CHUNK]) :]

    def start_tls(self, context: SSLContext, host: str) -> None:
        """Encrypt, and verify the certificate for *host*. The caller must discard what was received before."""
        try:
            self._sock.settimeout(self._deadline.left(self.patience))
            self._sock = context.wrap_socket(self._sock, server_hostname=host)
        except (OSError, ValueError):
            self.close()
            raise

    def certificate(self) -> dict[str, Any]:
        """Return what the certificate says, once it was verified in `start_tls`."""
        return cast(Any, self._sock).getpeercert() or {}

    def certificate_bytes(self) -> bytes | None:
        """Return the certificate in DER, verified or not."""
        return cast(bytes | None, cast(Any, self._sock).getpeercert(binary_form=True))

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        self._sock.close()

    @property
    def local_address(self) -> str:
        return str(self._sock.getsockname()[0])


class _Reader(io.RawIOBase):
    """Stops after _LONGEST_ANSWER bytes, since smtplib keeps everything up to the end of a line or a reply."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._left = _LONGEST_ANSWER

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview[int]) -> int:  # type: ignore[override] # typeshed says WriteableBuffer, which has no length.
        data = self._connection.recv(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise Endless("the server sends without end")
        buffer[: len(data)] = data
        return len(data)


def connect(addresses: Sequence[str], port: int, deadline: Deadline, patience: float) -> Connection:
    """Connect to the first of *addresses* (numeric) that accepts. Raises the OSError of the last one."""
    error: OSError = OSError("no address")
    for address in addresses:
        try:
            sock = socket.create_connection((address, port), deadline.left(patience))
        except TimeoutError:
            error = TimeoutError("connecting timed out")
        except OSError as refused:
            error = refused
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Connection(sock, deadline, patience)
    raise error


def error_text(error: Exception) -> str:
    """Return one line that says what went wrong."""
    refused = getattr(error, "verify_message", None)  # of ssl.SSLCertVerificationError, without importing ssl
    if refused is not None:
        return f"certificate not accepted: {refused}"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:200]
