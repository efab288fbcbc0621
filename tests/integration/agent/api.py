"""The API as an agent sees it, on a loopback port, with the failures that a test asks for."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

DEADLINE = 60.0


@dataclass
class Request:
    """One POST as it arrived; *connection* numbers the connections."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    connection: int

    @property
    def samples(self) -> list[dict[str, Any]]:
        samples: list[dict[str, Any]] = self.body.get("samples", [self.body])
        return samples


Reply = tuple[int, dict[str, str], bytes]


def stored(request: Request) -> Reply:
    results = [{"status": "stored"} for _ in request.samples]
    return reply(200, {"results": results} if "samples" in request.body else {"id": 1})


def reply(status: int, data: object = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, json.dumps({"code": status, "msg": "said the server", "data": data}).encode()


@dataclass
class Api:
    """What arrived, and how the next request is answered (*answer* may block, to hang).

    *clock*: the server's; None: it does not say its time.
    """

    answer: Callable[[Request], Reply] = stored
    drops_idle_connections: bool = False
    clock: Callable[[], float] | None = time.time
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def recorded(self) -> list[str]:
        """The times of all samples, as they arrived."""
        return [sample["recorded_at"] for request in self.requests for sample in request.samples]

    @property
    def extra(self) -> dict[str, float]:
        """The further metrics of the newest sample."""
        found: dict[str, float] = self.requests[-1].samples[-1]["metrics"]["extra"] if self.requests else {}
        return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, api: Api, tls: ssl.SSLContext | None) -> None:
        self.api = api
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", api.port), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A test that ends a connection makes its thread fail, as it should."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)
        self.server.api.connections += 1
        self.number = self.server.api.connections

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def do_POST(self) -> None:
        api = self.server.api
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Request(self.path, dict(self.headers.items()), body, self.number)
        is_question = request.samples == []  # for the time; each agent begins with one
        status, headers, payload = (stored if is_question else api.answer)(request)
        headers = {**headers, **({"X-Monitor-Time": f"{api.clock():.3f}"} if api.clock else {})}
        if status == 200 and not is_question:
            api.requests.append(request)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(payload))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)
        # As servers do after their keep-alive time, without having said so.
        self.close_connection = api.drops_idle_connections

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the signature of the base class)
        pass


@contextmanager
def serving(api: Api, *, certificates: Path | None = None) -> Iterator[Api]:
    """Serve *api*; at the end every connection is cut, as when a server dies. It keeps its port for the next time."""
    tls = None
    if certificates is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    server = _Server(api, tls)
    api.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for connection in list(server.open):
            cut(connection)


def cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # The other side was faster.


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Return once *condition* holds; fail after the deadline."""
    deadline = time.monotonic() + DEADLINE
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE:.0f} s in vain for {what}"
        pause.wait(0.01)
