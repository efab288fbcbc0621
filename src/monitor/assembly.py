"""Make containers on a database or in memory, with the adapters that the settings choose."""

import secrets as randomness
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from monitor.adapters.cron import CronSchedules
from monitor.adapters.security.passwords import Argon2PasswordHasher
from monitor.adapters.system import SystemClock, SystemSecrets
from monitor.adapters.victoria.address import VictoriaAddress
from monitor.application.accounts.credentials import NO_PROVIDER, IdentityProvider
from monitor.application.checks.ports import Prober, Trial
from monitor.application.configuration.current import ConfigurationFormat, Written
from monitor.application.history.blocks import NO_ARCHIVE, Archive
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.notifications.sender_ports import ChannelSender, Mailer
from monitor.application.operations.itself import CheckItself
from monitor.application.operations.ports import Store
from monitor.application.ports import Cipher, Clock
from monitor.container import Container
from monitor.domain.checks.checks import Check, Result
from monitor.domain.checks.kinds import MONITOR
from monitor.domain.configuration.configuration import Path
from monitor.domain.configuration.values import Plain
from monitor.domain.notifications.channels import ChannelKind
from monitor.settings import Settings

Around = Callable[[Store], Store]
Senders = Mapping[ChannelKind, ChannelSender]
NO_SENDERS: Senders = MappingProxyType({})


def _itself(store: Store) -> Store:
    return store


def over(store: Store, settings: Settings, jwt_secret: str, **given: Any) -> Container:
    """Return a container with the system's clock and randomness and a real hasher; *given* replaces parts by name."""
    parts: dict[str, Any] = {"clock": SystemClock(), "secrets": SystemSecrets(), "hasher": Argon2PasswordHasher()}
    parts |= {"quotas": settings.quotas, "identity_provider": NO_PROVIDER}
    prober = LateProber(settings, lambda: container.get(CheckItself))
    parts |= {"prober": prober, "schedules": CronSchedules(), "configuration_format": LateYaml()}
    container = Container(settings=settings, store=store, jwt_secret=jwt_secret, **(parts | given))
    return container


class LateProber(Prober):
    """Loads the probes with the first check that needs one, since TLS takes 5 MB. Only a server needs them."""

    def __init__(self, settings: Settings, find_own: Callable[[], CheckItself]) -> None:
        self._settings = settings
        self._find_own = find_own

    def __call__(self, check: Check, now: datetime) -> Result:
        return self._find_own()(now) if check.kind is MONITOR else self._prober(check, now)

    def attempt(self, check: Check, now: datetime) -> Trial:
        return Trial(self(check, now)) if check.kind is MONITOR else self._prober.attempt(check, now)

    def verify(self, check: Check) -> None:
        self._prober.verify(check)

    @cached_property
    def _prober(self) -> Prober:
        from monitor.adapters.checks.kinds import GuardedProber
        from monitor.adapters.outbound.connections import Outbound
        from monitor.adapters.outbound.destinations import Destinations

        return GuardedProber(Outbound(destinations=Destinations(self._settings.allowed_destinations)))


class LateYaml(ConfigurationFormat):
    """Loads YAML when a configuration is first read or written; most processes never do."""

    def read(self, text: str) -> Plain:
        return self._yaml.read(text)

    def lines(self, text: str, paths: Collection[Path]) -> Mapping[Path, int]:
        return self._yaml.lines(text, paths)

    def write(self, written: Written) -> str:
        return self._yaml.write(written)

    @cached_property
    def _yaml(self) -> ConfigurationFormat:
        from monitor.adapters.yaml_files import YamlFiles

        return YamlFiles()


def senders(settings: Settings, mails: Mailer, clock: Clock, jwt_secret: str) -> dict[ChannelKind, ChannelSender]:
    """Return those of all kinds of channels, and of pushes to browsers."""
    # Imported here: a command that sends nothing need not load them.
    from email.utils import parseaddr

    from monitor.adapters.notify import kinds
    from monitor.adapters.notify.web_push.channel import WebPushSender
    from monitor.adapters.notify.web_push.vapid import DerivedPushKeys
    from monitor.adapters.outbound.connections import Outbound
    from monitor.adapters.outbound.destinations import Destinations

    outbound = Outbound(destinations=Destinations(settings.allowed_destinations))
    mailbox = None if settings.smtp is None else f"mailto:{parseaddr(settings.smtp.sender)[1]}"
    push = WebPushSender(outbound, clock, DerivedPushKeys(jwt_secret), settings.base_url or mailbox)
    return kinds.senders(kinds.Tools(mailer=mails, outbound=outbound, clock=clock)) | {push.form.kind: push}


def archive_at(address: VictoriaAddress | None) -> Archive:
    if address is None:
        return NO_ARCHIVE
    # Imported here: httpx takes 12 MB, which most installations do not need.
    from monitor.adapters.victoria.archive import VictoriaArchive
    from monitor.adapters.victoria.client import Client

    return VictoriaArchive(Client(address), address.shown)


def identity_provider(settings: Settings, clock: Clock) -> IdentityProvider:
    if settings.oidc is None:
        return NO_PROVIDER
    from monitor.adapters.oidc.provider import OidcProvider  # likewise

    return OidcProvider(settings.oidc, clock)


def on_sql(
    settings: Settings,
    jwt_secret: str,
    cipher: Cipher,
    around: Around = _itself,
    more: Senders = NO_SENDERS,
    **given: Any,
) -> Container:
    """*around*: returns the store that is used in place of the database's. *more*: further kinds of channels."""
    # Imported here: a program that embeds the core without a database need not load SQLAlchemy.
    from monitor.adapters.notify.mail.following import FollowingMailer
    from monitor.adapters.persistence.store import SqlStore

    clock = given.get("clock") or SystemClock()
    mails = FollowingMailer(lambda: container.get(MailInForce), settings.allowed_destinations)
    parts = {
        "clock": clock,
        "mailer": mails,
        "senders": senders(settings, mails, clock, jwt_secret) | dict(more),
        "identity_provider": identity_provider(settings, clock),
    }
    store = SqlStore(
        settings.database_url, pool_size=settings.threads + 4, cipher=cipher, archive=archive_at(settings.history)
    )
    store.log_slow_statements(settings.slow_after.total_seconds())
    container = over(around(store), settings, jwt_secret, **(parts | given))
    return container


def in_memory(settings: Settings, around: Around = _itself, more: Senders = NO_SENDERS, **given: Any) -> Container:
    """Return a container that keeps everything in memory, to embed or to test with."""
    # Imported here: a server need not load them.
    from monitor.adapters.memory.fakes import MemoryMailer, MemorySender
    from monitor.adapters.memory.store import MemoryStore

    mails, secret = MemoryMailer(), randomness.token_urlsafe()
    every = senders(settings, mails, SystemClock(), secret)
    kept: dict[ChannelKind, ChannelSender] = {kind: MemorySender(sender.form) for kind, sender in every.items()}
    return over(around(MemoryStore()), settings, secret, **({"mailer": mails, "senders": kept | dict(more)} | given))
