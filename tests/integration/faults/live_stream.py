"""A client of the live stream, until it ends."""

import socket
import threading
from types import TracebackType
from typing import Self

from tests.integration.cli.client import Client
from tests.integration.cli.running import wait_for


class LiveStream:
    """Opened with the token of *client*; begins once the first events are there."""

    def __init__(self, port: int, client: Client) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")
        head = f"GET /api/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {client.token}\r\n"
        head += "Connection: close\r\n\r\n"  # so that the end of the stream is seen
        self._socket.sendall(head.encode())
        self._lines: list[bytes] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        wait_for(lambda: b"event: servers\n" in self._lines or not self.is_open, "the live stream's first event")
        assert b"event: servers\n" in self._lines, self._lines[:1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self.is_open:
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._file.close()
        self._socket.close()

    def _read(self) -> None:
        for line in self._file:
            self._lines.append(line)

    @property
    def is_open(self) -> bool:
        return self._thread.is_alive()

    @property
    def samples(self) -> int:
        """How many events with samples came so far."""
        return self._lines.count(b"event: samples\n")
