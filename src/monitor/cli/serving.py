"""One serving process: HTTP and background work, started and stopped together."""

import asyncio
import errno
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType

import structlog
import uvicorn

from monitor.adapters.http.app import HttpApplication
from monitor.adapters.http.edge.guarded_protocol import LONGEST, Phase, http_protocol
from monitor.adapters.http.operations.health import OwnDoor
from monitor.application.notifications.delivery import Way
from monitor.application.notifications.dispatcher import Dispatcher
from monitor.asgi import build
from monitor.cli import heap
from monitor.cli.descriptors import most_connections, raise_limit
from monitor.container import Container
from monitor.domain.errors import MonitorError
from monitor.settings import SettingsError
from monitor.worker import Worker, deliveries, delivery_failed, hearing_jobs, history_jobs, jobs, life_jobs

log = structlog.get_logger()

PATIENCE = 3.0
"""Seconds at a shutdown in which a client may finish sending its request."""
LONGEST_STOP = 8.0
"""Seconds for requests in flight at a shutdown; then the process ends whatever still hangs. Docker and others kill what
takes ten."""
BACKLOG = 2048
GIVE_BACK = 5.0
"""Seconds after which what a burst left behind goes back to the system."""


class Server(uvicorn.Server):
    """Stops in time: live streams end at once, and nobody who never finishes sending is waited for."""

    def __init__(
        self,
        config: uvicorn.Config,
        application: HttpApplication,
        on_started: Callable[[], None],
        on_stopping: Callable[[], None],
    ) -> None:
        """*on_stopping*: called while it still listens."""
        super().__init__(config)
        self._application = application
        self._on_started = on_started
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stopping()
        asyncio.get_running_loop().call_later(PATIENCE, self._hang_up_on_slow_senders)
        await super().shutdown(sockets=sockets)

    def _hang_up_on_slow_senders(self) -> None:
        for connection in list(self.server_state.connections):
            request = getattr(connection, "cycle", None)
            if request is not None and request.more_body:
                connection.transport.abort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Not uvicorn's own, which remembers the signal and dies of it after an orderly shutdown."""
        if self.should_exit:
            self.force_exit = self.force_exit or sig == signal.SIGINT
            return
        self.should_exit = True
        self._application.hub.end_streams_soon()
        last_resort = threading.Timer(LONGEST_STOP, _give_up)
        last_resort.daemon = True
        last_resort.start()


def _give_up() -> None:
    """A database that hangs keeps threads that nothing can end. Nothing that was acknowledged is lost with them."""
    log.warning("stopped without waiting for the database any longer")
    sys.stdout.flush()
    os._exit(0)


def bind(host: str, port: int) -> socket.socket:
    """Nobody else gets that address from now on; connections are refused until it listens.

    Raises SettingsError where it can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, UnicodeError) as error:
        listener.close()
        raise _not_ours(host, port, error) from None
    return listener


def _listen(listener: socket.socket) -> None:
    """Raises SettingsError where another process, bound at the same moment, was first to listen."""
    try:
        listener.listen(BACKLOG)
    except OSError as error:
        host, port = listener.getsockname()[:2]
        listener.close()
        raise _not_ours(host, port, error) from None


def _not_ours(host: str, port: int, error: Exception) -> SettingsError:
    number = getattr(error, "errno", None)
    variable = "MONITOR_PORT" if number in (errno.EADDRINUSE, errno.EACCES) else "MONITOR_HOST"
    return SettingsError(f"{variable}: can't listen on {host}:{port}: {getattr(error, 'strerror', None) or error}")


def serve(container: Container, listener: socket.socket, on_started: Callable[[], None]) -> None:
    """Until SIGTERM or SIGINT; requests in flight are then finished, within ten seconds. Raises SettingsError."""
    application = build(container)
    application.connections.most = most_connections(raise_limit())
    config = _config(application)
    dispatchers = [Dispatcher(container.deliver_notifications(), delivery_failed, way) for way in Way]
    life = Worker(life_jobs(container))
    workers = [
        Worker([*jobs(container), ("give memory back", GIVE_BACK, heap.give_back)]),
        Worker(history_jobs(container)),
        Worker(hearing_jobs(container, OwnDoor(listener).knock)),
        *(Worker(deliveries(dispatcher)) for dispatcher in dispatchers),
    ]

    def started() -> None:
        sys.path_importer_cache.clear()  # Lists of all files beside those that were loaded.
        gc.freeze()  # What was loaded stays: no collection has to look at it again.
        gc.enable()
        for worker in (life, *workers):
            worker.start()
        on_started()

    async def run() -> None:
        # Sized like the database pool: more would only wait there.
        pool = ThreadPoolExecutor(container.settings().threads, thread_name_prefix="request")
        asyncio.get_running_loop().set_default_executor(pool)
        await Server(config, application, started, container.prove_hearing().end).serve(sockets=[listener])

    container.fleet().refresh()
    _listen(listener)
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(run())
    finally:
        _close(container, workers, dispatchers, life)


def _config(application: HttpApplication) -> uvicorn.Config:
    return uvicorn.Config(
        application.asgi,
        http=http_protocol(application.connections),
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


def _close(container: Container, workers: Sequence[Worker], dispatchers: Sequence[Dispatcher], life: Worker) -> None:
    for worker in workers:
        worker.stop()
    for dispatcher in dispatchers:
        dispatcher.close()
    life.stop()  # not earlier: others would take for abandoned what was still being sent
    container.backtests().close()
    write_refusals = partial(container.refusals(), all_of_them=True)
    leave = (container.keep_in_step().leave, container.watch_processes().leave)
    for last in (container.save_key_use(), write_refusals, *leave):
        _try(last)
    container.store().close()


def _try(last: Callable[[], object]) -> None:
    try:
        last()
    except MonitorError as error:  # neither when keys were last used nor a farewell is worth a failed stop
        log.warning("left undone at the stop", error=repr(error))
