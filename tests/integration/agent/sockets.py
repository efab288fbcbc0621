"""Peers behind a Unix socket that answer whatever a test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Peer = Callable[[socket.socket], None]


@contextmanager
def answering(path: Path, peer: Peer) -> Iterator[str]:
    """Call *peer* with each connection to *path*, in a thread of its own; return the path."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            peer(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield str(path)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        path.unlink()
