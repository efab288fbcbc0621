"""A notification is tried again, given up, held back or dropped."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventId, EventKind, TimelineEntry
from monitor.domain.alerts.reasons import PARENTS, Reason
from monitor.domain.notifications.outbox import (
    FIRST_PAUSE,
    GIVE_UP_AFTER,
    LEASE,
    LONGEST_PAUSE,
    Decision,
    DeliveryState,
    Notification,
    NotParked,
    Target,
    decide,
)
from tests.contracts.builders import AT, MICROSECOND, SECOND, a_notification

DAY = timedelta(days=1)
FRESH = a_notification(
    TimelineEntry(id=EventId(1), alert_id=AlertId(1), at=AT, event_kind=EventKind.FIRED), Target(user_id=UserId(1))
)
OPENINGS = [EventKind.FIRED, EventKind.ESCALATED, EventKind.DUE]
ENDS = [EventKind.RESOLVED, EventKind.CANCELLED]

delays = st.sampled_from([timedelta(0), MICROSECOND, SECOND, LEASE, timedelta(hours=1)]) | st.timedeltas(
    timedelta(0), timedelta(hours=8)
)


def tried_in_vain(notification: Notification, at: datetime, delays: list[timedelta]) -> list[Notification]:
    """Yield it after each failed attempt, late by one of *delays*, until it is parked."""
    tries = []
    for delay in delays:
        notification = notification.failed(at + delay, "421 later", for_good=False)
        tries.append(notification)
        if notification.delivery is DeliveryState.PARKED:
            break
        at = notification.not_before
    return tries


@given(st.lists(delays, min_size=1, max_size=80))
def test_pauses_grow_and_attempts_are_in_order(delays: list[timedelta]) -> None:
    at, notification, pauses = AT, FRESH, []
    for delay in delays:
        at = max(at, notification.not_before) + delay
        notification = notification.failed(at, "421 later", for_good=False)
        if notification.delivery is DeliveryState.PARKED:
            break
        assert notification.delivery is DeliveryState.PENDING
        pauses.append(notification.not_before - at)
    assert all(FIRST_PAUSE <= pause <= LONGEST_PAUSE for pause in pauses)
    assert all(later == min(2 * pause, LONGEST_PAUSE) for pause, later in pairwise(pauses))


@given(st.timedeltas(timedelta(0), 100 * DAY), st.lists(delays, max_size=200))
def test_it_is_tried_for_24_hours_from_the_first_attempt_on(waited: timedelta, delays: list[timedelta]) -> None:
    """However long it waited: after a weekend's silence one failure must not be the end."""
    first = AT + waited
    tries = tried_in_vain(FRESH, first, [*delays, *[timedelta(0)] * 200])
    parked = tries[-1]
    assert parked.delivery is DeliveryState.PARKED
    last_pending = tries[-2]
    assert last_pending.not_before - first >= GIVE_UP_AFTER
    assert parked.attempts == len(tries)


@given(st.timedeltas(timedelta(0), timedelta(minutes=1)))
def test_without_delays_it_is_parked_after_24_hours_and_a_pause(digest_wait: timedelta) -> None:
    tries = tried_in_vain(FRESH, AT + digest_wait, [timedelta(0)] * 200)
    assert tries[-1].delivery is DeliveryState.PARKED
    given_up_after = tries[-2].not_before - FRESH.created_at
    assert GIVE_UP_AFTER <= given_up_after < GIVE_UP_AFTER + LONGEST_PAUSE + digest_wait


@given(st.lists(st.timedeltas(timedelta(0), timedelta(minutes=1)), min_size=60, max_size=300))
def test_attempts_together_with_newer_ones_do_not_end_it_early(delays: list[timedelta]) -> None:
    """Whole targets are claimed, so a failing notification is tried with every new one, during its pause too."""
    at, notification = AT, FRESH
    for delay in delays:
        at += delay
        notification = notification.failed(at, "421 later", for_good=False)
        assert (notification.delivery is DeliveryState.PARKED) == (at - AT >= GIVE_UP_AFTER)


@pytest.mark.parametrize("age", [timedelta(0), GIVE_UP_AFTER])
@pytest.mark.parametrize("attempts", [0, 1, 60])
def test_a_final_refusal_parks_it_at_once(age, attempts) -> None:
    before = replace(FRESH, attempts=attempts, message_id="m")
    after = before.failed(AT + age, "550 no such user", for_good=True)
    assert after == replace(before, delivery=DeliveryState.PARKED, attempts=attempts + 1, last_error="550 no such user")


