"""The settings of the environment. A wrong value prevents the start, with one line that names the variable."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from monitor.adapters.http.edge.client_address import Network
from monitor.adapters.notify.mail import SmtpServer, server_of
from monitor.adapters.oidc.client import OidcClient
from monitor.adapters.security.cipher import parsed_keys
from monitor.adapters.victoria.address import VictoriaAddress, parsed_address
from monitor.domain.accounts.identities import SignOnRules
from monitor.domain.accounts.limits import UNLIMITED, USUAL, Quota, Quotas
from monitor.domain.alerts.offline import DEFAULT_OFFLINE_AFTER
from monitor.domain.notifications.mail_settings import PORTS, MailSettings
from monitor.settings.database import data_dir, database, default_durable_after
from monitor.settings.environment import (
    Environment,
    SettingsError,
    absolute_path,
    durable_after,
    first_password,
    host_name,
    host_names,
    keys_in_file,
    limit,
    mailbox,
    networks,
    port_number,
    proxies,
    request_address,
    schedule,
    seconds,
    secret,
    token_in_file,
    web_address,
    yes_or_no,
)
from monitor.settings.single_sign_on import sign_on_rules, single_sign_on, takes_passwords

__all__ = ["Settings", "SettingsError", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a process. Its repr shows no secret.

    *database_variable*: the variable that chose the database. *threads*: the number of requests that may use the
    database at once. *allows_default_password*: the documented first password need not be changed (`monitor up` on
    loopback). *watches_itself*: see decision 76. *slow_after*: a statement or request that takes longer is logged.
    """

    database_url: str = field(repr=False)
    data_dir: Path
    database_variable: str = "MONITOR_DATA_DIR"
    host: str = "127.0.0.1"
    port: int = 8000
    jwt_secret: str | None = field(default=None, repr=False)
    secrets_keys: tuple[bytes, ...] = field(default=(), repr=False)
    admin_password: str | None = field(default=None, repr=False)
    base_url: str | None = None
    heartbeat_url: str | None = field(default=None, repr=False)
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    connections_per_address: int = 100
    offline_after: timedelta = DEFAULT_OFFLINE_AFTER
    durable_after: timedelta = timedelta(0)
    smtp_settings: MailSettings = field(default_factory=MailSettings)
    history: VictoriaAddress | None = None
    backup_dir: Path | None = None
    backup_at: str = "0 2 * * *"
    backup_keep: int = 7
    oidc: OidcClient | None = None
    sign_on_rules: SignOnRules = field(default_factory=SignOnRules)
    takes_passwords: bool = True
    allowed_destinations: tuple[Network, ...] = ()
    quotas: Quotas = UNLIMITED
    threads: int = 12
    allows_default_password: bool = False
    watches_itself: bool = True
    slow_after: timedelta = timedelta(seconds=1)

    @property
    def mail(self) -> MailSettings:
        """What the environment says of mail, and of the address in mails."""
        return replace(self.smtp_settings, base_url=self.base_url)

    @property
    def smtp(self) -> SmtpServer | None:
        return server_of(self.mail)


