"""One serving process: HTTP and background work, started and stopped together."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import structlog
import uvicorn

from monitor.adapters.http.app import HttpApplication
from monitor.asgi import build
from monitor.container import Container
from monitor.settings import SettingsError
from monitor.worker import Worker, jobs

KEEP_ALIVE = 75
"""Seconds; longer than agents pause between samples, or a reused connection would lose one."""
GRACE = 9
"""Seconds for requests in flight at a shutdown."""


class Server(uvicorn.Server):
    """Ends the live streams as soon as a shutdown begins: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, application: HttpApplication, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._application = application
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._application.hub.end_streams_soon()
        super().handle_exit(sig, frame)


def bind(host: str, port: int) -> socket.socket:
    """Raises SettingsError where that address can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(f"can't listen on {host}:{port}: {error.strerror or error}") from None
    listener.set_inheritable(True)
    return listener


def serve(container: Container, listener: socket.socket, on_started: Callable[[], None]) -> None:
    """Until SIGTERM or SIGINT; requests in flight are then finished, within ten seconds."""
    application = build(container)
    worker = Worker(jobs(container))
    config = uvicorn.Config(
        application.asgi,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        lifespan="on",
    )

    def started() -> None:
        worker.start()
        on_started()

    async def run() -> None:
        # Sized like the database pool: more would only wait there.
        pool = ThreadPoolExecutor(container.settings().threads, thread_name_prefix="request")
        asyncio.get_running_loop().set_default_executor(pool)
        await Server(config, application, started).serve(sockets=[listener])

    container.fleet().refresh()
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(run())
    finally:
        worker.stop()
        container.save_key_use()()
        container.store().close()


def configure_logging() -> None:
    """Structured lines on standard error; never a body, a password or a token."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
