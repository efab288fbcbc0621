"""A kill, or a database error, at every statement: no alert is lost or doubled, and every recipient is notified."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from monitor.adapters.memory.fakes import FixedClock, MemorySender
from monitor.application.notifications.sender_ports import Message
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import OFFLINE
from tests.unit.application.alerts.alert_invariants import assert_consistent
from tests.unit.application.alerts.alert_world import START, World
from tests.unit.application.alerts.kills.kill_play import DB, WEB, Act, Play
from tests.unit.application.alerts.kills.kill_scenes import BACKGROUND, CALLED, DELIVERY, PEOPLE, SILENT, STORE
from tests.unit.application.alerts.kills.mortal import ENDS, Fate, MortalMailer, MortalStore, forked

BY_MAINTENANCE = (
    *(EventKind.REMINDED, EventKind.DUE, EventKind.CANCELLED, EventKind.FOUND),
    *(EventKind.STEP, EventKind.ACK_EXPIRED, EventKind.HANDED_OVER),
)
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
            who = e.username, e.recipient, e.channel, e.note, e.left_out
            entries.append((n, e.at if is_timed else None, e.event_kind, e.level, *who))
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
    return (alerts(play), timelines(play), tellings(play), _parked(play), _stored(play))


def _stored(play: Play) -> tuple[object, ...]:
    """Where escalations stand, but for their times, and mails about turns."""
    state = play.world.store._database.state
    pagings = [(each.alert_id, each.progress.turn, each.progress.step) for each in state.pagings.values()]
    mails = [(mail.username, mail.event, mail.name) for mail in state.account_mails.values()]
    return sorted(pagings), sorted(mails)


def _parked(play: Play) -> Counter[object]:
    return Counter((row.event_kind, row.delivery, row.target) for row in play.world.outbox())


def played(base: Play, act: Act, fate: Fate, alive: Iterable[ServerId]) -> tuple[Play, int]:
    """Return the play in its end, and how many calls of *act* counted."""
    play = forked_play(base, fate)
    act(play)
    fate.strikes_at, calls = 0, fate.calls
    play.settle(alive)
    assert_consistent(play.world)
    return play, calls


COMMITS = ("commit", "sending")
"""Of the other calls nothing lasts."""


@pytest.mark.parametrize("names", [COMMITS, pytest.param((), marks=pytest.mark.nightly)], ids=["commit", "statement"])
@pytest.mark.parametrize("scene", [*STORE, *BACKGROUND, *DELIVERY, *PEOPLE])
def test_a_kill_or_error_at_any_commit_or_statement_changes_no_result(scene: str, names: Collection[str]) -> None:
    assert_kills_change_nothing(scene, names)


@pytest.mark.parametrize("scene", CALLED)
def test_a_kill_at_any_statement_of_an_escalation_runs_each_step_once(scene: str) -> None:
    assert_kills_change_nothing(scene, ())


def assert_kills_change_nothing(scene: str, names: Collection[str]) -> None:
    prepare, act = (STORE | BACKGROUND | DELIVERY | PEOPLE)[scene]
    base, alive = prepare(), [DB] if scene in SILENT else [WEB, DB]
    play, calls = played(base, act, Fate(names=names), alive)
    expected = outcome(play)
    assert calls >= (1 if names else 3)
    for (_, error), before, n in product(ENDS, (True, False), range(1, calls + 1)):
        fate = Fate(n, before, error, names)
        play, _ = played(base, act, fate, alive)
        assert len(fate.struck) == 1
        assert (error, fate.struck, *expected) == (error, fate.struck, *outcome(play))
        _assert_twice_only_between_sending_and_marking(play, fate, scene)


def _assert_twice_only_between_sending_and_marking(play: Play, fate: Fate, scene: str) -> None:
    sent = Counter((to, message.message_id) for to, message in play.world.mails())
    twice = [key for key, count in sent.items() if count > 1]
    assert len(twice) <= (1 if scene in DELIVERY else 0), fate.struck