def load(environ: Mapping[str, str] = os.environ, **given: object) -> Settings:
    """Read the settings. *given* host, port and data_dir override those of the environment unless None.

    Raises SettingsError.
    """
    env = Environment(environ)
    directory = data_dir(env, given.get("data_dir"))
    port = env.parsed("MONITOR_PORT", port_number, 8000)
    database_variable, database_url = database(env, directory)
    base_url = env.parsed("MONITOR_BASE_URL", web_address, None)
    oidc = single_sign_on(env, base_url)
    return Settings(
        database_url=database_url,
        data_dir=directory,
        database_variable=database_variable,
        host=str(given.get("host") or env.text("MONITOR_HOST") or "127.0.0.1"),
        port=int(str(given.get("port") or port)),
        jwt_secret=env.parsed("JWT_SECRET_KEY", secret, None),
        secrets_keys=_secrets_keys(env),
        admin_password=env.exactly("MONITOR_ADMIN_PASSWORD", first_password),
        base_url=base_url,
        heartbeat_url=env.parsed("MONITOR_HEARTBEAT_URL", request_address, None),
        allowed_hosts=env.parsed("MONITOR_ALLOWED_HOSTS", host_names, ()),
        trusted_proxies=env.parsed("MONITOR_TRUSTED_PROXIES", proxies, ()),
        connections_per_address=env.parsed("MONITOR_CONNECTIONS_PER_ADDRESS", limit, 100),
        offline_after=env.parsed("MONITOR_OFFLINE_AFTER", seconds, DEFAULT_OFFLINE_AFTER),
        durable_after=env.parsed("MONITOR_DURABLE_AFTER", durable_after, default_durable_after(database_url)),
        smtp_settings=_smtp(env),
        history=history_at(env),
        backup_dir=env.parsed("MONITOR_BACKUP_DIR", absolute_path, None),
        backup_at=env.parsed("MONITOR_BACKUP_AT", schedule, "0 2 * * *"),
        backup_keep=env.parsed("MONITOR_BACKUP_KEEP", limit, 7),
        oidc=oidc,
        sign_on_rules=sign_on_rules(env),
        takes_passwords=takes_passwords(env, oidc),
        allowed_destinations=env.parsed("MONITOR_ALLOWED_DESTINATIONS", networks, ()),
        quotas=_quotas(env),
        watches_itself=env.parsed("MONITOR_WATCHES_ITSELF", yes_or_no, True),
        slow_after=env.parsed("MONITOR_SLOW_AFTER", seconds, timedelta(seconds=1)),
    )


def _quotas(env: Environment) -> Quotas:
    return Quotas(**{what.value: env.parsed(f"MONITOR_MAX_{what.name}", limit, USUAL.limit(what)) for what in Quota})


def _secrets_keys(env: Environment) -> tuple[bytes, ...]:
    keys = env.exactly("MONITOR_SECRETS_KEY", parsed_keys)
    in_file = env.exactly("MONITOR_SECRETS_KEY_FILE", keys_in_file)
    if keys is not None and in_file is not None:
        raise SettingsError("MONITOR_SECRETS_KEY_FILE: not together with MONITOR_SECRETS_KEY")
    return keys or in_file or ()


def history_at(env: Environment, address: VictoriaAddress | None = None) -> VictoriaAddress | None:
    """Return where the archive is: at *address*, or else as HISTORY_URL says. Raises SettingsError."""
    found = address or env.parsed("HISTORY_URL", parsed_address, None)
    token = env.parsed("HISTORY_TOKEN_FILE", token_in_file, None)
    if found is None or token is None:
        return found
    if found.has_password:
        raise SettingsError("HISTORY_TOKEN_FILE: not together with a password in HISTORY_URL")
    return replace(found, token=token)


def _smtp(env: Environment) -> MailSettings:
    """Without SMTP_HOST a user name and a password do not count: they are for no server that is known here."""
    found = MailSettings(
        host=env.parsed("SMTP_HOST", host_name, None),
        port=env.parsed("SMTP_PORT", port_number, None),
        security=env.parsed("SMTP_SECURITY", _security, None),
        username=env.text("SMTP_USER"),
        password=env.text("SMTP_PASS"),
        sender=env.parsed("SMTP_FROM", mailbox, None),
    )
    if found.host is None:
        return replace(found, username=None, password=None)
    if found.password is not None and found.username is None:
        raise SettingsError("SMTP_USER: required with SMTP_PASS")
    if found.used_sender is None:
        raise SettingsError("SMTP_FROM: required where SMTP_USER is no e-mail address")
    return found


def _security(text: str) -> str:
    if text not in PORTS:
        raise ValueError(f"must be starttls, tls or none, not {text!r}")
    return text
