"""What changes too often: one notice, then quiet until three calm hours."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.policies import OFFLINE, Policy
from monitor.domain.levels import Level
from tests.unit.application.alerts.alert_world import ROOT, World

OK, WARNING, CRITICAL = 10.0, 75.0, 90.0
HOUR = 60
ALERT = (EventKind.FIRED, EventKind.RESOLVED)


@dataclass
class Host:
    """Reports every five minutes or sooner; alerts fire and resolve at once. Eve is notified of critical ones only."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        people = [self.world.person("bob", "bob@example.com")]
        people.append(self.world.person("eve", "eve@example.com", Level.CRITICAL))
        self.id = self.world.server("web", "10.0.0.1", people).id
        at_once = timedelta(0)
        policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=at_once, clear_for=at_once)
        self.world.process.create_policy()(ROOT, policy)
        self.world.process.create_policy()(ROOT, Policy(metric=OFFLINE, enabled=False))

    def reports(self, cpu: float, minutes: int = 1, *, with_maintenance: bool = True) -> None:
        for passed in range(0, minutes, 5):
            self.world.clock.advance(60 * min(5, minutes - passed))
            self.world.report(self.id, cpu, interval=300.0)
            if with_maintenance:
                self.world.background()

    def flaps(self, level: float = WARNING) -> None:
        for cpu in (level, OK, level, OK, level, OK, level):
            self.reports(cpu)
        self.world.let_pass(30, 10)
        self.world.mailer.sent.clear()

    def notified(self, name: str = "bob") -> list[EventKind]:
        self.world.let_pass(30, 10)
        mails = [mail for to, mail in self.world.mailer.sent if to == f"{name}@example.com"]
        return [item.event_kind for mail in mails for item in mail.items]


def test_a_day_of_short_alerts_has_less_than_half_as_many_notifications() -> None:
    """Several an hour by day and none by night. Never seven changes in half an hour, so each would be announced."""
    host, some, shorts = Host(), Random(1), 0  # noqa: S311 (the same day each time)
    for _ in range(2):
        spent = 0
        while spent < 16 * HOUR:
            lasts, pause = some.randint(5, 12), some.randint(8, 25)
            host.reports(WARNING, lasts)
            host.reports(OK, pause)
            spent, shorts = spent + lasts + pause, shorts + 1
        host.reports(OK, 8 * HOUR)
    sent = Counter(host.notified())
    assert sum(sent.values()) <= 2 * shorts / 2
    assert sent == {EventKind.FIRED: 6, EventKind.RESOLVED: 6, EventKind.FLAPPING: 2, EventKind.CALMED: 2}
    assert shorts > 60
    assert sum(1 for alert in host.world.alerts()) == shorts


def test_it_is_quiet_for_as_long_as_it_lasts() -> None:
    """Also where it has become slow, and began more than a day ago."""
    host = Host()
    host.flaps()
    for n in range(36):
        host.reports(OK if n % 2 == 0 else WARNING, 2 * HOUR)
    assert host.notified() == []
    host.reports(OK, 4 * HOUR)
    assert host.notified() == [EventKind.CALMED]
    host.reports(WARNING)
    assert host.notified() == [EventKind.CALMED, EventKind.FIRED]


def test_an_alert_that_fires_after_calm_hours_is_announced_and_has_reminders_again() -> None:
    host = Host()
    host.flaps()
    host.reports(WARNING, 3 * HOUR)
    assert host.notified() == [EventKind.CALMED]
    host.reports(WARNING, 3 * HOUR + 50)
    assert host.notified() == [EventKind.CALMED]
    host.reports(WARNING, 10)
    assert host.notified() == [EventKind.CALMED, EventKind.REMINDED]


def test_an_alert_that_never_calms_has_one_reminder_a_day() -> None:
    host = Host()
    host.flaps(CRITICAL)
    for _ in range(25):
        host.reports(WARNING, HOUR)
        host.reports(CRITICAL, HOUR)
    assert host.notified() == [EventKind.REMINDED] * 2


def test_a_level_that_was_not_announced_yet_is_announced_once() -> None:
    host = Host()
    host.flaps(WARNING)
    assert host.notified("eve") == []
    for cpu in (CRITICAL, WARNING, CRITICAL, OK, CRITICAL):
        host.reports(cpu)
    assert host.notified("bob") == [EventKind.FLAPPING]
    assert host.notified("eve") == [EventKind.FLAPPING]


def test_a_change_after_calm_hours_ends_flapping_without_maintenance() -> None:
    """As when no process held the lease of maintenance."""
    host = Host()
    host.flaps()
    host.reports(OK, with_maintenance=False)
    host.reports(OK, 3 * HOUR, with_maintenance=False)
    host.reports(WARNING, with_maintenance=False)
    assert host.notified() == [EventKind.CALMED, EventKind.FIRED]
    assert not any(alert.flapping for alert in host.world.alerts())