def test_after_a_failure_it_belongs_to_no_message() -> None:
    """The next attempt may combine it with more notifications."""
    after = replace(FRESH, message_id="m").failed(AT, "421 later", for_good=False)
    assert (after.message_id, after.last_error) == ("", "421 later")


def test_a_sent_one_has_its_time() -> None:
    failed = FRESH.failed(AT, "421 later", for_good=False)
    sent = replace(failed, delivery=DeliveryState.SENT, sent_at=AT + SECOND, attempts=2)
    assert failed.sent(AT + SECOND) == sent


@given(st.integers(0, 10_000), st.timedeltas(-DAY, 400 * DAY))
def test_any_number_of_attempts_has_a_pause(attempts: int, age: timedelta) -> None:
    """No overflow, and never a time in the past."""
    after = replace(FRESH, attempts=attempts).failed(AT + age, "421 later", for_good=False)
    if after.delivery is DeliveryState.PENDING:
        assert FIRST_PAUSE <= after.not_before - (AT + age) <= LONGEST_PAUSE


def test_holding_dropping_and_releasing_change_only_the_state_and_its_reason() -> None:
    assert FRESH.held() == replace(FRESH, delivery=DeliveryState.HELD, reason=Reason.SILENCED)
    assert FRESH.dropped() == replace(FRESH, delivery=DeliveryState.DROPPED, reason=Reason.OK)
    later = AT + DAY
    released = replace(FRESH, delivery=DeliveryState.PENDING, not_before=later, reason=Reason.SILENCED)
    assert FRESH.held().released(later) == released


def test_a_released_one_waits_for_its_time_but_not_for_its_retry() -> None:
    quiet = replace(FRESH, not_before=AT + DAY).held()
    assert quiet.released(AT + SECOND).not_before == AT + DAY
    failed = FRESH.failed(AT, "421 later", for_good=False).held()
    assert failed.released(AT + SECOND).not_before == AT + SECOND < failed.not_before


@given(st.integers(1, 100), st.timedeltas(timedelta(0), 400 * DAY))
def test_a_parked_one_is_tried_again_for_as_long_as_a_new_one(attempts: int, age: timedelta) -> None:
    parked = replace(FRESH, delivery=DeliveryState.PARKED, attempts=attempts, last_error="550 no", message_id="m")
    again = parked.tried_again(AT + age)
    assert again == replace(FRESH, not_before=AT + age, last_error="550 no")
    assert len(tried_in_vain(again, AT + age, [timedelta(0)] * 200)) >= len(
        tried_in_vain(FRESH, AT, [timedelta(0)] * 200)
    )


@pytest.mark.parametrize("delivery", [each for each in DeliveryState if each is not DeliveryState.PARKED])
def test_only_a_parked_one_is_tried_again(delivery: DeliveryState) -> None:
    with pytest.raises(NotParked):
        replace(FRESH, delivery=delivery).tried_again(AT)


def test_a_lease_is_longer_than_the_first_pause() -> None:
    """Otherwise a second process would claim what the first is sending."""
    assert LEASE > FIRST_PAUSE


circumstances = st.fixed_dictionaries(
    {
        "is_open": st.booleans(),
        "is_acknowledged": st.booleans(),
        "held_by": st.sampled_from([None, Reason.SILENCED, *PARENTS]),
        "was_notified": st.booleans(),
        "notified_now": st.booleans(),
    }
)


def decided(event_kind: EventKind, **circumstances: Any) -> Decision:
    usual = {
        "is_open": True,
        "is_acknowledged": False,
        "held_by": None,
        "was_notified": False,
        "notified_now": False,
    }
    return decide(replace(FRESH, event_kind=event_kind), **(usual | circumstances)).decision


@given(st.sampled_from(OPENINGS + ENDS + [EventKind.REMINDED]), circumstances)
def test_a_silence_holds_everything_back_and_a_parent_no_end(event_kind: EventKind, given_) -> None:
    assert decided(event_kind, **(given_ | {"held_by": Reason.SILENCED})) is not Decision.SEND
    by_parent, by_nothing = (decided(event_kind, **(given_ | {"held_by": by})) for by in (Reason.SUPPRESSED_BY, None))
    if event_kind in ENDS:
        assert by_parent is by_nothing
    else:
        assert by_parent is not Decision.SEND


