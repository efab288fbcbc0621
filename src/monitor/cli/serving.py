"""One serving process: HTTP and background work, started and stopped in order."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version

import click
import structlog

from monitor.adapters.http.operations.living import OwnDoor
from monitor.application.accounts.factors import EncryptFactors
from monitor.application.accounts.personal_tokens import TokenUses
from monitor.application.accounts.recording import Refusals
from monitor.application.intake.hearing import ProveHearing
from monitor.application.intake.queue import IntakeQueue
from monitor.application.notifications.channels import EncryptSecrets
from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.application.notifications.dispatcher import Dispatcher
from monitor.application.operations.itself import WatchItself
from monitor.application.operations.job_runs import JobRuns
from monitor.application.operations.maintenance import SaveAgents, SaveKeyUse
from monitor.application.operations.peers import ExchangePeerUpdates
from monitor.application.operations.processes import WatchProcesses
from monitor.application.operations.storing import WatchEpoch
from monitor.application.policies.policies import EnsureDefaultPolicies
from monitor.asgi import build
from monitor.cli import cores, process
from monitor.cli.core import ensure_first_admin, opened, operator
from monitor.cli.local_agent import register_this_host, start_agent, stop_agent
from monitor.cli.output import shown_address
from monitor.cli.server import Server, bind, listen
from monitor.container import Container
from monitor.domain.accounts.users import DEFAULT_PASSWORD, DEFAULT_USERNAME
from monitor.domain.errors import MonitorError
from monitor.settings import Settings
from monitor.settings.kept_secrets import prepare_data_dir
from monitor.worker import (
    REMIND_OF_STORING,
    Worker,
    account_mail_jobs,
    archive_jobs,
    backup_jobs,
    check_in_jobs,
    check_jobs,
    deliveries,
    delivery_failed,
    epoch_jobs,
    hearing_jobs,
    heartbeat_jobs,
    history_jobs,
    host_jobs,
    jobs,
    life_jobs,
    start_all,
    storing_jobs,
)

log = structlog.get_logger()

TRIM_PAUSE = 5.0
"""Seconds between two returns of freed memory to the system."""


def run(settings: Settings, *, migrate: bool, with_agent: bool) -> None:
    """Serve until SIGTERM or SIGINT. Raises SettingsError, CommandFailed."""
    process.limit_heap()
    process.configure_logging()
    prepare_data_dir(settings.data_dir)
    listener = bind(settings.host, settings.port)
    with opened(settings, migrate=migrate) as container:
        password = ensure_first_admin(container, default_password=settings.allows_default_password)
        container.get(EnsureDefaultPolicies)()
        container.get(WatchItself)(operator("monitor"))
        _encrypt_secrets(container)
        lines = [f"monitor {version('monitor')} is running at {shown_address(settings)} (Ctrl-C stops it)"]
        lines += _log_in_hint(container, password)
        key = ""
        if with_agent:
            server, key = register_this_host(container)
            lines.append(f"  this host reports as {server.name!r}; data is kept in {settings.data_dir}")

        with ExitStack() as stack:

            def started() -> None:
                if key:  # first: the agent gets the cores that this thread may use, all of them as yet
                    stack.callback(stop_agent, start_agent(key, settings))
                click.echo("\n".join(lines))

            _serve(container, listener, started)


def _encrypt_secrets(container: Container) -> None:
    with container.uow() as uow:
        uow.checks.reencrypt()
        uow.commit()
    if unreadable := container.get(EncryptSecrets)():
        text = "MONITOR_SECRETS_KEY does not read the secrets of these channels: restore the key, or enter them anew"
        log.warning(text, channels=unreadable)
    if unreadable := container.get(EncryptFactors)():
        text = "MONITOR_SECRETS_KEY does not read the second factors of these users: restore the key, or reset them"
        log.warning(text, users=unreadable)


def _log_in_hint(container: Container, new_password: str | None) -> list[str]:
    """Return lines with a random new password, or with the default one as long as it is in use."""
    if new_password not in (None, DEFAULT_PASSWORD):
        return [f"  log in as {DEFAULT_USERNAME} with the password {new_password} (shown only now)"]
    with container.uow() as uow:
        user = uow.users.by_username(DEFAULT_USERNAME)
    if user is None or not user.has_default_password:
        return []
    if container.settings.allows_default_password:
        return [f"  log in as {DEFAULT_USERNAME} with the password {DEFAULT_PASSWORD} (the default: please change it)"]
    return [f"  {DEFAULT_USERNAME} still has the default password, which only lets it be changed"]


def _serve(container: Container, listener: socket.socket, on_started: Callable[[], None]) -> None:
    application = build(container)
    application.connections.most = process.max_connections(process.raise_descriptor_limit())
    dispatchers = [
        Dispatcher(container.get(DeliverNotifications), delivery_failed, transport) for transport in Transport
    ]
    watched = partial(Worker, runs=container.get(JobRuns))
    life = watched(life_jobs(container))
    workers = [
        watched(
            [
                *jobs(container),
                ("trim the heap", TRIM_PAUSE, process.trim_heap),
                ("share a core", cores.PAUSE, partial(cores.share_core, container.get(IntakeQueue))),
            ]
        ),
        watched(history_jobs(container)),
        *(watched([job]) for job in (*archive_jobs(container), *host_jobs(container), *backup_jobs(container))),
        watched(hearing_jobs(container, OwnDoor(listener).knock)),
        watched(epoch_jobs(container)),
        watched(storing_jobs(container), REMIND_OF_STORING),
        watched(check_in_jobs(container)),
        watched(account_mail_jobs(container)),
        watched(check_jobs(container)),
        *(watched(deliveries(dispatcher)) for dispatcher in dispatchers),
        # Not watched: it would wait for itself.
        *(Worker([job], REMIND_OF_STORING) for job in heartbeat_jobs(container)),
    ]

    def started() -> None:
        start_all([life, *workers])
        on_started()

    def loaded() -> None:
        sys.path_importer_cache.clear()  # frees the lists of files beside the imported modules
        gc.freeze()  # collections need not look at loaded modules
        gc.enable()

    server = Server(application, on_started=started, on_loaded=loaded, on_stopping=container.get(ProveHearing).end)

    async def serve() -> None:
        # As large as the database pool: more threads would only wait for a connection.
        pool = ThreadPoolExecutor(container.settings.threads, thread_name_prefix="request")
        asyncio.get_running_loop().set_default_executor(pool)
        await server.serve(sockets=[listener])
        if server.failure is not None:
            raise server.failure

    container.fleet.refresh()
    _try(container.get(WatchEpoch))
    listen(listener)
    # The first report on this process, which names it, needs a heartbeat.
    _try(container.get(WatchProcesses))
    try:
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(serve())
    finally:
        _close(container, workers, dispatchers, life)


def _close(container: Container, workers: Sequence[Worker], dispatchers: Sequence[Dispatcher], life: Worker) -> None:
    # Imported here, since these are parts of the API, which is loaded late.
    from monitor.application.configuration.planning import Plans
    from monitor.application.hindsight.backtest import Backtests

    for worker in workers:
        worker.stop()
    for dispatcher in dispatchers:
        dispatcher.close()
    life.stop()  # Last: without its heartbeats other processes would send again what is being sent here.
    container.get(Backtests).close()
    container.get(Plans).close()
    write_refusals = partial(container.get(Refusals), all_of_them=True)
    save_token_uses = partial(container.get(TokenUses), all_of_them=True)
    leave = container.get(ExchangePeerUpdates).leave, container.get(WatchProcesses).leave
    for last in (container.get(SaveKeyUse), container.get(SaveAgents), save_token_uses, write_refusals, *leave):
        _try(last)


def _try(last: Callable[[], object]) -> None:
    try:
        last()
    except MonitorError as error:  # nothing here is worth a failed start or stop
        log.warning("left undone", error=repr(error))
