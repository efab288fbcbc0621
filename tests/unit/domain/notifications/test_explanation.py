"""One answer for a person with several ways, and the steps of an escalation as a timeline has them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventId, EventKind, TimelineEntry
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.past_state import Phase
from monitor.domain.levels import Level
from monitor.domain.notifications.explanation import Answer, Facts, StepState, answered, steps_at, used_ways
from monitor.domain.notifications.outbox import DeliveryState, Notification, Target
from monitor.domain.oncall import escalations
from monitor.domain.oncall.escalations import Escalation, Step, TargetKind
from monitor.domain.oncall.ways import WayId

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BOB, PUSH = Target(user_id=UserId(1)), Target(user_id=UserId(1), way_id=WayId(7))
PENDING, HELD, PARKED, DROPPED = (DeliveryState(each) for each in ("pending", "held", "parked", "dropped"))


def notification(
    target: Target, delivery: DeliveryState, reason: Reason | None = None, sent: int | None = None
) -> Notification:
    return Notification(
        alert_id=AlertId(1),
        event_id=None,
        event_kind=EventKind.FIRED,
        target=target,
        server_id=ServerId(1),
        server_name="web",
        ip_address="",
        metric="cpu",
        level=Level.CRITICAL,
        value=90.0,
        created_at=AT,
        not_before=AT,
        delivery=delivery,
        reason=reason,
        last_error="550 no" if delivery is PARKED else "",
        sent_at=None if sent is None else AT + sent * MINUTE,
    )


def sent(target: Target, minute: int) -> Notification:
    return notification(target, DeliveryState.SENT, sent=minute)


def facts(*outbox: Notification, timeline: Sequence[TimelineEntry] = (), at: datetime = AT + 60 * MINUTE) -> Facts:
    return Facts(at=at, phase=Phase.FIRING, outbox=outbox, timeline=timeline)


@pytest.mark.parametrize(
    ("outbox", "answer"),
    [
        ([notification(BOB, PARKED), sent(PUSH, 5)], Answer(Reason.NOTIFIED, AT + 5 * MINUTE)),
        ([sent(BOB, 9), sent(PUSH, 5)], Answer(Reason.NOTIFIED, AT + 5 * MINUTE)),
        ([notification(BOB, PARKED), notification(PUSH, PENDING)], Answer(Reason.PENDING)),
        ([notification(BOB, PARKED), notification(PUSH, DROPPED)], Answer(Reason.NO_ADDRESS, error="550 no")),
        ([notification(BOB, DROPPED, Reason.QUIET_HOURS)], Answer(Reason.QUIET_HOURS)),
        ([notification(BOB, PENDING, Reason.QUIET_HOURS)], Answer(Reason.QUIET_HOURS)),
        ([notification(PUSH, PENDING, Reason.PENDING)], Answer(Reason.PENDING)),
        ([notification(PUSH, HELD, Reason.SILENCED), notification(BOB, DROPPED)], Answer(Reason.SILENCED)),
    ],
)
def test_a_person_is_notified_if_one_way_worked(outbox: list[Notification], answer: Answer) -> None:
    assert answer == answered(facts(*outbox), BOB, None)


def test_each_way_says_what_became_of_it() -> None:
    found = used_ways(facts(notification(BOB, PARKED), sent(PUSH, 5), notification(PUSH, PENDING)), BOB)
    assert [(None, PARKED, None, "550 no"), (7, DeliveryState.SENT, AT + 5 * MINUTE, "")] == found


NIGHTS = Escalation(
    name="nights",
    steps=tuple(Step(n * MINUTE, (escalations.Target(TargetKind.USER, n + 1),)) for n in (0, 10, 25)),
)


def entry(minute: int, event_kind: EventKind, note: str = "", *left_out: LeftOut) -> TimelineEntry:
    at = AT + minute * MINUTE
    return TimelineEntry(
        alert_id=AlertId(1), at=at, event_kind=event_kind, note=note or None, left_out=left_out, id=EventId(minute + 1)
    )


FIRED = entry(0, EventKind.FIRED)


def step(minute: int, note: str) -> TimelineEntry:
    return entry(minute, EventKind.STEP, note)


@pytest.mark.parametrize(
    ("timeline", "minute", "due", "ran"),
    [
        ([FIRED], 5, [None, 10, 25], [0, None, None]),
        ([FIRED, step(10, "step 2 of nights")], 9, [None, 10, 25], [0, None, None]),
        ([FIRED, step(10, "step 2 of nights")], 12, [None, None, 25], [0, 10, None]),
        ([FIRED, step(12, "step 2 of nights")], 12, [None, None, 27], [0, 12, None]),  # it was held back: the gap stays
        ([FIRED, step(0, "step 1 of nights"), step(0, "step 2 of nights")], 1, [None, None, 15], [0, 0, None]),
        ([FIRED, step(10, "step 2 of days")], 12, [None, 10, 25], [0, None, None]),
        ([FIRED, step(40, "step 1 of nights (again)")], 41, [None, 50, 65], [40, None, None]),
        ([FIRED, step(10, "step 2 of nights"), entry(30, EventKind.ESCALATED)], 31, [None, 40, 55], [30, None, None]),
        ([entry(0, EventKind.FIRED, "", LeftOut(Reason.SILENCED, 1))], 5, [0, 10, 25], [None, None, None]),
        ([entry(0, EventKind.FIRED, "", LeftOut(Reason.HELD, 1))], 5, [None, None, None], [None, None, None]),
        ([], 5, [None, None, None], [None, None, None]),
    ],
)
def test_steps_are_those_of_the_timeline(
    timeline: list[TimelineEntry], minute: int, due: list[int | None], ran: list[int | None]
) -> None:
    found = steps_at(facts(timeline=timeline, at=AT + minute * MINUTE), NIGHTS)
    times = [[None if each is None else AT + each * MINUTE for each in column] for column in (due, ran)]
    assert [StepState(n, *row) for n, row in enumerate(zip(*times, strict=True), 1)] == found


def test_the_last_resort_is_shown_once_it_has_run() -> None:
    timeline = [FIRED, *(step(0, f"step {n} of nights") for n in (1, 2, 3)), step(0, "last resort of nights")]
    assert StepState(None, None, AT) == steps_at(facts(timeline=timeline), NIGHTS)[-1]


def test_a_later_step_says_nothing_of_the_people_of_another_escalation() -> None:
    fired = entry(0, EventKind.FIRED, "", LeftOut(Reason.STEP_NOT_DUE, 1), LeftOut(Reason.AWAY, 2))
    later = entry(10, EventKind.STEP, "step 2 of nights", LeftOut(Reason.UNREACHABLE, 1))
    found = facts(timeline=[fired, later])
    reasons = [found.reason_recorded(Target(user_id=UserId(each))) for each in (1, 2)]
    assert [Reason.UNREACHABLE, Reason.AWAY] == reasons