@given(st.sampled_from(OPENINGS + ENDS + [EventKind.REMINDED]), circumstances)
def test_outside_of_silences_nothing_is_held(event_kind: EventKind, given_) -> None:
    assert decided(event_kind, **(given_ | {"held_by": None})) is not Decision.HOLD


@given(st.sampled_from(OPENINGS), circumstances)
def test_the_beginning_is_sent_even_after_the_end_unless_all_was_silenced(event_kind: EventKind, given_) -> None:
    """An alert that fired and ended before that is sent as both."""
    if_silenced = Decision.HOLD if given_["is_open"] else Decision.DROP
    assert decided(event_kind, **given_) is (if_silenced if given_["held_by"] else Decision.SEND)


@given(st.sampled_from(ENDS), circumstances)
def test_an_end_is_sent_to_targets_notified_of_the_beginning(event_kind: EventKind, given_) -> None:
    decision = decided(event_kind, **given_)
    if given_["was_notified"]:
        assert decision is (Decision.HOLD if given_["held_by"] is Reason.SILENCED else Decision.SEND)
    elif given_["notified_now"] and given_["held_by"] is not Reason.SILENCED:
        assert decision is Decision.SEND
    else:
        assert decision is Decision.DROP


@given(circumstances)
def test_a_reminder_is_sent_now_or_dropped(given_) -> None:
    """It is for an alert that now fires, unacknowledged and unsilenced; later there will be another."""
    is_due = given_["is_open"] and not given_["is_acknowledged"] and not given_["held_by"]
    assert decided(EventKind.REMINDED, **given_) is (Decision.SEND if is_due else Decision.DROP)


@pytest.mark.parametrize(
    ("circumstances", "expected"),
    [
        ({}, (Decision.SEND, Reason.NOTIFIED)),
        ({"is_open": False}, (Decision.DROP, Reason.OK)),
        ({"is_open": False, "held_by": Reason.SILENCED}, (Decision.DROP, Reason.OK)),
        ({"is_acknowledged": True}, (Decision.DROP, Reason.ACKNOWLEDGED)),
        ({"held_by": Reason.SILENCED}, (Decision.HOLD, Reason.SILENCED)),
        ({"held_by": Reason.SUPPRESSED_BY}, (Decision.HOLD, Reason.SUPPRESSED_BY)),
    ],
)
def test_a_step_is_sent_while_nobody_has_acknowledged(
    circumstances: dict[str, bool], expected: tuple[Decision, Reason]
) -> None:
    usual: dict[str, Any] = {"is_open": True, "is_acknowledged": False, "held_by": None}
    step = replace(FRESH, event_kind=EventKind.STEP)
    assert expected == decide(step, **(usual | circumstances), was_notified=True, notified_now=False)[:2]


@pytest.mark.parametrize("event_kind", [*OPENINGS, EventKind.REMINDED, EventKind.STEP])
@pytest.mark.parametrize("reason", [Reason.QUIET_HOURS, Reason.PENDING])
def test_what_had_to_wait_is_not_sent_after_the_end(event_kind: EventKind, reason: Reason) -> None:
    waited = replace(FRESH, event_kind=event_kind, reason=reason)
    usual: dict[str, Any] = {"is_acknowledged": False, "held_by": None, "was_notified": False, "notified_now": False}
    why = Reason.QUIET_HOURS if reason is Reason.QUIET_HOURS else Reason.OK
    assert (Decision.DROP, why) == decide(waited, is_open=False, **usual)[:2]
    assert (Decision.SEND, Reason.NOTIFIED) == decide(waited, is_open=True, **usual)[:2]


@pytest.mark.parametrize("event_kind", OPENINGS)
def test_an_acknowledgement_ends_later_ways_and_not_what_waits_in_quiet_hours(event_kind: EventKind) -> None:
    usual: dict[str, Any] = {"is_open": True, "held_by": None, "was_notified": False, "notified_now": False}
    found = [
        decide(replace(FRESH, event_kind=event_kind, reason=reason), is_acknowledged=True, **usual).decision
        for reason in (Reason.PENDING, Reason.QUIET_HOURS, None)
    ]
    assert [Decision.DROP, Decision.SEND, Decision.SEND] == found
