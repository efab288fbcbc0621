"""A kill, or a database error, at every statement: no alert is lost or doubled, and every recipient is notified."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from monitor.adapters.memory.stand_ins import FixedClock, MemorySender
from monitor.application.notifications.ports import Message
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind
from monitor.domain.alerts.policies import OFFLINE
from monitor.domain.fleet.servers import ServerId
from tests.unit.application.alerts.alert_invariants import assert_consistent
from tests.unit.application.alerts.alert_world import START, World
from tests.unit.application.alerts.kill_play import DB, WEB, Act, Play
from tests.unit.application.alerts.kill_scenes import BACKGROUND, DELIVERY, PEOPLE, SILENT, STORE
from tests.unit.application.alerts.mortal import ENDS, Fate, MortalMailer, MortalStore, forked

BY_MAINTENANCE = (EventKind.REMINDED, EventKind.DUE, EventKind.CANCELLED, EventKind.FOUND)
"""After a kill the next process waits for the lease of the one that died."""


def forked_play(play: Play, fate: Fate) -> Play:
    """Its own store, in a process of its own that began when the first one did."""
    world = play.world
    store = forked(world.store)
    mailer = MortalMailer(fate)
    mailer.answers.update(world.mailer.answers)
    mailer.sent.extend(world.mailer.sent)
    fork = World(
        store=store,
        mailer=mailer,
        senders={kind: _copied(sender) for kind, sender in world.senders.items()},
        clock=FixedClock(START),
        opened=MortalStore(store, fate),
    )
    fork.clock.advance(world.now - START)
    return Play(fork, fate)


def _copied(sender: MemorySender) -> MemorySender:
    copy = type(sender)(sender.form)
    copy.sent.extend(sender.sent)
    return copy


def alerts(play: Play) -> list[Alert]:
    """All of an alert but ids, the times of notifications, and what the lease of a dead process delays."""
    return [_timed(replace(alert, id=AlertId(0), last_notified_at=None)) for alert in play.world.alerts()]


def _timed(alert: Alert) -> Alert:
    if alert.metric == OFFLINE:
        peak: dict[str, Any] = {"peak_value": 0.0, "peak_at": START}
        return replace(alert, fired_at=START, started_at=START, resolved_at=None, value=0.0, **peak)
    return replace(alert, resolved_at=None) if alert.state is AlertState.CANCELLED else alert


def timelines(play: Play) -> list[object]:
    entries = []
    for n, alert in enumerate(play.world.alerts()):
        for e in play.world.timeline(alert):
            by_others = (*BY_MAINTENANCE, EventKind.NOTIFIED, EventKind.PARKED)
            is_timed = e.event_kind not in by_others and alert.metric != OFFLINE
            entries.append((n, e.at if is_timed else None, e.event_kind, e.level, e.username, e.recipient, e.channel))
    return sorted(entries, key=repr)


def tellings(play: Play) -> Counter[object]:
    """Recipients with their messages and items; the same message twice counts once."""
    messages: dict[tuple[str, str], Message] = {(to, m.message_id): m for to, m in play.world.mails()}
    return Counter(
        (to, item.event_kind, item.server_name, item.alert.metric, item.level)
        for (to, _), message in messages.items()
        for item in message.items
    )


def outcome(play: Play) -> tuple[object, ...]:
    return (alerts(play), timelines(play), tellings(play), _parked(play))


def _parked(play: Play) -> Counter[object]:
    return Counter((row.event_kind, row.delivery, row.target) for row in play.world.outbox())


def played(base: Play, act: Act, fate: Fate, alive: Iterable[ServerId]) -> Play:
    play = forked_play(base, fate)
    act(play)
    fate.strikes_at = 0
    play.settle(alive)
    assert_consistent(play.world)
    return play


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    "end", [ENDS[0], pytest.param(ENDS[1], marks=pytest.mark.nightly)], ids=[name for name, _ in ENDS]
)
@pytest.mark.parametrize("scene", [*STORE, *BACKGROUND, *DELIVERY, *PEOPLE])
def test_a_kill_or_error_at_any_statement_changes_no_result(scene: str, end, before: bool) -> None:
    prepare, act = (STORE | BACKGROUND | DELIVERY | PEOPLE)[scene]
    base, alive = prepare(), [DB] if scene in SILENT else [WEB, DB]
    expected = outcome(played(base, act, Fate(), alive))
    struck = []
    for n in range(1, 1000):
        fate = Fate(strikes_at=n, before=before, error=end[1])
        play = played(base, act, fate, alive)
        if not fate.struck:
            break
        struck += fate.struck
        assert (fate.struck, *expected) == (fate.struck, *outcome(play))
        _assert_twice_only_between_sending_and_marking(play, fate, scene)
    assert len(struck) == n - 1 >= 3


def _assert_twice_only_between_sending_and_marking(play: Play, fate: Fate, scene: str) -> None:
    sent = Counter((to, message.message_id) for to, message in play.world.mails())
    twice = [key for key, count in sent.items() if count > 1]
    assert len(twice) <= (1 if scene in DELIVERY else 0), fate.struck
