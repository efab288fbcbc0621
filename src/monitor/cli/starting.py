"""What a start of the server does, in order."""

from importlib.metadata import version

import click
import structlog

from monitor.cli import heap
from monitor.cli.failures import database_of
from monitor.cli.first_run import ensure_first_admin, jwt_secret, prepare_data_dir, secrets_cipher
from monitor.cli.local_agent import LocalAgent, register_this_host
from monitor.cli.log_lines import configure_logging
from monitor.cli.schema import ensure_schema, migrate_apart
from monitor.cli.serving import bind, serve
from monitor.container import Container, on_sql
from monitor.domain.accounts.users import DEFAULT_PASSWORD, DEFAULT_USERNAME
from monitor.settings import Settings

log = structlog.get_logger()


def run(settings: Settings, *, migrate: bool, with_agent: bool) -> None:
    """Until it is told to stop. Raises SettingsError, CommandFailed."""
    heap.prepare()
    configure_logging()
    prepare_data_dir(settings.data_dir)
    listener = bind(settings.host, settings.port)
    with database_of(settings):
        if migrate:
            migrate_apart(settings)
        ensure_schema(settings.database_url)
        container = on_sql(settings, jwt_secret(settings), secrets_cipher(settings))
        password = ensure_first_admin(container, default_password=settings.default_password_opens_all)
        container.ensure_default_policies()()
        _encrypt_secrets(container)
        lines = [f"monitor {version('monitor')} is running at {_shown_address(settings)} (Ctrl-C stops it)"]
        lines += _log_in_hint(container, password)
        agent: LocalAgent | None = None
        if with_agent:
            server, key = register_this_host(container)
            agent = LocalAgent(key, settings)
            lines.append(f"  this host reports as {server.name!r}; data is kept in {settings.data_dir}")

        def started() -> None:
            click.echo("\n".join(lines))
            if agent is not None:
                agent.start()

        try:
            serve(container, listener, started)
        finally:
            if agent is not None:
                agent.stop()


def _encrypt_secrets(container: Container) -> None:
    if unreadable := container.encrypt_secrets()():
        text = "MONITOR_SECRETS_KEY does not read the secrets of these channels: restore the key, or enter them anew"
        log.warning(text, channels=unreadable)


def _shown_address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.base_url or f"http://{host}:{settings.port}"


def _log_in_hint(container: Container, new_password: str | None) -> list[str]:
    """A password that was made up, shown this once; and the default one for as long as it is in use."""
    if new_password not in (None, DEFAULT_PASSWORD):
        return [f"  log in as {DEFAULT_USERNAME} with the password {new_password} (shown only now)"]
    with container.uow() as uow:
        user = uow.users.by_username(DEFAULT_USERNAME)
    if user is None or not user.has_default_password:
        return []
    if container.settings().default_password_opens_all:
        return [f"  log in as {DEFAULT_USERNAME} with the password {DEFAULT_PASSWORD} (the default: please change it)"]
    return [f"  {DEFAULT_USERNAME} still has the default password, which only lets it be changed"]
