"""What people read of a metric with many alerts: little, but soon of what lasts, and the end of all they heard of."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from monitor.application.fleet.batches import ChangeServers
from monitor.application.hindsight.explaining import ExplainAlert
from monitor.application.policies.policies import CreatePolicy, UpdatePolicy
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import AlertState, EventKind
from monitor.domain.alerts.quiet import Notice, Why
from monitor.domain.alerts.reasons import Reason
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, START, World

OK, WARNING, CRITICAL = 10.0, 75.0, 90.0
STEP = timedelta(minutes=5)


@dataclass
class Host:
    """Reports every five minutes; alerts fire and resolve at once. Eve is notified of critical ones only."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        people = [self.world.person("bob", "bob@example.com")]
        people.append(self.world.person("eve", "eve@example.com", Level.CRITICAL))
        self.id = self.world.server("web", "10.0.0.1", people).id
        at_once = timedelta(0)
        policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=at_once, clear_for=at_once)
        self.world.process.get(CreatePolicy)(ROOT, policy)
        self.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE, enabled=False))

    def reports(self, *values: float) -> None:
        for cpu in values:
            self.world.report(self.id, cpu, interval=300.0)
            for _ in range(2):
                self.world.background()
                self.world.clock.advance(STEP / 2)

    def send(self, *measured: tuple[datetime, float]) -> None:
        """As one request that comes now."""
        self.world.store_samples([self.world.sample(self.id, cpu, at=at, interval=300.0) for at, cpu in measured])

    def mails(self, name: str) -> list[tuple[float, EventKind, Level]]:
        """When each was sent, in minutes, and what it says."""
        return [
            ((mail.sent_at - START) / timedelta(minutes=1), item.event_kind, item.level)
            for to, mail in self.world.mailer.sent
            if to == f"{name}@example.com"
            for item in mail.items
        ]


def test_hourly_spikes_for_three_days_are_a_mail_a_day_and_the_plateau_after_them_is_mailed_within_the_hour() -> None:
    host = Host()
    for _ in range(72):
        host.reports(WARNING, *[OK] * 11)
    host.reports(*[WARNING] * 24)
    days, mails = 24 * 60, host.mails("bob")
    begun = [(minute // 60, kind) for minute, kind, _ in mails if kind not in ENDINGS]
    assert begun == [
        *((hour, EventKind.FIRED) for hour in (0, 1, 25, 49)),
        (72, EventKind.DUE),
    ]
    assert 3 * days + 15 <= mails[-1][0] <= 3 * days + 20
    assert len(mails) == 4 * 2 + 1


def test_nobodys_last_word_is_of_what_has_ended() -> None:
    """Whatever happens: of each alert that somebody heard of, they hear the end."""
    for seed in range(4):
        host, some = Host(), Random(seed)  # noqa: S311 (the same each time)
        for _ in range(60):
            host.reports(*[some.choice([OK, WARNING, CRITICAL, CRITICAL])] * some.choice([1, 1, 2, 5, 14]))
        host.reports(OK, OK)
        for name in ("bob", "eve"):
            mails = host.mails(name)
            assert mails[-1][1] is EventKind.RESOLVED
            heard: dict[object, EventKind] = {}
            for to, mail in host.world.mailer.sent:
                heard |= {item.alert.id: item.event_kind for item in mail.items if to == f"{name}@example.com"}
            assert set(heard.values()) == {EventKind.RESOLVED}


def test_a_message_says_what_is_held_and_why_it_is_sent_now() -> None:
    host = Host()
    host.reports(*[WARNING, OK] * 5, *[WARNING] * 4)
    notices = [(n.event_kind, n.notice) for n in host.world.outbox() if n.event_kind not in ENDINGS]
    second, held_from = START + 2 * STEP, START + 4 * STEP
    assert [(kind, notice and notice.why) for kind, notice in notices] == [
        (EventKind.FIRED, Why.FIRST),
        (EventKind.FIRED, Why.SECOND),
        (EventKind.DUE, Why.LASTED),
    ]
    assert notices[1][1] == Notice(at(second), Level.WARNING, Why.SECOND)
    held = (3, at(held_from), at(START + STEP) - at(START))
    assert notices[2][1] == Notice(at(START + 10 * STEP + 3 * STEP), Level.WARNING, Why.LASTED, *held)


def test_a_held_alert_is_explained_and_shown_with_when_it_is_due() -> None:
    host = Host()
    host.reports(*[WARNING, OK] * 2, WARNING)
    alert = host.world.alerts()[-1]
    assert alert.due_at == alert.fired_at + timedelta(minutes=15)
    found = host.world.process.get(ExplainAlert)(ROOT, host.id, "cpu", host.world.now)
    people = ((each.receiver, each.answer.reason) for each in found.recipients)
    reasons = {receiver.username: reason for receiver, reason in people if isinstance(receiver, User)}
    assert reasons == {"bob": Reason.HELD, "eve": Reason.BELOW_LEVEL}
    host.reports(OK)
    assert host.world.alerts()[-1].due_at is None


def test_who_comes_later_is_not_reminded_of_what_they_never_heard_of() -> None:
    host = Host()
    host.reports(WARNING)
    ann = host.world.person("ann", "ann@example.com")
    host.world.process.get(ChangeServers).link_users(ROOT, [host.id], [ann.id])
    host.reports(*[WARNING] * 100)
    kinds = {name: [kind for _, kind, _ in host.mails(name)] for name in ("bob", "ann")}
    assert kinds == {
        "bob": [EventKind.FIRED, EventKind.REMINDED, EventKind.REMINDED],
        "ann": [EventKind.DUE, EventKind.REMINDED],
    }


def test_what_a_backlog_shows_as_over_is_not_counted_as_held() -> None:
    """It was reported by itself."""
    host = Host()
    host.reports(OK)
    begin = host.world.now
    host.world.clock.advance(10 * STEP)
    host.send(*((begin + n * STEP, cpu) for n, cpu in enumerate([*[WARNING, OK] * 3, WARNING])))
    assert [alert.late for alert in host.world.alerts()] == [True, True, True, False]
    assert host.world.outbox()[-1].notice == Notice(at(begin + 6 * STEP), Level.WARNING, Why.FIRST)


def test_a_held_alert_that_late_samples_disprove_is_not_counted_as_held() -> None:
    host = Host()
    with host.world.store() as uow:
        policy = next(policy for policy in uow.alert_policies.all() if policy.metric == "cpu")
    host.world.process.get(UpdatePolicy)(ROOT, policy.id, sustained_for=STEP)
    host.reports(*[WARNING, WARNING, OK] * 2, WARNING, WARNING)
    host.send((host.world.now - STEP * 1.5, OK))
    host.world.let_pass(30, every=10)
    host.reports(*[WARNING] * 6)
    assert [alert.state for alert in host.world.alerts()[2:]] == [AlertState.CANCELLED, AlertState.FIRING]
    [notice] = [n.notice for n in host.world.outbox() if n.event_kind is EventKind.DUE]
    assert notice is not None
    assert (notice.why, notice.held) == (Why.LASTED, 0)


def at(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
