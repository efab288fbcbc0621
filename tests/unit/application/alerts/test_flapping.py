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
    """It reports every five minutes or sooner; alerts fire and resolve at once. Eve is told of critical ones alone."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        people = [self.world.person("bob", "bob@example.com")]
        people.append(self.world.person("eve", "eve@example.com", Level.CRITICAL))
        self.id = self.world.server("web", "10.0.0.1", people).id
        at_once = timedelta(0)
        policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=at_once, clear_for=at_once)
        self.world.process.create_policy()(ROOT, policy)
        self.world.process.create_policy()(ROOT, Policy(metric=OFFLINE, enabled=False))

    def reports(self, cpu: float, minutes: int = 1, *, with_chores: bool = True) -> None:
        for passed in range(0, minutes, 5):
            self.world.clock.advance(60 * min(5, minutes - passed))
            self.world.report(self.id, cpu, interval=300.0)
            if with_chores:
                self.world.background()

    def flaps(self, level: float = WARNING) -> None:
        for cpu in (level, OK, level, OK, level, OK, level):
            self.reports(cpu)
        self.world.let_pass(30, 10)
        self.world.mailer.sent.clear()

    def told(self, name: str = "bob") -> list[EventKind]:
        self.world.let_pass(30, 10)
        mails = [mail for to, mail in self.world.mailer.sent if to == f"{name}@example.com"]
        return [item.event_kind for mail in mails for item in mail.items]


def test_a_day_of_short_alerts_is_told_less_than_half_as_often() -> None:
    """Several an hour by day and none by night. Never seven changes in half an hour: each would have been told."""
    host, some, shorts = Host(), Random(1), 0  # noqa: S311 (the same day each time)
    for _ in range(2):
        spent = 0
        while spent < 16 * HOUR:
            lasts, pause = some.randint(5, 12), some.randint(8, 25)
            host.reports(WARNING, lasts)
            host.reports(OK, pause)
            spent, shorts = spent + lasts + pause, shorts + 1
        host.reports(OK, 8 * HOUR)
    told = Counter(host.told())
    assert sum(told.values()) <= 2 * shorts / 2
    assert told == {EventKind.FIRED: 6, EventKind.RESOLVED: 6, EventKind.FLAPPING: 2, EventKind.CALMED: 2}
    assert shorts > 60
    assert sum(1 for alert in host.world.alerts()) == shorts


def test_it_is_quiet_for_as_long_as_it_lasts() -> None:
    """Also where it has become slow, and began more than a day ago."""
    host = Host()
    host.flaps()
    for n in range(36):
        host.reports(OK if n % 2 == 0 else WARNING, 2 * HOUR)
    assert host.told() == []
    host.reports(OK, 4 * HOUR)
    assert host.told() == [EventKind.CALMED]
    host.reports(WARNING)
    assert host.told() == [EventKind.CALMED, EventKind.FIRED]


def test_what_still_fires_after_calm_hours_is_told_and_reminded_of_from_then_on() -> None:
    host = Host()
    host.flaps()
    host.reports(WARNING, 3 * HOUR)
    assert host.told() == [EventKind.CALMED]
    host.reports(WARNING, 3 * HOUR + 50)
    assert host.told() == [EventKind.CALMED]
    host.reports(WARNING, 10)
    assert host.told() == [EventKind.CALMED, EventKind.REMINDED]


def test_what_fires_all_the_time_and_never_calms_is_reminded_of_once_a_day() -> None:
    host = Host()
    host.flaps(CRITICAL)
    for _ in range(25):
        host.reports(WARNING, HOUR)
        host.reports(CRITICAL, HOUR)
    assert host.told() == [EventKind.REMINDED] * 2


def test_a_level_that_was_not_told_of_yet_is_told_of_once() -> None:
    host = Host()
    host.flaps(WARNING)
    assert host.told("eve") == []
    for cpu in (CRITICAL, WARNING, CRITICAL, OK, CRITICAL):
        host.reports(cpu)
    assert host.told("bob") == [EventKind.FLAPPING]
    assert host.told("eve") == [EventKind.FLAPPING]


def test_a_change_after_calm_hours_ends_it_though_the_chores_were_not_done() -> None:
    """As when nobody held their lease meanwhile."""
    host = Host()
    host.flaps()
    host.reports(OK, with_chores=False)
    host.reports(OK, 3 * HOUR, with_chores=False)
    host.reports(WARNING, with_chores=False)
    assert host.told() == [EventKind.CALMED, EventKind.FIRED]
    assert not any(alert.flapping for alert in host.world.alerts())
