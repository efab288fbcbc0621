"""What a target gets of an incident, for every order of events: tables, and properties over random histories."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventKind, IncidentId
from monitor.domain.alerts.quiet import Notice, Why
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.messages import AT_ONCE, PACE, Received, amending
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import (
    ENDINGS,
    SEND,
    Decided,
    Decision,
    DeliveryState,
    Notification,
    Target,
)

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIRED, STEP, REMINDED, RESOLVED = (EventKind(each) for each in ("fired", "step", "reminded", "resolved"))
ESCALATED, FOUND = EventKind.ESCALATED, EventKind.FOUND
W, C = Level.WARNING, Level.CRITICAL


def notification(alert: int, kind: EventKind = FIRED, level: Level = W, at: datetime = AT) -> Notification:
    return Notification(
        alert_id=AlertId(alert),
        event_id=None,
        event_kind=kind,
        target=Target(user_id=UserId(1)),
        server_id=ServerId(alert),
        server_name="web",
        ip_address="",
        metric="cpu",
        level=level,
        value=1.0,
        created_at=at,
        not_before=at,
        incident_id=IncidentId(1),
    )


def sent(
    minute: float, alert: int, kind: EventKind = FIRED, level: Level = W, message: str | None = None
) -> Notification:
    found = notification(alert, kind, level).sent(AT + minute * MINUTE)
    return replace(found, message_id=message or f"m{minute}")


def decision(n: Notification, known: Sequence[Notification], now: datetime, *, lasts: bool = True) -> Decided:
    """The alerts 1, 11 and 21 are of the first host."""
    received = Received.of(known, _host_of)
    return amending(n, _host_of(n.server_id), received, now, lasts=lasts, reminder_pause=timedelta(hours=4))


def _host_of(server_id: ServerId) -> ServerId:
    return ServerId(server_id % 10)


def part_of(minute: float) -> Decided:
    return Decided(Decision.DROP, Reason.AMENDED, AT + minute * MINUTE, f"m{minute}")


BOTH = [sent(0, 1, message="m0"), sent(0, 2, message="m0")]
"""The first message names two hosts."""
HELD = Decided(Decision.HOLD, Reason.AMENDED)


def waits(minute: float) -> Decided:
    return Decided(Decision.WAIT, Reason.PENDING, AT + minute * MINUTE)


@pytest.mark.parametrize(
    ("known", "minute", "now", "expected"),
    [
        ([], 0, notification(1), SEND),
        ([sent(0, 1)], 1, notification(1, level=C), SEND),
        ([sent(0, 1)], 1, notification(1, STEP), SEND),
        ([sent(0, 1)], 1, notification(1, RESOLVED), SEND),
        ([sent(0, 2)], 0.1, notification(1), SEND),  # another host
        ([sent(0, 2)], 0.1, notification(1, STEP), SEND),
        ([sent(0, 2), sent(5, 3), sent(6, 4)], 7, notification(1), SEND),
        (BOTH, 0.1, notification(11), SEND),  # another alert of a host that is named
        ([*BOTH, sent(0.5, 3)], 0.75, notification(4), waits(1)),
        ([*BOTH, sent(0.5, 3)], 0.75, notification(11), waits(1)),
        ([*BOTH, sent(0.5, 3)], 1, notification(4), SEND),
        ([*BOTH, sent(0.5, 3), sent(1, 4)], 1.1, notification(5), waits(1.5)),
        ([*BOTH, sent(0.5, 3)], 0.75, notification(4, level=C), SEND),
        ([*BOTH, sent(0.5, 3, level=C)], 0.75, notification(2, ESCALATED, C), waits(1)),  # another host is critical
        ([*BOTH, sent(240, 2, REMINDED)], 245, notification(1, REMINDED), part_of(240)),
        ([*BOTH, sent(230, 2, REMINDED)], 245, notification(1, REMINDED), SEND),
        ([sent(0, 2), sent(240, 2, REMINDED)], 240.1, notification(1, REMINDED), SEND),  # the first about its alert
        ([*BOTH, sent(3, 2, STEP)], 4, notification(1, STEP), part_of(3)),
        ([*BOTH, sent(3, 2, STEP, C)], 4, notification(1, STEP, C), SEND),
        ([*BOTH, sent(0.5, 1, level=C)], 0.75, notification(1), part_of(0.5)),  # after its higher level
        ([*BOTH, sent(0.5, 1, FOUND)], 0.75, notification(1, FOUND), waits(1)),
    ],
)
def test_one_more(known: list[Notification], minute: float, now: Notification, expected: Decided) -> None:
    assert expected == decision(now, known, AT + minute * MINUTE)


@pytest.mark.parametrize("kind", [FIRED, STEP, REMINDED, RESOLVED])
def test_all_about_one_host_comes_at_once(kind: EventKind) -> None:
    """Also what happens to it days after the first alert, while that lasts."""
    known = [sent(0, 11, level=C), sent(1, 21, level=C), sent(2, 31, level=C)]
    assert SEND == decision(notification(1, kind), known, AT + 3 * MINUTE)


def test_reminders_that_the_settings_put_close_together_are_not_left_out() -> None:
    received = Received.of([*BOTH, sent(1, 1, REMINDED), sent(1, 2, REMINDED, message="m1")], _host_of)
    pause = timedelta(seconds=15)
    n, now = notification(1, REMINDED), AT + MINUTE + pause
    assert SEND == amending(n, ServerId(1), received, now, lasts=True, reminder_pause=pause)


def test_an_end_waits_while_the_incident_lasts() -> None:
    known = [sent(0, 1), sent(0, 2, message="m0")]
    assert (HELD, SEND) == tuple(decision(notification(1, RESOLVED), known, AT, lasts=lasts) for lasts in (True, False))


@pytest.mark.parametrize("reason", [Reason.SUPPRESSED_BY, Reason.PENDING_PARENT, Reason.SILENCED, Reason.QUIET_HOURS])
def test_what_was_held_back_is_sent_at_once(reason: Reason) -> None:
    known, released = [*BOTH, sent(0.5, 12)], replace(notification(11), reason=reason)
    assert (waits(1), SEND) == tuple(decision(n, known, AT + 0.75 * MINUTE) for n in (notification(11), released))


@pytest.mark.parametrize(
    ("why", "expected"),
    [(Why.FIRST, SEND), (Why.HIGHER, SEND), (Why.LASTED, waits(1)), (Why.ADDED_UP, waits(1))],
)
def test_an_escalation_that_begins_when_its_parent_is_back_is_sent(why: Why, expected: Decided) -> None:
    """Nothing of it was held in the outbox."""
    due = replace(notification(11, EventKind.DUE), notice=Notice(0, W, why))
    assert expected == decision(due, [*BOTH, sent(0.5, 12)], AT + 0.75 * MINUTE)


TURN = timedelta(seconds=10)


class Mailbox:
    """A target of one incident. Each ten seconds it gets what is due in one message."""

    def __init__(self) -> None:
        self.waiting: list[Notification] = []
        self.known: list[Notification] = []
        self.messages: list[tuple[datetime, list[Notification]]] = []
        self.covered: set[AlertId | None] = set()

    def deliver(self, now: datetime) -> None:
        due = [n for n in self.waiting if n.not_before <= now]
        self.waiting = [n for n in self.waiting if n not in due]
        decisions = [(n, decision(n, self.known, now)) for n in due]
        for n, decided in decisions:
            if decided.decision is Decision.WAIT:
                assert decided.at is not None
                assert now < decided.at <= now + PACE
                self.waiting.append(n.settled(decided))
            elif decided.decision is Decision.DROP:
                settled = n.settled(decided)
                assert (settled.delivery, settled.reason) == (DeliveryState.DROPPED, Reason.AMENDED)
                assert settled.message_id in {each.message_id for each in self.known}
                self.covered.add(n.alert_id)
        if chosen := [n for n, decided in decisions if decided == SEND]:
            self.messages.append((now, chosen))
            self.known += [sent((now - AT) / MINUTE, n.alert_id or 0, n.event_kind, n.level) for n in chosen]


rises = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 39), st.sampled_from([W, C])), min_size=1, max_size=40)


def played(events: Sequence[tuple[int, int, Level]], kind: EventKind = FIRED) -> Mailbox:
    """*events*: (turn, alert, level)."""
    mailbox = Mailbox()
    for turn in range(150):
        now = AT + turn * TURN
        mailbox.waiting += [notification(alert, kind, level, now) for at, alert, level in events if at == turn]
        mailbox.deliver(now)
    assert not mailbox.waiting
    return mailbox


@given(rises)
def test_two_messages_a_minute_are_the_most_but_for_what_is_worse(events: list[tuple[int, int, Level]]) -> None:
    """Only while there are several hosts: what is about the only one so far gets its own messages as ever."""
    highest, times = Level.OK, list[datetime]()
    seen = set[int]()
    for now, message in played(events).messages:
        level = max(n.level for n in message)
        if len(seen) > 1 and level <= highest:
            assert len([each for each in times if now - each < PACE]) < AT_ONCE
        seen.update(n.server_id % 10 for n in message)
        highest, times = max(level, highest), [*times, now]


@given(rises, st.sampled_from([FIRED, STEP, REMINDED]))
def test_each_alert_is_in_a_message_or_another_stands_for_it(
    events: list[tuple[int, int, Level]], kind: EventKind
) -> None:
    mailbox = played(events, kind)
    said = {n.alert_id for _, message in mailbox.messages for n in message}
    assert {alert for _, alert, _ in events} == said | mailbox.covered


@given(rises)
def test_no_alert_and_no_level_of_one_is_said_late(events: list[tuple[int, int, Level]]) -> None:
    mailbox = played(events)
    for at, alert, level in events:
        due = AT + at * TURN
        assert any(
            sent_at <= due + PACE and (n.alert_id, max(n.level, level)) == (alert, n.level)
            for sent_at, message in mailbox.messages
            for n in message
        )


@given(rises)
def test_reminders_of_known_alerts_are_apart(events: list[tuple[int, int, Level]]) -> None:
    alerts = sorted({alert for _, alert, _ in events})
    mailbox = Mailbox()
    mailbox.known = [sent(-300, alert, message="first") for alert in {*alerts, 9, 10}]
    for alert, at in {alert: at for at, alert, _ in events}.items():
        mailbox.waiting.append(notification(alert, REMINDED, at=AT + at * MINUTE))
    for minute in range(91):
        mailbox.deliver(AT + minute * MINUTE)
    times = [at for at, _ in mailbox.messages]
    assert all(after - before >= timedelta(minutes=10) for before, after in pairwise(times))


def test_ends_are_never_decided_by_how_many_messages_there_were() -> None:
    known = [sent(0, 1), sent(5, 2), sent(9, 3)]
    assert all(decision(notification(1, kind), known, AT, lasts=False) == SEND for kind in ENDINGS)
