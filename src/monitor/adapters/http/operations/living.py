"""What tells whether this process answers."""

import asyncio
import socket
from collections import deque

import msgspec

from monitor.adapters.http.edge.answers import Send, send_answer


class Health(msgspec.Struct, frozen=True):
    status: str


HEALTH = "/healthz"
HEALTHY = Health("ok")
_HEALTHY = msgspec.json.encode(HEALTHY)


async def answer_health(send: Send) -> None:
    await send_answer(send, 200, [(b"content-type", b"application/json")], _HEALTHY)


TIMEOUT = 10.0
"""Seconds; an agent waits as long."""
_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_EVERY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nothing is bound here


class OwnDoor:
    """Sends a request to this server itself, as an agent would. *listener*: the socket that this server listens on."""

    def __init__(self, listener: socket.socket) -> None:
        host, *rest = listener.getsockname()
        self.timeout = TIMEOUT
        self._family = listener.family
        self._address = (_EVERY.get(host, host), *rest)

    def knock(self) -> None:
        """Request /healthz over a new connection. Raises OSError if there is no good answer in time."""
        with socket.socket(self._family, socket.SOCK_STREAM) as connection:
            connection.settimeout(self.timeout)
            connection.connect(self._address)
            connection.sendall(_REQUEST)
            if not connection.recv(64).startswith(b"HTTP/1.1 200 "):
                raise ConnectionError("this server does not answer itself")


PAUSE = 0.5
KEPT = 120
"""Measurements: a minute."""


class LoopLag:
    """Measures how late the event loop runs: while it is late, no request is answered."""

    def __init__(self) -> None:
        self._seconds = deque[float]([0.0], maxlen=KEPT)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def longest(self) -> float:
        """Longest lag of the last minute, in seconds."""
        return max(self._seconds)

    def start(self) -> None:
        """Measure the running event loop from now on."""
        loop = asyncio.get_running_loop()
        due = loop.time() + PAUSE
        self._timer = loop.call_at(due, self._measure, loop, due)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _measure(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._seconds.append(max(0.0, loop.time() - due))
        self.start()
