"""A request of our own, through the same door as those of agents."""

import socket

TIMEOUT = 10.0
"""Seconds: as long as an agent waits."""
_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_EVERY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nothing is bound here


class OwnDoor:
    """*listener*: what this server listens on."""

    def __init__(self, listener: socket.socket) -> None:
        host, *rest = listener.getsockname()
        self.timeout = TIMEOUT
        self._family = listener.family
        self._address = (_EVERY.get(host, host), *rest)

    def knock(self) -> None:
        """Over a new connection. Raises OSError where there is no good answer in time."""
        with socket.socket(self._family, socket.SOCK_STREAM) as connection:
            connection.settimeout(self.timeout)
            connection.connect(self._address)
            connection.sendall(_REQUEST)
            if not connection.recv(64).startswith(b"HTTP/1.1 200 "):
                raise ConnectionError("this server does not answer itself")
