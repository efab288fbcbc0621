"""Explanations of a simulated month equal what was mailed, for every sample and person; and each reason by itself."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import pytest

from monitor.application.accounts.users import ChangeUser
from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.fleet.batches import ChangeServers
from monitor.application.hindsight.explaining import ExplainAlert, Explanation
from monitor.application.notifications.channels import ManageChannels
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.application.policies.policies import CreatePolicy, EnsureDefaultPolicies, UpdatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import AlertId, EventId, EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.hindsight.past_state import Phase
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import EMAIL, Channel, ChannelKind
from monitor.domain.notifications.explanation import Answer, Facts, answered
from monitor.domain.notifications.outbox import ENDINGS, Notification, Target
from monitor.domain.oncall import escalations as oncall
from monitor.domain.oncall.escalations import Escalation, Step, TargetKind
from monitor.domain.oncall.rotas import Rota
from monitor.domain.oncall.ways import MAIL, Way
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import OFFLINE, Direction, Policy, Scope
from monitor.domain.policies.silences import Silence
from tests.unit.application.alerts.alert_world import ROOT, START, World

WEB = ServerId(1)
OK, WARNING, CRITICAL = 10.0, 75.0, 90.0
QUARTER = timedelta(minutes=15)
QUIET = QuietHours(time(18), time(12), "Europe/Berlin")
MINUTE = timedelta(minutes=1)
TO_AND_FRO = (10, 11, 20)
"""Days on which it flaps."""


def of_people(explanation: Explanation) -> dict[str, Answer]:
    return {each.receiver.username: each.answer for each in explanation.recipients if isinstance(each.receiver, User)}


def explained(world: World, at: datetime, metric: str = "cpu", actor: Actor = ROOT) -> Explanation:
    return world.process.get(ExplainAlert)(actor, WEB, metric, at)


class Month:
    """A host that reports every quarter of an hour, and people who change their minds. *is_on_call*: of whom some are
    on call, have hours of quiet, and ways of their own. *is_dependent*: it depends on a switch that fails now and then,
    and its memory and disk are part of its incidents."""

    def __init__(self, seed: int, *, is_on_call: bool = False, is_dependent: bool = False) -> None:
        self.world, self.random = World(), Random(seed)  # noqa: S311 (the same month each time)
        world = self.world
        self.people = {
            "bob": world.person("bob", "bob@example.com"),
            "eve": world.person("eve", "eve@example.com", Level.CRITICAL),
            "mute": world.person("mute"),
            "far": world.person("far", "far@example.com"),
        }
        self.linked = {"bob", "eve", "mute"}
        world.server("web", "10.0.0.1", [self.people[name] for name in self.linked])
        half_hour = timedelta(minutes=30)
        policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=half_hour, clear_for=QUARTER)
        self.policy_id = world.process.get(CreatePolicy)(ROOT, policy).id
        world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE, enabled=False))
        self.samples: list[datetime] = []
        self.is_on_call, self.fails_for = is_on_call, 0
        self.switch: ServerId | None = None
        if is_on_call:
            self.call()
        if is_dependent:
            self.depend()

    def depend(self) -> None:
        world = self.world
        self.switch = world.server("switch", "10.0.0.2", [self.people["bob"]]).id
        with world.new_uow() as uow:
            uow.servers.depend({WEB: [self.switch]})
            uow.commit()
        own = (Policy(metric=name, warning=80, sustained_for=timedelta(0)) for name in ("memory", "disk"))
        for policy in (Policy(metric=OFFLINE, scope=Scope(server_id=self.switch)), *own):
            world.process.get(CreatePolicy)(ROOT, policy)

    def report(self, cpu: float) -> None:
        hours, values = (self.world.now - START) // timedelta(hours=3), {"memory": 10.0, "disk": 10.0}
        if self.switch is not None:
            values = {name: 85.0 if hours % 4 > n else 10.0 for n, name in enumerate(values)}
            self.fails_for = self.fails_for - 1 if self.fails_for else self.random.choice([0] * 15 + [2, 4, 9])
            if not self.fails_for:
                self.world.report(self.switch, interval=900.0)
        self.world.report(WEB, cpu, **values, interval=900.0)

    def call(self) -> None:
        """Bob, eve and far take turns of a day; mute, who cannot be reached, is called a quarter of an hour later."""
        ids = {name: user.id for name, user in self.people.items()}
        members = tuple(ids[name] for name in ("bob", "eve", "far"))
        rota = Rota(name="duty", timezone="Europe/Berlin", starts_at=START, turn_days=1, user_ids=members)
        team = Team(name="ops", access=TeamAccess.WRITE, created_at=START, server_ids=frozenset({WEB}))
        with self.world.new_uow() as uow:
            calls = (
                oncall.Target(TargetKind.ROTA, uow.rotas.add(rota).id),
                oncall.Target(TargetKind.USER, ids["mute"]),
            )
            steps = (Step(timedelta(0), calls[:1]), Step(QUARTER, calls[1:]))
            self.escalation = uow.escalations.add(Escalation(name="nights", steps=steps))
            self.team = uow.teams.add(team)
            uow.users.save(replace(self.people["bob"], quiet=QUIET))
            uow.commit()

    def on_call_happens(self) -> None:
        """Now and then something else that decides who is notified, and by which way."""
        now, bob = self.world.now, self.people["bob"].id
        with self.world.new_uow() as uow:
            match self.random.randrange(40):
                case 0 | 1:
                    chosen = self.random.choice([None, self.escalation.id])
                    uow.teams.save(replace(self.team, escalation_id=chosen))
                case 2:
                    quiet = self.random.choice([None, QUIET, QUIET])
                    uow.users.save(replace(uow.users.get(bob), quiet=quiet))
                case 3:
                    away = Span(now, now + timedelta(days=self.random.choice([1, 2])))
                    uow.users.save(replace(uow.users.get(self.people["far"].id), away=(away,)))
                case 4:
                    ways = [Way(user_id=bob, kind=MAIL, after=self.random.choice([timedelta(0), QUARTER]))]
                    url = {"url": "https://example.com/hook"}
                    later = self.random.choice([timedelta(0), 2 * QUARTER])
                    ways.append(Way(user_id=bob, kind="webhook", settings=url, level=Level.CRITICAL, after=later))
                    uow.ways.replace(bob, self.random.choice([ways[:1], ways]))
                case _:
                    return
            uow.commit()
        self.world.process.fleet.refresh()

    def run(self, days: int = 30) -> None:
        cpu, left = OK, 0
        for number in range(days * 96):
            if number // 96 in TO_AND_FRO:
                cpu, left = (WARNING if number % 5 < 3 else OK), 1
            elif left == 0:
                cpu = self.random.choice([OK, OK, OK, WARNING, CRITICAL, 67.0])
                left = self.random.choice([1, 2, 3, 4, 6, 12, 40])
            left -= 1
            self.world.clock.advance(QUARTER - MINUTE)
            self.report(cpu)
            self.samples.append(self.world.now)
            self.happens()
            if self.is_on_call:
                self.on_call_happens()
            self.world.let_pass(60, every=60)

    def happens(self) -> None:
        """Now and then something that decides who is notified."""
        match self.random.randrange(60):
            case 0:
                name = self.random.choice(["bob", "far"])
                change = self.world.process.get(ChangeServers)
                link = change.unlink_users if name in self.linked else change.link_users
                link(ROOT, [WEB], [self.people[name].id])
                self.linked ^= {name}
            case 1:
                level = self.random.choice([Level.WARNING, Level.CRITICAL])
                self.world.process.get(ChangeUser)(ROOT, self.people["eve"].id, alert_level=level)
            case 2:
                now = self.world.now
                ends_at = now + timedelta(hours=self.random.choice([1, 5]))
                silence = Silence(scope=Scope(), starts_at=now, ends_at=ends_at, reason="", created_at=now)
                self.world.process.get(CreateSilence)(ROOT, silence)
            case 3:
                for alert in self.world.alerts():
                    if alert.is_open:
                        self.world.process.get(AcknowledgeAlert)(ROOT, alert.id)
            case 4:
                self.world.mailer.answers["bob@example.com"] = self.random.choice(
                    [SendResult(SendStatus.SENT), SendResult(SendStatus.REFUSED, "550 no")]
                )
            case _:
                pass


@pytest.fixture(scope="module")
def month() -> Month:
    month = Month(7)
    month.run()
    return month


@pytest.fixture(scope="module")
def months(month: Month) -> list[Month]:
    others = [Month(7, is_on_call=True), Month(7, is_dependent=True)]
    for other in others:
        other.run()
    return [month, *others]


def mailed(month: Month) -> dict[tuple[str, int], list[tuple[datetime, datetime]]]:
    """Return when each person was mailed about each alert, except of its end: the event's time and the mail's.

    Only bob has another way.
    """
    found: dict[tuple[str, int], list[tuple[datetime, datetime]]] = {}
    others = [("bob", message) for _, message in month.world.senders[ChannelKind("webhook")].sent]
    for address, message in [*month.world.mailer.sent, *others]:
        for item in message.items:
            if item.event_kind not in ENDINGS:
                key = (address.partition("@")[0], item.alert.id)
                found.setdefault(key, []).append((item.at, message.sent_at))
    return found


@pytest.mark.nightly(each=True)
def test_a_month_is_explained_as_it_was_mailed(months: list[Month]) -> None:
    """For every sample, of alerts and of none, and for every person."""
    seen = [explained_reasons(month) for month in months]
    assert {Reason.NOTIFIED, Reason.SILENCED, Reason.HELD, Reason.ACKNOWLEDGED, Reason.NO_ADDRESS} <= {*seen[0]}
    all_seen = {reason for each in seen for reason in each}
    of_others = {Reason.AMENDED, Reason.LATER_WAY}
    assert {*Reason} - of_others == all_seen, "the months have everything that can happen to one host"


def explained_reasons(month: Month) -> Counter[Reason]:
    """Compare all of the month, and count the reasons."""
    mails, alerts = mailed(month), [alert for alert in month.world.alerts() if alert.metric == "cpu"]
    explain, reasons = month.world.process.get(ExplainAlert), Counter[Reason]()
    for at in month.samples:
        alert = next((a for a in alerts if a.fired_at <= at and (a.resolved_at is None or at < a.resolved_at)), None)
        found = explain(ROOT, WEB, "cpu", at)
        assert (alert and alert.id) == (found.alert and found.alert.id)
        answers = of_people(found)
        assert month.people.keys() == answers.keys()
        for name, answer in answers.items():
            sent = [] if alert is None else mails.get((name, alert.id), [])
            expected = min((mailed_at for event_at, mailed_at in sent if event_at <= at), default=None)
            assert (name, at, expected) == (name, at, answer.at if answer.was_notified else None)
            assert (answer.reason is Reason.AMENDED) is (answer.at is not None and not answer.was_notified)
            assert answer.was_notified is (expected is not None)
            assert (alert is None) is (answer.reason in (Reason.OK, Reason.PENDING) and found.alert is None)
            reasons[answer.reason] += 1
    return reasons


def test_what_waits_for_an_overdue_parent_says_so_until_that_is_found_down() -> None:
    world = World()
    bob = world.person("bob", "bob@example.com")
    web, switch = (world.server(name, f"10.0.0.{n}", [bob]) for n, name in ((1, "web"), (2, "switch")))
    with world.new_uow() as uow:
        uow.servers.depend({web.id: [switch.id]})
        uow.commit()
    world.process.get(EnsureDefaultPolicies)()
    world.report(WEB)
    world.let_pass(20)
    world.report(switch.id)
    reasons, parents = list[Reason](), list[tuple[str, datetime] | None]()
    for at in (75, 10, 15):
        world.let_pass(at)
        found = explained(world, world.now, OFFLINE)
        reasons.append(of_people(found)["bob"].reason)
        parents.append(found.parent and (found.parent[0].name, found.parent[1]))
    assert [Reason.PENDING_PARENT, Reason.PENDING_PARENT, Reason.SUPPRESSED_BY] == reasons
    [_, down] = world.alerts()
    assert [None, None, ("switch", down.fired_at)] == parents


def test_a_month_of_samples_is_pending_before_it_fires(month: Month) -> None:
    """The sample before each alert is pending, and the one that fired has lasted as long as it must."""
    alerts = month.world.alerts()
    assert alerts
    for alert in alerts:
        before = explained(month.world, alert.fired_at - QUARTER)
        assert Phase.PENDING is before.facts.phase
        assert (before.lasted, before.needed) == (QUARTER, 2 * QUARTER)
        assert explained(month.world, alert.fired_at).lasted == 2 * QUARTER


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("options", "every"),
    [
        ({"kind": FORECAST, "warning": 90, "critical": 97, "over": HOUR, "within": 2 * HOUR}, MINUTE),
        ({"kind": FORECAST, "warning": 20, "direction": Direction.BELOW, "over": 2 * HOUR}, MINUTE),
        ({"kind": RANGE, "days": 1, "beyond": 0.05}, 5 * MINUTE),
    ],
)
def test_each_kind_is_explained_as_it_was(options: dict[str, Any], every: timedelta) -> None:
    """For every sample, of a disk that fills and empties and a host that is away now and then."""
    world, random = World(), Random(2)  # noqa: S311 (the same each time)
    world.server("web", "10.0.0.1")
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE, enabled=False))
    policy = world.process.get(CreatePolicy)(ROOT, Policy(metric="disk", sustained_for=10 * MINUTE, **options))
    key, alerting = (WEB, policy.key), world.process.get(Alerting)
    disk, slope, lived = 50.0, 0.0, {}
    for _ in range(600):
        if random.random() < 0.02:
            slope = random.choice([0.0, 0.3, -0.3, 1.0, -1.0])
        away = random.randint(5, 90) if random.random() < 0.004 else 0
        disk = min(100.0, max(0.0, disk + slope + random.uniform(-0.5, 0.5)))
        world.clock.advance(every + away * MINUTE)
        world.report(WEB, disk=round(disk, 2), interval=every.total_seconds())
        is_pending = key in {(stored.server_id, stored.metric) for stored in alerting.states.pending()}
        lived[world.now] = (
            Phase.FIRING if key in alerting.states.firing() else Phase.PENDING if is_pending else Phase.OK
        )
    explain = world.process.get(ExplainAlert)
    assert {*Phase} == {*lived.values()}
    assert lived == {at: explain(ROOT, WEB, "disk", at, policy.kind).facts.phase for at in lived}


class Scene:
    """One host; bob is notified of everything."""

    def __init__(self) -> None:
        self.world = World()
        self.bob = self.world.person("bob", "bob@example.com")
        self.world.server("web", "10.0.0.1", [self.bob])
        at_once = timedelta(0)
        policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=at_once, clear_for=at_once)
        self.policy = self.world.process.get(CreatePolicy)(ROOT, policy)
        self.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE, enabled=False))

    def reports(self, cpu: float) -> datetime:
        self.world.let_pass(60, every=20)
        self.world.report(WEB, cpu)
        self.at = self.world.now
        self.world.let_pass(30, every=10)
        return self.at

    def answer(self, name: str = "bob", at: datetime | None = None) -> Answer:
        return of_people(explained(self.world, at or self.at))[name]


def test_a_notification_that_waits_is_pending() -> None:
    scene = Scene()
    scene.world.report(WEB, WARNING)
    assert Answer(Reason.PENDING) == scene.answer(at=scene.world.now)


def test_a_refused_address_is_none_and_says_why() -> None:
    scene = Scene()
    scene.world.mailer.answers["bob@example.com"] = SendResult(SendStatus.REFUSED, "550 no such user")
    scene.reports(WARNING)
    assert Answer(Reason.NO_ADDRESS, error="550 no such user") == scene.answer()


def test_a_reason_is_that_of_the_moment() -> None:
    """What changed since then is no reason."""
    scene = Scene()
    world = scene.world
    eve = world.person("eve", "eve@example.com", Level.CRITICAL)
    world.process.get(ChangeServers).link_users(ROOT, [WEB], [eve.id])
    world.person("late", "late@example.com")
    at = scene.reports(WARNING)
    world.process.get(ChangeUser)(ROOT, eve.id, alert_level=Level.WARNING)
    world.process.get(ChangeServers).unlink_users(ROOT, [WEB], [scene.bob.id])
    assert (Reason.BELOW_LEVEL, Reason.NOTIFIED) == (scene.answer("eve").reason, scene.answer("bob").reason)
    assert scene.answer("late", at) == Answer(Reason.NOT_LINKED)


def test_samples_that_came_after_their_policy_was_made_are_pending_though_they_are_older() -> None:
    world = World()
    world.server("web", "10.0.0.1")
    made_at = world.now
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", warning=70, sustained_for=10 * MINUTE))
    world.clock.advance(timedelta(seconds=30))
    for seconds in (60, 45, 30, 15):
        world.report(WEB, WARNING, at=made_at - timedelta(seconds=seconds))
    [stored] = world.process.get(Alerting).states.pending()
    found = explained(world, world.now)
    assert (Phase.PENDING, timedelta(seconds=45)) == (found.facts.phase, found.lasted)
    assert stored.state.warning_since is not None


def test_who_came_after_an_alert_fired_waits_for_its_reminder() -> None:
    """And had nothing to do with it before."""
    scene = Scene()
    eve = scene.world.person("eve", "eve@example.com")
    at = scene.reports(WARNING)
    scene.world.process.get(ChangeServers).link_users(ROOT, [WEB], [eve.id])
    assert (Reason.NOT_LINKED, Reason.PENDING) == (
        scene.answer("eve", at).reason,
        scene.answer("eve", scene.world.now).reason,
    )


def test_of_an_acknowledged_alert_those_are_kept_who_were_there() -> None:
    scene = Scene()
    world = scene.world
    dan, late = (world.person(name, f"{name}@example.com") for name in ("dan", "late"))
    scene.reports(WARNING)
    world.process.get(ChangeServers).link_users(ROOT, [WEB], [dan.id])
    world.process.fleet.refresh()
    world.process.get(AcknowledgeAlert)(ROOT, world.alerts()[0].id)
    at = world.now
    world.let_pass(60, every=20)
    world.process.get(ChangeServers).unlink_users(ROOT, [WEB], [dan.id])
    world.process.get(ChangeServers).link_users(ROOT, [WEB], [late.id])
    assert (Reason.ACKNOWLEDGED, Reason.NOT_LINKED) == (scene.answer("dan", at).reason, scene.answer("late", at).reason)
    assert Reason.ACKNOWLEDGED is scene.answer("late", world.now).reason


def test_a_deleted_silence_still_explains_what_it_held_back() -> None:
    scene = Scene()
    now = scene.world.now
    whole = Silence(scope=Scope(), starts_at=now, ends_at=now + timedelta(hours=1), reason="", created_at=now)
    silence = scene.world.process.get(CreateSilence)(ROOT, whole)
    at = scene.reports(WARNING)
    assert explained(scene.world, at).silence == silence
    scene.reports(OK)
    scene.world.process.get(DeleteSilence)(ROOT, silence.id)
    scene.world.let_pass(60, every=20)
    assert Reason.SILENCED is scene.answer(at=at).reason
    assert explained(scene.world, at).silence is None


def test_a_policy_changed_since_is_named() -> None:
    scene = Scene()
    at = scene.reports(WARNING)
    assert explained(scene.world, at).policy_changed_at is None
    scene.world.let_pass(60, every=20)
    scene.world.process.get(UpdatePolicy)(ROOT, scene.policy.id, warning=72.0)
    found = explained(scene.world, at)
    assert (found.policy_changed_at, found.policy and found.policy.warning) == (scene.world.now, 72.0)
    assert explained(scene.world, scene.world.now).policy_changed_at is None


def test_a_policy_of_another_server_is_no_change() -> None:
    scene = Scene()
    other = scene.world.server("db", "10.0.0.2")
    at = scene.reports(OK)
    scene.world.let_pass(60, every=20)
    scene.world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", warning=1, scope=Scope(server_id=other.id)))
    assert explained(scene.world, at).policy_changed_at is None


def test_an_offline_host_is_explained_by_its_alert() -> None:
    world = World()
    bob = world.person("bob", "bob@example.com")
    world.server("web", "10.0.0.1", [bob])
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    world.report(WEB)
    world.let_pass(180)
    [alert] = world.alerts()
    found = explained(world, alert.fired_at + timedelta(seconds=30), OFFLINE)
    assert (found.is_offline, found.facts.phase) == (True, Phase.FIRING)
    assert found.value == pytest.approx(alert.value + 30)
    assert of_people(found)["bob"].was_notified
    before = explained(world, alert.fired_at - timedelta(seconds=30), OFFLINE)
    assert (before.is_offline, of_people(before)["bob"].reason) == (False, Reason.OK)


def test_moments_to_come_or_before_all_samples_and_a_wrong_name_are_refused() -> None:
    scene = Scene()
    first = datetime.min.replace(tzinfo=UTC)
    for metric, at, name in (("cpu", scene.world.now + MINUTE, "at"), ("cpu", first, "at"), ("C P U", None, "metric")):
        with pytest.raises(InvalidInput) as refused:
            scene.world.process.get(ExplainAlert)(ROOT, WEB, metric, at)
        assert [name] == [*refused.value.problems]


def test_who_does_not_see_the_server_is_answered_not_found() -> None:
    scene = Scene()
    far = scene.world.person("far")
    actor = Actor(user_id=far.id, username="far", role=Role.USER)
    with pytest.raises(NotFound):
        explained(scene.world, scene.world.now, actor=actor)


def test_others_than_administrators_learn_of_no_other_users_and_no_silent_channels() -> None:
    scene = Scene()
    world = scene.world
    world.person("far", "far@example.com")
    for name, level in (("loud", Level.WARNING), ("silent", Level.CRITICAL)):
        settings = {"address": f"{name}@example.com"}
        channel = Channel(name=name, kind=EMAIL, settings=settings, created_at=world.now, least_level=level)
        world.process.get(ManageChannels).create(ROOT, channel)
    scene.reports(WARNING)
    bob = Actor(user_id=scene.bob.id, username="bob", role=Role.USER)
    whole, own = explained(world, world.now), explained(world, world.now, actor=bob)
    assert (["bob", "far"], 0) == ([*of_people(whole)], whole.others)
    assert (["bob"], 1) == ([*of_people(own)], own.others)
    channels = [
        [each.receiver.name for each in found.recipients if isinstance(each.receiver, Channel)]
        for found in (whole, own)
    ]
    assert [["loud", "silent"], ["loud"]] == channels


def test_a_policy_that_left_for_another_server_is_not_shown() -> None:
    scene = Scene()
    other = scene.world.server("db", "10.0.0.2")
    at = scene.reports(WARNING)
    scene.world.process.get(UpdatePolicy)(ROOT, scene.policy.id, scope=Scope(server_id=other.id))
    scene.world.process.fleet.refresh()
    found = explained(scene.world, at)
    assert (Phase.FIRING, None) == (found.facts.phase, found.policy)


def test_an_answer_has_the_ways_and_the_steps() -> None:
    scene = Scene()
    world, bob = scene.world, scene.bob
    eve = world.person("eve", "eve@example.com")
    with world.new_uow() as uow:
        url = {"url": "https://example.com/hook"}
        uow.ways.replace(
            bob.id,
            [Way(user_id=bob.id, kind=MAIL), Way(user_id=bob.id, kind="webhook", settings=url, after=5 * MINUTE)],
        )
        called = [oncall.Target(TargetKind.USER, each.id) for each in (bob, eve)]
        steps = (Step(timedelta(0), (called[0],)), Step(20 * MINUTE, (called[1],)))
        escalation = uow.escalations.add(Escalation(name="nights", steps=steps))
        uow.teams.add(
            Team(
                name="ops",
                access=TeamAccess.READ,
                created_at=START,
                server_ids=frozenset({WEB}),
                escalation_id=escalation.id,
            )
        )
        uow.commit()
    world.process.fleet.refresh()
    at = scene.reports(WARNING)
    world.let_pass(360, every=10)
    found = explained(world, at)
    [own] = [each for each in found.recipients if each.receiver.id == bob.id and isinstance(each.receiver, User)]
    assert ["mail", "webhook"] == [kind for kind, _ in own.ways]
    assert [timedelta(seconds=10), 5 * MINUTE] == [
        used.sent_at - at for _, used in own.ways if used.sent_at is not None
    ]
    assert Reason.STEP_NOT_DUE is of_people(found)["eve"].reason
    [(named, states)] = found.escalations
    assert ("nights", [(at, None), (None, at + 20 * MINUTE)]) == (
        named.name,
        [(state.ran_at, state.due_at) for state in states],
    )
    reader = Actor(user_id=eve.id, username="eve", role=Role.USER)
    world.process.get(ChangeServers).link_users(ROOT, [WEB], [eve.id])
    shown = {each.receiver.id: each.ways for each in explained(world, at, actor=reader).recipients}
    assert () == tuple(shown[bob.id]), "ways of others are shown to administrators alone"


def test_what_the_outbox_forgot_is_explained_for_the_moment() -> None:
    """Eve was notified when it became critical, and nobody can tell of what the mail of another was."""
    scene = Scene()
    world = scene.world
    eve = world.person("eve", "eve@example.com", Level.CRITICAL)
    world.process.get(ChangeServers).link_users(ROOT, [WEB], [eve.id])
    early = scene.reports(WARNING)
    late = scene.reports(CRITICAL)
    answers = [of_people(explained(world, at)) for at in (early, late)]
    scene.reports(OK)
    world.let_pass(100 * 86400, every=43200)
    assert not explained(world, early).facts.outbox
    assert answers == [of_people(explained(world, at)) for at in (early, late)]
    assert [Reason.BELOW_LEVEL, Reason.NOTIFIED] == [each["eve"].reason for each in answers]


def test_a_thousand_people_and_reminders_take_seconds() -> None:
    """Each notification is looked at once, not once for each person."""
    count, times = 1000, 100
    compared = 0

    class Counted(Target):
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return super().__eq__(other)

        __hash__ = Target.__hash__

    at = START
    targets = [Counted(user_id=UserId(number)) for number in range(count)]
    outbox = [
        Notification(
            alert_id=AlertId(1), event_id=EventId(event), event_kind=EventKind.REMINDED, target=target, server_id=WEB,
            server_name="web", ip_address="", metric="cpu", level=Level.WARNING, value=1.0,
            created_at=at, not_before=at,
        )
        for event in range(times)
        for target in targets
    ]  # fmt: skip
    facts = Facts(at=at, phase=Phase.FIRING, outbox=outbox)
    for target in targets:
        assert Reason.PENDING is answered(facts, target, None).reason
    assert compared <= 4 * count * times
