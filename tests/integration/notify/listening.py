"""Servers of a few lines, which do whatever a test needs a server to do wrong."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

CERTIFICATES = Path(__file__).parent.parent / "agent" / "tls"
"""Of a server called localhost, signed by itself."""
Script = Callable[[socket.socket], None]


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "cert.pem", CERTIFICATES / "key.pem")
    return context


def client_tls() -> ssl.SSLContext:
    """Trusts the certificate of `server_tls`, and checks names as always."""
    return ssl.create_default_context(cafile=str(CERTIFICATES / "cert.pem"))


@contextmanager
def listening(script: Script) -> Iterator[int]:
    """A server on 127.0.0.1; *script* runs for one connection after the other. Yields the port."""
    ended = Event()
    connections: list[socket.socket] = []

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            connections.append(connection)
            connection.settimeout(20)
            with connection, suppress(OSError):
                script(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        thread = Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            ended.set()
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            thread.join(20)
            assert not thread.is_alive()


def hang(connection: socket.socket) -> None:
    """Read everything and never answer."""
    while connection.recv(65536):
        pass


def drip(text: bytes, pause: float = 0.1) -> Script:
    """*text* over and over, one byte at a time."""

    def script(connection: socket.socket) -> None:
        ended = Event()
        while True:
            for byte in text:
                connection.sendall(bytes([byte]))
                ended.wait(pause)

    return script
