"""The core over a database and a real mail server, on a clock that moves only by command."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor.adapters.memory.fakes import FixedClock, InsecurePasswordHasher, MemorySender
from monitor.adapters.notify.mail import SmtpServer
from monitor.adapters.notify.mail.channel import TeamMailSender
from monitor.adapters.notify.mail.smtp import SmtpMailer
from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.adapters.persistence.store import SqlStore
from monitor.application.accounts.users import CreateUser, EnsureFirstAdmin
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline
from monitor.application.alerts.ports import AlertFilter
from monitor.application.checks.missed import DetectMissed
from monitor.application.fleet.servers import CreateServer
from monitor.application.intake.store_samples import Outcome, StoreSamples
from monitor.application.notifications.channels import ManageChannels
from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.application.notifications.dispatcher import Dispatcher
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.notifications.sender_ports import ChannelSender, Mailer
from monitor.application.operations.peers import ExchangePeerUpdates, FollowAlerts
from monitor.application.policies.policies import EnsureDefaultPolicies, UpdatePolicy
from monitor.assembly import over
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.alerts.alert import Alert, AlertState
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.notifications.outbox import DeliveryState, Notification
from monitor.domain.policies.policies import OFFLINE
from monitor.settings import Settings
from tests.integration.alerts.mail_server import SENDER

INTERVAL = timedelta(seconds=15)
BASE_URL = "https://monitor.example.com"


class Core:
    """The parts of one process: its own connections, fleet and alerting. Several may use one database."""

    def __init__(self, url: str, clock: FixedClock, smtp_port: int = 0) -> None:
        self.clock = clock
        mailer: Mailer = SmtpMailer(
            SmtpServer(host="127.0.0.1", port=smtp_port or 1, sender=SENDER, security="none", timeout=10.0), total=20.0
        )
        senders: Mapping[ChannelKind, ChannelSender] = {
            ChannelKind("email"): TeamMailSender(mailer),
            ChannelKind("webhook"): MemorySender(WebhookSender.form),
        }
        self.container: Container = over(
            SqlStore(url, pool_size=8),
            Settings(database_url="", data_dir=Path(), base_url=BASE_URL),
            "a secret that signs this test's tokens",
            clock=clock,
            hasher=InsecurePasswordHasher(),
            mailer=mailer,
            senders=dict(senders),
        )
        self.container.get(EnsureFirstAdmin)("correct horse battery staple")
        self.container.get(EnsureDefaultPolicies)()
        self.fleet = self.container.fleet
        self.fleet.refresh()
        self.container.shared.started_at()
        self._store = self.container.get(StoreSamples)
        self.detect_offline = self.container.get(DetectOffline)
        self._detect_missed = self.container.get(DetectMissed)
        self._exchange_peer_updates = self.container.get(ExchangePeerUpdates)
        self._follow_alerts = self.container.get(FollowAlerts)
        self._maintenance = self.container.get(AlertMaintenance)
        self._errors: list[Exception] = []
        self._dispatchers = self._new_dispatchers()
        with self.container.uow() as uow:
            admin = uow.users.by_username("admin")
        assert admin is not None
        self.admin = Actor(user_id=admin.id, username=admin.username, role=Role.ADMIN)

    def close(self) -> None:
        for dispatcher in self._dispatchers:
            dispatcher.close()
        self.container.store.close()
        assert [] == self._errors

    def _new_dispatchers(self) -> list[Dispatcher]:
        return [
            Dispatcher(self.container.get(DeliverNotifications), self._errors.append, transport)
            for transport in Transport
        ]

    def person(self, name: str) -> UserId:
        user = self.container.get(CreateUser)(
            self.admin, username=name, password="correct horse", role=Role.USER, email=f"{name}@example.com"
        )
        return user.id

    def server(self, number: int, people: Sequence[UserId], name: str = "") -> ServerId:
        address = f"10.0.{number // 250}.{number % 250 + 1}"
        made = self.container.get(CreateServer)(
            self.admin, name=name or f"host-{number}", ip_address=address, user_ids=people
        )
        return made.id

    def team(self, address: str) -> Channel:
        channel = Channel(
            name=address, kind=ChannelKind("email"), settings={"address": address}, created_at=self.clock.now()
        )
        return self.container.get(ManageChannels).create(self.admin, channel)

    def quick_policies(self) -> None:
        """All but the offline policy fire and resolve at once."""
        self.fleet.refresh()
        for policy in self.fleet.directory.rules.policies.all:
            if policy.metric != OFFLINE:
                now = timedelta(0)
                self.container.get(UpdatePolicy)(self.admin, policy.id, sustained_for=now, clear_for=now)

    def expect_no_reports(self) -> None:
        """Silent hosts are no alert."""
        self.fleet.refresh()
        offline = next(policy for policy in self.fleet.directory.rules.policies.all if policy.metric == OFFLINE)
        self.container.get(UpdatePolicy)(self.admin, offline.id, enabled=False)

    def report(
        self, *server_ids: ServerId, cpu: float = 20.0, at: datetime | None = None, interval: float | None = 15.0
    ) -> list[Outcome]:
        """A sample of each, of now."""
        self.fleet.refresh()
        now = self.clock.now()
        return self._store(
            [Sample(server_id, at or now, now, cpu, 20.0, 20.0, interval=interval) for server_id in server_ids]
        )

    def background(self) -> None:
        """Run the periodic work of a serving process, without sending."""
        self.fleet.poll()
        self._exchange_peer_updates()
        self._follow_alerts()
        self.detect_offline()
        self._detect_missed()
        self._maintenance()

    def send(self) -> None:
        """Send what is due over several connections, and return when all is done."""
        while sum(dispatcher.round() for dispatcher in self._dispatchers):
            pass
        for dispatcher in self._dispatchers:
            dispatcher.close()
        self._dispatchers = self._new_dispatchers()

    def pass_time(self, span: timedelta, step: timedelta = timedelta(seconds=5)) -> None:
        """Let time pass, with all background work of a serving process."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            self.clock.advance(min(step, end - self.clock.now()))
            self.background()
            self.send()

    def alerts(self, state: AlertState | None = None) -> list[Alert]:
        found = self.container.queries.alerts.newest(self.admin, AlertFilter(state=state, limit=1000))
        return [shown.alert for shown in found]

    def outbox(self, delivery: DeliveryState | None = None) -> list[Notification]:
        wanted = replace(NotificationFilter(limit=1000), delivery=delivery)
        return list(self.container.queries.notifications.newest(self.admin, wanted))


@contextmanager
def core(url: str, clock: FixedClock, smtp_port: int = 0) -> Iterator[Core]:
    made = Core(url, clock, smtp_port)
    try:
        yield made
    finally:
        made.close()
