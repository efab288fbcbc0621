"""Random escalations on virtual time, with silences, acknowledgements, restarts and outages between their steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.oncall.escalations import ManageEscalations
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy
from monitor.application.policies.silences import CreateSilence
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventId, EventKind, TimelineEntry
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.notifications.outbox import DeliveryState
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.policies.policies import Policy, Scope
from monitor.domain.policies.silences import Silence
from tests.examples import examples
from tests.unit.application.alerts.alert_invariants import assert_consistent
from tests.unit.application.alerts.alert_world import ROOT, START, World

MINUTE = timedelta(minutes=1)
TICK = timedelta(seconds=30)
WEB, BOB, EVE, DAN = ServerId(1), UserId(1), UserId(2), UserId(3)
"""Dan has no address."""
LAST = 0
"""In place of a step's number: the last resort."""
OPENINGS = (EventKind.FIRED, EventKind.DUE, EventKind.ACK_EXPIRED, EventKind.ESCALATED)


class Ran(NamedTuple):
    at: datetime
    number: int
    turn: int


@dataclass(slots=True)
class Play:
    """*acts*: what happens in which minute: `silence` or `down` for some minutes, `acknowledge`, `restart`, `rise`."""

    escalation: Escalation
    acts: dict[int, tuple[str, int]]
    lasts: int
    ack_expires: int | None
    world: World = field(default_factory=World)
    busy: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When the alert is silenced, or nothing runs."""
    cpu: float = 75.0

    def run(self) -> None:
        self._prepare()
        down_until = START
        while self.world.now < START + self.lasts * MINUTE:
            minute, rest = divmod(self.world.now - START, MINUTE)
            if not rest and minute in self.acts:
                down_until = max(down_until, self._act(*self.acts[minute]))
            if self.world.now >= down_until:
                self.world.report(WEB, self.cpu, interval=30.0)
                self.world.background()
            self.world.clock.advance(TICK)

    def _prepare(self) -> None:
        world = self.world
        people = [world.person(name, f"{name}@example.com") for name in ("bob", "eve")] + [world.person("dan")]
        assert [BOB, EVE, DAN] == [user.id for user in people]
        assert world.server("web", "10.0.0.1").id == WEB
        limits = {"warning": 70.0, "critical": 85.0, "sustained_for": timedelta(0), "clear_for": timedelta(0)}
        world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", **limits))  # type: ignore[arg-type]
        expires = None if self.ack_expires is None else self.ack_expires * 60
        values = {"ack_expires": expires, "last_resort": (("user", EVE),)}
        world.process.get(ChangePreferences)(ROOT, values)
        with world.new_uow() as uow:
            stored = uow.escalations.add(self.escalation)
            uow.teams.add(
                Team(
                    name="ops",
                    access=TeamAccess.WRITE,
                    created_at=world.now,
                    server_ids=frozenset({WEB}),
                    escalation_id=stored.id,
                )
            )
            uow.commit()
        world.process.fleet.refresh()

    def _act(self, what: str, minutes: int) -> datetime:
        """Return until when this server is down."""
        world, until = self.world, self.world.now + minutes * MINUTE
        alerts = [alert for alert in world.alerts() if alert.is_open]
        match what:
            case "silence":
                scope, now = Scope(server_id=WEB), world.now
                world.process.get(CreateSilence)(
                    ROOT, Silence(scope=scope, starts_at=now, ends_at=until, reason="", created_at=now)
                )
                self.busy.append((now, until))
            case "down":
                self.busy.append((world.now, until))
                world.restart()
                return until
            case "restart":
                world.restart()
            case "rise":
                self.cpu = 90.0
            case _ if alerts:
                world.process.get(AcknowledgeAlert)(ROOT, alerts[0].id)
        return world.now

    def timeline(self) -> list[TimelineEntry]:
        found = sorted(self.world.timeline(self.world.alerts()[0]), key=lambda entry: entry.id)
        return [entry for entry in found if entry.event_kind in (*OPENINGS, EventKind.STEP, EventKind.ACKNOWLEDGED)]

    def turns(self) -> Iterator[list[Ran]]:
        """Yield what ran from each opening to the next; an opening that notifies is the first step."""
        notified = {n.event_id for n in self.world.outbox()}
        ran: list[Ran] = []
        for entry in self.timeline():
            if entry.event_kind in OPENINGS:
                yield ran
                ran = [Ran(entry.at, 1, 0)] if entry.id in notified else []
            elif entry.event_kind is EventKind.STEP:
                again = sum(each.number == number(entry) for each in ran)
                ran.append(Ran(entry.at, number(entry), again))
                assert (entry.note or "").endswith(" (again)") is (again > 0), entry
        yield ran


def number(entry: TimelineEntry) -> int:
    note = (entry.note or "").removesuffix(" (again)")
    assert note in {"last resort of ops", *(f"step {n} of ops" for n in range(1, 9))}, note
    return LAST if note.startswith("last") else int(note.split(" ")[1])


def planned(escalation: Escalation) -> list[int]:
    """Return the numbers of all steps in the order in which they run if nobody acknowledges."""
    reaches = any(target.id != DAN for step in escalation.steps for target in step.to)
    once = [*range(1, len(escalation.steps) + 1), *([] if reaches else [LAST])]
    return once * (escalation.repeats + 1)


STEPS = st.lists(st.tuples(st.integers(0, 8), st.sampled_from([BOB, EVE, DAN, DAN])), min_size=1, max_size=4)
ESCALATIONS = st.builds(
    lambda steps, pause, repeats: Escalation(
        name="ops",
        steps=tuple(
            Step(sum(gap for gap, _ in steps[: place + 1]) * MINUTE, (Target(TargetKind.USER, who),))
            for place, (_, who) in enumerate(steps)
        ),
        repeat_after=pause * MINUTE,
        repeats=repeats,
    ),
    STEPS,
    st.integers(1, 10),
    st.integers(0, 2),
)
ACTS = st.dictionaries(
    st.integers(0, 60),
    st.tuples(st.sampled_from(["silence", "silence", "down", "acknowledge", "restart", "rise"]), st.integers(1, 25)),
    max_size=5,
)


@settings(max_examples=examples(25))
@given(ESCALATIONS, ACTS, st.none() | st.integers(5, 20))
def test_each_step_runs_once_a_turn_in_order_and_gaps_stay(
    escalation: Escalation, acts: dict[int, tuple[str, int]], ack_expires: int | None
) -> None:
    play = Play(escalation, acts, lasts=80, ack_expires=ack_expires)
    play.run()
    assert_consistent(play.world)
    for ran in play.turns():
        assert [each.number for each in ran] == planned(escalation)[: len(ran)]
        for one, other in pairwise(ran):
            assert other.at - one.at >= gap(escalation, one, other)
        for each in ran:
            assert not any(begins < each.at < ends for begins, ends in play.busy), each


def gap(escalation: Escalation, one: Ran, other: Ran) -> timedelta:
    """Return how much time lies at least between two steps."""
    if other.turn > one.turn:
        return escalation.repeat_after or timedelta(0)
    reached = one.number != LAST and escalation.steps[one.number - 1].to[0].id != DAN
    if not reached or other.number == LAST:
        return timedelta(0)
    return escalation.steps[other.number - 1].after - escalation.steps[one.number - 1].after


@settings(max_examples=examples(25))
@given(ESCALATIONS, ACTS, st.none() | st.integers(5, 20))
def test_an_acknowledgement_is_the_end_until_it_expires_or_the_level_rises(
    escalation: Escalation, acts: dict[int, tuple[str, int]], ack_expires: int | None
) -> None:
    play = Play(escalation, acts, lasts=80, ack_expires=ack_expires)
    play.run()
    is_acknowledged = False
    for entry in play.timeline():
        if entry.event_kind in (EventKind.ACK_EXPIRED, EventKind.ESCALATED):
            assert entry.event_kind is EventKind.ESCALATED or (is_acknowledged and ack_expires is not None)
            is_acknowledged = False
        elif entry.event_kind is EventKind.ACKNOWLEDGED:
            is_acknowledged = True
        else:
            assert not is_acknowledged or entry.event_kind is EventKind.FIRED, entry
    if is_acknowledged:
        assert play.world.store._database.state.pagings == {}


@settings(max_examples=examples(25))
@given(ESCALATIONS, ACTS)
def test_a_restart_changes_nothing(escalation: Escalation, acts: dict[int, tuple[str, int]]) -> None:
    kept = {minute: act for minute, act in acts.items() if act[0] != "restart"}
    restarts = {minute: ("restart", 1) for minute in range(0, 80, 7) if minute not in kept}
    one, other = (Play(escalation, each, lasts=80, ack_expires=10) for each in (kept, kept | restarts))
    one.run()
    other.run()
    assert shown(one) == shown(other)


def shown(play: Play) -> Sequence[object]:
    rows = [(n.target, n.event_kind, n.created_at, n.delivery) for n in play.world.outbox()]
    return [(e.at, e.event_kind, e.note, e.left_out) for e in play.timeline()] + rows


@settings(max_examples=examples(25))
@given(ESCALATIONS, ACTS)
def test_only_whom_steps_name_is_notified_and_everybody_else_has_a_reason(
    escalation: Escalation, acts: dict[int, tuple[str, int]]
) -> None:
    play = Play(escalation, acts, lasts=80, ack_expires=None)
    play.run()
    named = {target.id for step in escalation.steps for target in step.to}
    notified: dict[tuple[AlertId | None, EventId | None], set[int | None]] = {}
    for n in play.world.outbox():
        assert n.target.user_id in named | {EVE}
        assert n.delivery is not DeliveryState.HELD
        notified.setdefault((n.alert_id, n.event_id), set()).add(n.target.user_id)
    seen: set[int | None] = set()
    for entry in play.timeline():
        seen |= notified.get((entry.alert_id, entry.id), set())
        if entry.left_out is not None and entry.event_kind is not EventKind.ACKNOWLEDGED:
            assert named <= seen | {each.user_id for each in entry.left_out}, entry


def test_a_step_that_another_process_has_just_moved_runs_once() -> None:
    steps = [Step(minutes * MINUTE, (Target(TargetKind.USER, who),)) for minutes, who in ((0, BOB), (5, EVE))]
    play = Play(Escalation(name="ops", steps=tuple(steps)), {}, lasts=5, ack_expires=None)
    play.run()
    world = play.world
    other = World(store=world.store, clock=world.clock)
    [stored] = other.process.fleet.directory.roster.escalations.values()
    between = Step(4 * MINUTE, (Target(TargetKind.USER, DAN),))
    other.process.get(ManageEscalations).change(ROOT, replace(stored, steps=(steps[0], between, steps[1])))
    for _ in range(3):
        world.process.get(AlertMaintenance)()
        world.clock.advance(TICK)
    assert [BOB, EVE] == [n.target.user_id for n in world.outbox()]
