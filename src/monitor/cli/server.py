"""The HTTP server: uvicorn, made to stop in time, and its listening socket."""

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn

from monitor.adapters.http.edge.protocol import LONGEST, Phase, http_protocol
from monitor.asgi import HttpApplication
from monitor.settings import SettingsError

log = structlog.get_logger()

SLOW_SENDERS = 3.0
"""Seconds at a stop in which a client may finish sending its request."""
LONGEST_STOP = 8.0
"""Seconds at a stop for requests in flight; then the process exits. Docker kills a process after ten."""
BACKLOG = 2048


class Server(uvicorn.Server):
    """A server that ends live streams at once when it stops, and does not wait for slow clients."""

    def __init__(
        self,
        application: HttpApplication,
        *,
        on_started: Callable[[], None],
        on_loaded: Callable[[], None],
        on_stopping: Callable[[], None],
    ) -> None:
        """*on_loaded* is called when the API answers as well, *on_stopping* while the server still listens."""
        super().__init__(_config(application))
        self._application = application
        self._on_started = on_started
        self._on_loaded = on_loaded
        self.failure: Exception | None = None
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()
            self._loading = asyncio.create_task(self._load())

    async def _load(self) -> None:
        """Load the API. A process without one ends: see `failure`."""
        try:
            await self._application.api.started()
        except Exception as error:
            self.failure = error
            self.should_exit = True
        else:
            self._on_loaded()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stopping()
        asyncio.get_running_loop().call_later(SLOW_SENDERS, self._drop_slow_senders)
        await super().shutdown(sockets=sockets)

    def _drop_slow_senders(self) -> None:
        for connection in list(self.server_state.connections):
            request = getattr(connection, "cycle", None)
            if request is not None and request.more_body:
                connection.transport.abort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop. Unlike uvicorn's own handler this does not raise the signal again after the stop."""
        if self.should_exit:
            self.force_exit = self.force_exit or sig == signal.SIGINT
            return
        self.should_exit = True
        self._application.api.end_streams_soon()
        last_resort = threading.Timer(LONGEST_STOP, _exit_now)
        last_resort.daemon = True
        last_resort.start()


def _exit_now() -> None:
    """Exit although threads still wait for the database. All acknowledged data is already stored."""
    log.warning("stopped without waiting for the database any longer")
    sys.stdout.flush()
    os._exit(0)


def _config(application: HttpApplication) -> uvicorn.Config:
    return uvicorn.Config(
        application.asgi,
        http=http_protocol(application.connections, application.take),
        timeout_keep_alive=int(LONGEST[Phase.KEPT]),
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        lifespan="on",
        ws="none",
    )


def bind(host: str, port: int) -> socket.socket:
    """Reserve the address. Connections are refused until `listen`. Raises SettingsError if the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, UnicodeError) as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    return listener


def listen(listener: socket.socket) -> None:
    """Accept connections. Raises SettingsError if another process, bound at the same moment, listens already."""
    try:
        listener.listen(BACKLOG)
    except OSError as error:
        host, port = listener.getsockname()[:2]
        listener.close()
        raise _cannot_listen(host, port, error) from None


def _cannot_listen(host: str, port: int, error: Exception) -> SettingsError:
    number = getattr(error, "errno", None)
    variable = "MONITOR_PORT" if number in (errno.EADDRINUSE, errno.EACCES) else "MONITOR_HOST"
    return SettingsError(f"{variable}: can't listen on {host}:{port}: {getattr(error, 'strerror', None) or error}")
