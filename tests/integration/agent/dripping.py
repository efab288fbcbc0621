"""A server whose answers come a byte at a time."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BEHIND_ITS_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000


@dataclass
class Dripping:
    """*taken*: the connections whose request was read. *stop* ends it, and each wait between two bytes."""

    port: int
    taken: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def drip(self, connection: socket.socket, answer: bytes, pause: float) -> None:
        with connection, suppress(OSError):
            connection.recv(65_536)
            self.taken += 1
            size = 1 if pause else len(answer)
            for start in range(0, len(answer), size):
                if self.stop.wait(pause):
                    return
                connection.sendall(answer[start : start + size])


@contextmanager
def dripping(answer: bytes = BEHIND_ITS_HEAD, *, pause: float = 0.01) -> Iterator[Dripping]:
    """Every request is answered with *answer*, of which a byte comes each *pause* seconds; at once with none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Dripping(listener.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=server.drip, args=(connection, answer, pause), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server
        finally:
            server.stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
