"""What policies cost: counted in what was mailed, by policy and server."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.application.alerts.acknowledging import AcknowledgeAlert, JudgeAlert
from monitor.application.fleet.batches import ChangeServers
from monitor.application.hindsight.backtest import Backtests
from monitor.application.hindsight.noise import CountNoise, NoiseRow, Wanted
from monitor.application.policies.policies import CreatePolicy, UpdatePolicy
from monitor.application.policies.silence_effects import FindHeldBack, PreviewSilence
from monitor.application.policies.silences import CreateSilence
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.alerts.alert import EventKind, Verdict
from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.policies import OFFLINE, Policy, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.recurrence import Recurrence, Windows
from tests.examples import examples
from tests.unit.application.alerts.alert_world import ROOT, World

WEB, DB = ServerId(1), ServerId(2)
MINUTE, WEEK = timedelta(minutes=1), timedelta(weeks=1)
BERLIN = "Europe/Berlin"
MOMENTS = st.integers(0, 4 * 1440).map(lambda minutes: datetime(2030, 3, 29, tzinfo=UTC) + minutes * MINUTE)


class Scene:
    """Bob is notified of web's alerts; of db's nobody is. It is noon in UTC, and night in Kamchatka."""

    def __init__(self) -> None:
        self.world = World()
        self.bob = self.world.person("bob", "bob@example.com")
        self.world.server("web", "10.0.0.1", [self.bob])
        self.world.server("db", "10.0.0.2")
        policy = Policy(metric="cpu", warning=70, sustained_for=timedelta(0), clear_for=timedelta(0))
        self.policy = self.world.process.get(CreatePolicy)(ROOT, policy)
        self.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE, enabled=False))

    def fires(self, cpu: float, server_id: ServerId = WEB, minutes: int = 5) -> None:
        self.world.report(server_id, cpu, interval=300.0)
        self.world.let_pass(minutes * 60, every=60)
        self.world.report(server_id, 10.0, interval=300.0)
        self.world.let_pass(3 * 3600, every=900)

    def noise(self, zone: str = "UTC", actor: Actor = ROOT, **wanted: object) -> list[NoiseRow]:
        count: CountNoise = replace(self.world.process.get(CountNoise), zone=ZoneInfo(zone))
        usual = Wanted(days=30, limit=10)
        return count(actor, replace(usual, **wanted))  # type: ignore[arg-type] # by name, as the tests give them


def test_a_row_counts_what_somebody_was_notified_of() -> None:
    scene = Scene()
    scene.fires(72.0)
    scene.fires(72.5, minutes=12)
    scene.fires(90.0)
    scene.fires(90.0, DB)
    judge = scene.world.process.get(JudgeAlert)
    first, second, third, _ = scene.world.alerts()
    judge(ROOT, first.id, Verdict.NOISE)
    judge(ROOT, third.id, Verdict.USEFUL)
    [row] = scene.noise()
    assert (scene.policy.id, WEB) == (row.policy_id, row.server_id)
    assert (2, 2, 0, 1, 1, 1) == (row.pages, row.alerts, row.night_pages, row.ended_alone, row.useful, row.noise)
    assert row.suggestion is not None
    assert {"warning": 73.0} == row.suggestion.change
    assert (1, 0, 0.0, {"bob": (2, 1)}) == (
        row.suggestion.removed,
        row.suggestion.useful_lost,
        row.suggestion.added_delay,
        row.suggestion.people,
    )
    assert second.id not in {first.id, third.id}


def test_what_somebody_acknowledged_has_not_ended_alone() -> None:
    scene = Scene()
    scene.world.report(WEB, 90.0, interval=300.0)
    scene.world.let_pass(120, every=60)
    scene.world.process.get(AcknowledgeAlert)(ROOT, scene.world.alerts()[0].id)
    scene.world.report(WEB, 10.0, interval=300.0)
    scene.world.let_pass(3600, every=900)
    assert [(1, 0)] == [(row.pages, row.ended_alone) for row in scene.noise()]


def test_pages_are_what_each_person_had() -> None:
    """Eve wants critical alerts alone. The first is a warning that becomes critical, the third is held."""
    scene = Scene()
    eve = scene.world.person("eve", "eve@example.com", Level.CRITICAL)
    scene.world.process.get(ChangeServers).link_users(ROOT, [WEB], [eve.id])
    scene.world.process.get(UpdatePolicy)(ROOT, scene.policy.id, critical=85.0)
    scene.world.report(WEB, 72.0, interval=300.0)
    scene.world.let_pass(60, every=20)
    for _ in range(3):
        scene.fires(90.0)
    [row] = scene.noise("Asia/Kamchatka")
    assert (5, 2, 5, {"bob": 3, "eve": 2}) == (row.pages, row.alerts, row.night_pages, row.people)
    assert row.people == {name: len([*rises(scene.world, name)]) for name in ("bob", "eve")}
    assert row.suggestion is not None
    assert (3, {"bob": (3, 2), "eve": (2, 0)}) == (row.suggestion.removed, row.suggestion.people)


def rises(world: World, name: str) -> Iterator[EventKind]:
    """Yield what was mailed to a person but ends and reminders."""
    for address, message in world.mailer.sent:
        if address == f"{name}@example.com":
            kinds = (item.event_kind for item in message.items)
            yield from (kind for kind in kinds if kind not in (EventKind.RESOLVED, EventKind.REMINDED))


def test_night_is_that_of_the_zone() -> None:
    """22 to 7: the alerts begin at 12:00 and 15:05 UTC; in Kamchatka that is 0:00 and 3:05. A third is held."""
    scene = Scene()
    for _ in range(3):
        scene.fires(90.0)
    assert [0] == [row.night_pages for row in scene.noise()]
    assert [2] == [row.night_pages for row in scene.noise("Asia/Kamchatka")]


def test_pages_have_no_gap_and_those_with_the_most_come_first() -> None:
    scene = Scene()
    people = scene.world.process.get(ChangeServers)
    people.link_users(ROOT, [DB], [scene.bob.id])
    for server_id in (WEB, DB, DB):
        scene.fires(90.0, server_id)
    whole = scene.noise(is_suggesting=False)
    assert [(DB, 2), (WEB, 1)] == [(row.server_id, row.pages) for row in whole]
    first = scene.noise(limit=1, is_suggesting=False)
    assert whole == first, "one more tells that there is another page"
    assert whole[1:] == scene.noise(limit=1, after=first[0].place, is_suggesting=False)
    assert whole[1:] == scene.noise(server_id=WEB, is_suggesting=False)


def test_who_does_not_see_a_server_sees_none_of_its_noise() -> None:
    scene = Scene()
    scene.fires(90.0)
    far = scene.world.person("far")
    actor = Actor(user_id=far.id, username="far", role=Role.USER)
    assert [] == scene.noise(actor=actor)
    with pytest.raises(NotFound):
        scene.noise(actor=actor, server_id=WEB)
    with pytest.raises(InvalidInput):
        scene.noise(days=91)


def silence(scene: Scene, **more: object) -> Silence:
    now = scene.world.now
    whole = Silence(scope=Scope(), starts_at=now, ends_at=now + 60 * MINUTE, reason="", created_at=now)
    return replace(whole, **more)  # type: ignore[arg-type] # likewise


def test_what_a_silence_would_hold_back_today_is_no_reason_for_an_edit() -> None:
    scene = Scene()
    scene.fires(72.0)
    scene.fires(72.5, minutes=12)
    assert [True] == [row.suggestion is not None for row in scene.noise()]
    scene.world.process.get(CreateSilence)(ROOT, silence(scene, starts_at=scene.world.now - WEEK))
    assert [(2, None)] == [(row.pages, row.suggestion) for row in scene.noise()]


def test_a_preview_counts_what_would_have_been_held_back() -> None:
    scene = Scene()
    scene.fires(90.0)
    scene.fires(90.0)
    scene.fires(90.0, DB)
    preview = scene.world.process.get(PreviewSilence)
    found = preview(ROOT, silence(scene), 7)
    assert (0, 0) == (found.alerts, found.notifications), "in the last hour"
    week = replace(silence(scene), starts_at=scene.world.now - WEEK, ends_at=scene.world.now)
    found = preview(ROOT, week, 7)
    assert (3, 4, [("bob", 4, 4, 0)], 0) == (found.alerts, found.hidden, found.people, found.later)
    assert (1, 0) == (preview(ROOT, replace(week, scope=Scope(server_id=DB)), 7).alerts, 0)
    assert 0 == preview(ROOT, replace(week, metric="disk"), 7).notifications
    noon = Recurrence(weekdays=frozenset(range(7)), starts=time(12), lasts=60 * MINUTE)
    found = preview(ROOT, silence(scene, recurrence=noon), 7)
    assert (1, 2) == (found.alerts, found.notifications)
    with pytest.raises(NotFound):
        preview(ROOT, silence(scene, scope=Scope(server_id=ServerId(99))), 7)


def test_a_preview_looks_for_each_window_once() -> None:
    """A thousand people may have been notified within one."""
    looked = []

    class Counted(Recurrence):
        def window(self, at: datetime) -> tuple[datetime, datetime]:
            looked.append(at)
            return super().window(at)

    scene = Scene()
    people = [scene.world.person(f"p{n}", f"p{n}@example.com") for n in range(100)]
    scene.world.process.get(ChangeServers).link_users(ROOT, [WEB], [person.id for person in people])
    for _ in range(3):
        scene.fires(90.0)
    weekly = Counted(weekdays=frozenset(range(7)), starts=time(16), lasts=60 * MINUTE, zone=BERLIN)
    found = scene.world.process.get(PreviewSilence)(ROOT, silence(scene, recurrence=weekly), 7)
    assert (1, 202) == (found.alerts, found.notifications)
    assert len(looked) < 10


@given(moments=st.lists(MOMENTS, max_size=20), data=st.data())
def test_windows_are_those_of_the_recurrence(moments: list[datetime], data: st.DataObject) -> None:
    """Also where clocks go forward, on 31 March at 2:00, and in whatever order."""
    hours = data.draw(st.integers(1, 24))
    days = data.draw(st.frozensets(st.integers(0, 6), min_size=1))
    weekly = Recurrence(
        weekdays=days, starts=time(data.draw(st.integers(0, 23))), lasts=hours * 60 * MINUTE, zone=BERLIN
    )
    windows = Windows(weekly)
    for moment in moments:
        assert weekly.covers(moment) is windows.cover(moment)


def test_a_silence_says_what_it_held_back() -> None:
    """One alert ended within it and is never mailed; the other is when it ends."""
    scene = Scene()
    made = scene.world.process.get(CreateSilence)(ROOT, silence(scene))
    scene.world.report(WEB, 90.0)
    scene.world.let_pass(60, every=20)
    scene.world.report(WEB, 10.0)
    scene.world.let_pass(60, every=20)
    scene.world.report(WEB, 90.0)
    scene.world.let_pass(3600, every=60)
    found = scene.world.process.get(FindHeldBack)(ROOT, made.id)
    assert (2, [("bob", 3, 2, 1)], 2, 1) == (found.alerts, found.people, found.hidden, found.later)
    with pytest.raises(NotFound):
        scene.world.process.get(FindHeldBack)(
            Actor(user_id=scene.bob.id, username="bob", role=Role.USER), SilenceId(made.id + 1)
        )


RUNS = st.lists(st.tuples(st.sampled_from([10.0, 75.0, 90.0]), st.integers(2, 9)), min_size=1, max_size=6)


@settings(max_examples=examples(15))
@given(runs=RUNS)
def test_what_a_suggestion_removes_is_among_the_pages(runs) -> None:
    scene = Scene()
    live(scene, None, [value for value, count in runs for _ in range(count)])
    for row in scene.noise():
        assert (row.pages, row.people) == (len([*rises(scene.world, "bob")]), {"bob": row.pages})
        if row.suggestion is not None:
            before, after = row.suggestion.people["bob"]
            assert (before, before - after) == (row.pages, row.suggestion.removed)


def live(scene: Scene, silenced: Silence | None, minutes: Sequence[float]) -> World:
    """Let web report these values, one a minute."""
    if silenced is not None:
        scene.world.process.get(CreateSilence)(ROOT, silenced)
    for value in minutes:
        scene.world.report(WEB, value, interval=60.0)
        scene.world.let_pass(60, every=30)
    scene.world.let_pass(120, every=30)
    return scene.world


@settings(max_examples=examples(25))
@given(
    runs=RUNS,
    first=st.integers(0, 20),
    length=st.integers(1, 25),
)
def test_preview_report_and_truth_are_the_same(runs, first, length) -> None:
    """The truth: the messages that bob had, and had not, in a world with the silence and in one without.

    Silenced alerts take no place among the two that people hear of at once, so he may hear of another one instead: what
    he would never have heard of without the silence was not held back by it.
    """
    minutes = [value for value, count in runs for _ in range(count)]
    begin = Scene().world.now + first * MINUTE + timedelta(seconds=5)
    period = Silence(scope=Scope(), starts_at=begin, ends_at=begin + length * MINUTE, reason="", created_at=begin)
    free, silenced = live(Scene(), None, minutes), live(Scene(), period, minutes)
    if free.now < period.ends_at + MINUTE:
        return
    preview = free.process.get(PreviewSilence)(ROOT, period, 7)
    [made] = silenced.process.fleet.directory.rules.silences.all
    report = silenced.process.get(FindHeldBack)(ROOT, made.id)
    known = {alert_id for alert_id, _, _ in heard(free)}
    came = [each for each in heard(silenced) if each[0] in known]
    missed = len(heard(free)) - len(came)
    late = len([each for each in came if each not in heard(free)])
    assert (preview.hidden, preview.later) == (report.hidden, report.later) == (missed, late)
    assert preview.people == report.people


def heard(world: World) -> list[tuple[int, str, datetime]]:
    """Return what was mailed to bob, and when it was sent."""
    return [
        (item.alert.id, item.event_kind, message.sent_at)
        for address, message in world.mailer.sent
        for item in message.items
        if address == "bob@example.com"
    ]


def test_a_period_to_come_is_looked_at_in_the_same_hours_of_the_days_before() -> None:
    scene = Scene()
    begin = scene.world.now
    scene.fires(90.0)
    tomorrow = silence(scene, starts_at=begin + timedelta(days=1), ends_at=begin + timedelta(days=1, hours=1))
    found = scene.world.process.get(PreviewSilence)(ROOT, tomorrow, 7)
    assert (begin, begin + 60 * MINUTE, 2) == (found.start, found.end, found.hidden)


def test_a_backtest_says_which_verdicts_a_policy_keeps() -> None:
    scene = Scene()
    scene.fires(72.0)
    scene.fires(90.0)
    quiet, loud = scene.world.alerts()
    judge = scene.world.process.get(JudgeAlert)
    judge(ROOT, quiet.id, Verdict.NOISE)
    judge(ROOT, loud.id, Verdict.USEFUL)
    for warning, expected in ((70, (1, 0, 1, 0)), (80, (1, 0, 0, 1)), (95, (0, 1, 0, 1))):
        tried = replace(scene.policy, warning=float(warning))
        found = scene.world.process.get(Backtests).start(ROOT, tried, 7)
        assert not isinstance(found, str)
        assert expected == tuple(found.verdicts)
