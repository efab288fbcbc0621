"""What a target gets of an incident, for every order of events: tables, and properties over random histories."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind, IncidentId
from monitor.domain.alerts.quiet import Notice, Why
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.messages import AMENDED_AFTER, REMINDED_TOGETHER, Received, acknowledged_at, amending
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
from tests.contracts.builders import an_alert

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIRED, STEP, REMINDED, RESOLVED = (EventKind(each) for each in ("fired", "step", "reminded", "resolved"))
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


def decision(
    n: Notification,
    known: Sequence[Notification],
    now: datetime,
    *,
    lasts: bool = True,
    hosts: Mapping[int, int] = MappingProxyType({}),
) -> Decided:
    """*hosts*: of alerts; the others have each its own."""

    def host_of(server_id: ServerId) -> ServerId:
        return ServerId(hosts.get(server_id, server_id))

    return amending(n, host_of(n.server_id), Received.of(known, host_of), now, lasts=lasts)


def part_of(minute: float) -> Decided:
    return Decided(Decision.DROP, Reason.AMENDED, AT + minute * MINUTE, f"m{minute}")


WAITS, HELD = Decided(Decision.WAIT, Reason.PENDING, AT + AMENDED_AFTER), Decided(Decision.HOLD, Reason.AMENDED)


@pytest.mark.parametrize(
    ("known", "minute", "now", "expected"),
    [
        ([], 0, notification(1), SEND),
        ([sent(0, 1)], 1, notification(1, level=C), SEND),
        ([sent(0, 1)], 1, notification(1, STEP), SEND),
        ([sent(0, 1)], 1, notification(1, RESOLVED), SEND),
        ([sent(0, 2)], 1, notification(1), WAITS),
        ([sent(0, 2)], 5, notification(1), SEND),
        ([sent(0, 2)], 1, notification(1, STEP), WAITS),
        ([sent(0, 2)], 1, notification(1, level=C), SEND),
        ([sent(0, 2, level=C)], 1, notification(1, level=C), WAITS),
        ([sent(0, 2), sent(5, 3)], 6, notification(1), part_of(5)),
        ([sent(0, 2), sent(1, 3, level=C)], 2, notification(1), WAITS),  # the higher level does not count
        ([sent(0, 2), sent(1, 3, level=C), sent(5, 4)], 6, notification(1), part_of(5)),
        ([sent(0, 2), sent(0, 3, message="m0")], 1, notification(1), WAITS),
        ([sent(0, 2), sent(240, 2, REMINDED)], 241, notification(1), SEND),  # nor does a reminder
        ([sent(0, 2), sent(5, 3), sent(240, 2, REMINDED)], 241, notification(1), part_of(240)),
        ([sent(0, 2), sent(5, 1), sent(240, 2, REMINDED)], 245, notification(1, REMINDED), part_of(240)),
        ([sent(0, 2), sent(5, 1), sent(230, 2, REMINDED)], 245, notification(1, REMINDED), SEND),
        ([sent(0, 2), sent(240, 2, REMINDED)], 245, notification(1, REMINDED), SEND),  # the first about its alert
        ([sent(0, 2), sent(0, 1, message="m0"), sent(3, 2, STEP)], 4, notification(1, STEP), part_of(3)),
    ],
)
def test_one_more(known: list[Notification], minute: float, now: Notification, expected: Decided) -> None:
    assert expected == decision(now, known, AT + minute * MINUTE)


@pytest.mark.parametrize("kind", [FIRED, STEP, REMINDED, RESOLVED])
def test_all_about_one_host_comes_at_once(kind: EventKind) -> None:
    """Also what happens to it days after the first alert, while that lasts."""
    known, hosts = [sent(0, 2, level=C), sent(1, 3, level=C), sent(2, 4, level=C)], dict.fromkeys((1, 2, 3, 4), 9)
    assert SEND == decision(notification(1, kind), known, AT + 3 * MINUTE, hosts=hosts)


def test_many_messages_about_one_host_keep_quiet_about_no_other() -> None:
    known, hosts = [sent(0, 2), sent(1, 3), sent(2, 4)], dict.fromkeys((2, 3, 4), 9)
    at = [AT + minute * MINUTE for minute in (3, 6)]
    assert [WAITS, SEND] == [decision(notification(1), known, each, hosts=hosts) for each in at]
    assert part_of(6) == decision(notification(5), [*known, sent(6, 1)], AT + 7 * MINUTE, hosts=hosts)


def test_an_end_waits_while_the_incident_lasts() -> None:
    known = [sent(0, 1), sent(0, 2, message="m0")]
    assert (HELD, SEND) == tuple(decision(notification(1, RESOLVED), known, AT, lasts=lasts) for lasts in (True, False))


@pytest.mark.parametrize("reason", [Reason.SUPPRESSED_BY, Reason.PENDING_PARENT, Reason.SILENCED])
def test_what_was_held_back_is_sent_once_its_parent_is_back(reason: Reason) -> None:
    """It waits for the second message like others, and is still known then as held back."""
    two, released = [sent(0, 2), sent(5, 3)], replace(notification(1), reason=reason)
    assert SEND == decision(released, two, AT + 6 * MINUTE)
    assert SEND == decision(released, [*two, sent(6, 4)], AT + 7 * MINUTE)
    assert part_of(6) == decision(released, [*two, sent(6, 1)], AT + 7 * MINUTE)
    assert WAITS._replace(reason=reason) == decision(released, two[:1], AT + MINUTE)


@pytest.mark.parametrize(
    ("why", "expected"), [(Why.FIRST, SEND), (Why.HIGHER, SEND), (Why.LASTED, part_of(5)), (Why.ADDED_UP, part_of(5))]
)
def test_an_escalation_that_begins_when_its_parent_is_back_is_sent(why: Why, expected: Decided) -> None:
    """Nothing of it was held in the outbox."""
    due = replace(notification(1, EventKind.DUE), notice=Notice(0, W, why))
    assert expected == decision(due, [sent(0, 2), sent(5, 3)], AT + 6 * MINUTE)


def alert(number: int, acknowledged: float | None = None, *, fires: bool = True) -> Alert:
    state = AlertState.FIRING if fires else AlertState.RESOLVED
    at = None if acknowledged is None else AT + acknowledged * MINUTE
    return replace(an_alert(ServerId(number), state=state, acknowledged_at=at), id=AlertId(number))


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ([alert(2), alert(3)], None),
        ([alert(2, 7), alert(3)], None),
        ([alert(2, 7), alert(3, 6)], 7),
        ([alert(2, 7), alert(3, fires=False)], 7),
        ([alert(2, 7, fires=False), alert(3, fires=False)], 7),
        ([alert(2, 2), alert(3)], 2),  # the other came later
        ([], None),
    ],
)
def test_when_an_incident_was_acknowledged(alerts: list[Alert], expected: float | None) -> None:
    got = [sent(0, 2), sent(5, 3)]
    found = acknowledged_at(got, {each.id: each for each in alerts})
    assert (None if expected is None else AT + expected * MINUTE) == found


def test_after_an_acknowledgement_two_messages_may_come_again() -> None:
    def decided(minute: float, *known: Notification) -> Decided:
        received = Received.of(known, lambda each: each, AT + 7 * MINUTE)
        return amending(notification(1), ServerId(1), received, AT + minute * MINUTE, lasts=True)

    two, third, fourth = [sent(0, 2), sent(5, 3)], sent(8, 4), sent(13, 5)
    assert SEND == decided(8, *two)
    assert Decided(Decision.WAIT, Reason.PENDING, AT + 13 * MINUTE) == decided(9, *two, third)
    assert SEND == decided(13, *two, third)
    assert part_of(13) == decided(14, *two, third, fourth)


class Mailbox:
    """A target of one incident. Each minute it gets what is due in one message."""

    def __init__(self) -> None:
        self.waiting: list[Notification] = []
        self.known: list[Notification] = []
        self.messages: list[list[Notification]] = []
        self.covered: set[AlertId | None] = set()

    def deliver(self, now: datetime) -> None:
        due = [n for n in self.waiting if n.not_before <= now]
        self.waiting = [n for n in self.waiting if n not in due]
        decisions = [(n, decision(n, self.known, now)) for n in due]
        for n, decided in decisions:
            if decided.decision is Decision.WAIT:
                assert decided.at is not None
                assert now < decided.at <= now + AMENDED_AFTER
                self.waiting.append(n.settled(decided))
            elif decided.decision is Decision.DROP:
                settled = n.settled(decided)
                assert (settled.delivery, settled.reason) == (DeliveryState.DROPPED, Reason.AMENDED)
                assert settled.message_id in {each.message_id for each in self.known}
                self.covered.add(n.alert_id)
        if chosen := [n for n, decided in decisions if decided == SEND]:
            self.messages.append(chosen)
            self.known += [sent((now - AT) / MINUTE, n.alert_id or 0, n.event_kind, n.level) for n in chosen]


rises = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 12), st.sampled_from([W, C])), min_size=1, max_size=40)


def played(events: Sequence[tuple[int, int, Level]], kind: EventKind = FIRED) -> Mailbox:
    mailbox = Mailbox()
    for minute in range(120):
        now = AT + minute * MINUTE
        mailbox.waiting += [notification(alert, kind, level, now) for at, alert, level in events if at == minute]
        mailbox.deliver(now)
    assert not mailbox.waiting
    return mailbox


@given(rises)
def test_what_joins_is_at_most_one_more_message_besides_a_higher_level(events: list[tuple[int, int, Level]]) -> None:
    """Only alerts of others join: what was the only alert so far gets its own messages as ever."""
    mailbox = played(list({alert: (at, alert, level) for at, alert, level in events}.values()))
    highest, others = Level.OK, 0
    for message in mailbox.messages:
        level = max(n.level for n in message)
        others += level <= highest or not highest
        highest = max(level, highest)
    assert others <= 2


@given(rises, st.sampled_from([FIRED, STEP, REMINDED]))
def test_each_alert_is_in_a_message_or_another_stands_for_it(
    events: list[tuple[int, int, Level]], kind: EventKind
) -> None:
    mailbox = played(events, kind)
    said = {n.alert_id for message in mailbox.messages for n in message}
    assert {alert for _, alert, _ in events} == said | mailbox.covered


@given(rises)
def test_a_higher_level_is_never_late(events: list[tuple[int, int, Level]]) -> None:
    mailbox = played(events)
    first = min((at for at, _, level in events if level is C), default=None)
    if first is not None:
        at = min(n.created_at for message in mailbox.messages for n in message if n.level is C)
        assert AT + first * MINUTE == at


@given(rises)
def test_reminders_of_known_alerts_are_apart(events: list[tuple[int, int, Level]]) -> None:
    alerts = sorted({alert for _, alert, _ in events})
    mailbox = Mailbox()
    mailbox.known = [sent(-300, alert, message="first") for alert in alerts]
    for alert, at in {alert: at for at, alert, _ in events}.items():
        mailbox.waiting.append(notification(alert, REMINDED, at=AT + at * MINUTE))
    for minute in range(91):
        mailbox.deliver(AT + minute * MINUTE)
    times = [message[0].created_at for message in mailbox.messages]
    assert all(after - before >= REMINDED_TOGETHER for before, after in pairwise(times))


def test_ends_are_never_decided_by_how_many_messages_there_were() -> None:
    known = [sent(0, 1), sent(5, 2), sent(9, 3)]
    assert all(decision(notification(1, kind), known, AT, lasts=False) == SEND for kind in ENDINGS)
