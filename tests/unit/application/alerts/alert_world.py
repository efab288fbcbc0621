"""The whole product in memory on virtual time: agents report, background work runs, mails are read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.adapters.memory.fakes import (
    CountedSecrets,
    FixedClock,
    InsecurePasswordHasher,
    MemoryMailer,
    MemorySender,
)
from monitor.adapters.memory.store import MemoryStore
from monitor.adapters.notify.apprise.channel import AppriseSender
from monitor.adapters.notify.mail.channel import TeamMailSender
from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.application.alerts.handing_over import HandOverRotas
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline
from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.servers import CreateServer
from monitor.application.incidents.grouping import GroupAlerts
from monitor.application.intake.store_samples import Outcome, StoreSamples
from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.notifications.sender_ports import Message
from monitor.application.operations.ports import Store, UnitOfWork
from monitor.assembly import over
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, TimelineEntry
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import ChannelKind
from monitor.domain.notifications.outbox import Notification
from monitor.settings import Settings

START = datetime(2030, 1, 1, 12, tzinfo=UTC)  # a Tuesday
ROOT = Actor(user_id=UserId(0), username="(the tests)", role=Role.ADMIN)
_FORMS = (TeamMailSender.form, WebhookSender.form, AppriseSender.form)
_ALL = 1_000_000
SETTINGS = Settings(database_url="", data_dir=Path(), base_url="https://monitor.example.com")


@dataclass(slots=True, kw_only=True)
class World:
    """*store* and *mailer* outlive a restart; everything else of a process does not. *is_grouping*: False: no alert
    has an incident."""

    store: MemoryStore = field(default_factory=MemoryStore)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    senders: dict[ChannelKind, MemorySender] = field(
        default_factory=lambda: {form.kind: MemorySender(form) for form in _FORMS}
    )
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))
    secrets: CountedSecrets = field(default_factory=CountedSecrets)
    is_grouping: bool = True
    opened: Store | None = None
    """What processes are given as their store, where that is not simply *store*."""
    process: Container = field(init=False)
    store_samples: StoreSamples = field(init=False)
    delivery: DeliverNotifications = field(init=False)
    _jobs: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Start a new process on the same store."""
        self.process = over(
            self.opened or self.store,
            SETTINGS,
            "s" * 32,
            clock=self.clock,
            secrets=self.secrets,
            hasher=InsecurePasswordHasher(),
            mailer=self.mailer,
            senders=self.senders,
        )
        self.process.fleet.refresh()
        self.process.shared.started_at()
        self.store_samples = self.process.get(StoreSamples)
        self.delivery = self.process.get(DeliverNotifications)
        self._jobs = [
            self.process.fleet.refresh,
            self.process.get(DetectOffline),
            *([self.process.get(GroupAlerts)] if self.is_grouping else []),
            self.process.get(AlertMaintenance),
            self.process.get(HandOverRotas),
            self.deliver,
        ]

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def since_start(self) -> timedelta:
        return self.now - START

    def background(self) -> None:
        """Run each periodic job once."""
        for job in self._jobs:
            job()

    def deliver(self) -> None:
        for transport in Transport:
            while deliveries := self.delivery.claim(transport):
                self.delivery.deliver(deliveries)

    def let_pass(self, seconds: float, every: float = 1.0) -> None:
        """Time goes by, with its background work."""
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:
            self.clock.advance(min(timedelta(seconds=every), until - self.now))
            self.background()

    def report(self, server_id: ServerId, cpu: float = 10.0, **more: Any) -> list[Outcome]:
        return self.store_samples([self.sample(server_id, cpu, **more)])

    def sample(self, server_id: ServerId, cpu: float = 10.0, *, at: datetime | None = None, **more: Any) -> Sample:
        """Recorded *at* (now where that is not said), received now."""
        values: dict[str, Any] = {"memory": 10.0, "disk": 10.0, "interval": 15.0} | more
        return Sample(server_id=server_id, recorded_at=at or self.now, received_at=self.now, cpu=cpu, **values)

    def person(self, username: str, email: str | None = None, level: Level = Level.WARNING) -> User:
        with self.new_uow() as uow:
            user = uow.users.add(
                User(
                    username=username,
                    password_hash="",
                    role=Role.USER,
                    created_at=self.now,
                    token_version=1,
                    email=email,
                    alert_level=level,
                    locale="en",
                )
            )
            uow.commit()
        return user

    def server(self, name: str, ip_address: str, people: Iterable[User] = (), tags: Iterable[str] = ()) -> Server:
        server = self.process.get(CreateServer)(
            ROOT, name=name, ip_address=ip_address, user_ids=[user.id for user in people], tags=list(tags)
        )
        self.process.fleet.refresh()
        return server

    def new_uow(self) -> UnitOfWork:
        return self.store.unit_of_work(self.process.fleet.mark_stale)

    def alerts(self) -> list[Alert]:
        """In id order."""
        newest = self.store.queries.alerts.newest(ROOT, AlertFilter(limit=_ALL))
        return [shown.alert for shown in reversed(newest)]

    def timeline(self, alert: Alert) -> list[TimelineEntry]:
        return self.store.queries.alerts.get(ROOT, alert.id)[1]

    def outbox(self) -> list[Notification]:
        """In id order."""
        return self.store.queries.notifications.newest(ROOT, NotificationFilter(limit=_ALL))[::-1]

    def mails(self) -> list[tuple[str, Message]]:
        """(address, or a channel's name; what was sent), people first."""
        channels = [(channel.name, message) for sender in self.senders.values() for channel, message in sender.sent]
        return [*self.mailer.sent, *channels]
