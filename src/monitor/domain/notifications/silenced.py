"""What a silence would have done to the messages of one alert to one target, by the rules of delivery (`decide`)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.alerts.quiet_replay import Replay
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.times import microseconds


class Spared(NamedTuple):
    """Messages that would never come, and that would come when the silence ends. Reminders are not counted: while a
    silence acts, none is written."""

    hidden: int = 0
    later: int = 0


def spared(
    sent: Iterable[tuple[EventKind, datetime, datetime]],
    ended_at: datetime | None,
    end_of: Callable[[datetime], datetime | None],
) -> Spared:
    """Return what becomes of the messages *sent*, oldest first: each with its kind, when it was written, and when sent.
    *ended_at*: of the alert; None: it still fires. *end_of*: when the silence that acts at a moment ends; None: none
    acts."""
    hidden, later, was_notified, waits_for = 0, 0, False, None
    for event_kind, written_at, at in sent:
        if event_kind is EventKind.REMINDED:
            was_notified = was_notified or end_of(at) is None
            continue
        if waits_for is not None and waits_for <= written_at:
            later, was_notified, waits_for = later + 1, True, None
        is_ending, end = event_kind in ENDINGS, end_of(at)
        held_until = None if is_ending else end_of(written_at)
        if is_ending and not was_notified and (hidden or waits_for is not None):
            hidden += 1 + (waits_for is not None)  # with what waits for the end of the silence
            waits_for = None
        elif end is not None and (is_ending or held_until is not None or ended_at is None or at < ended_at):
            was_notified = was_notified or is_ending  # of an ending, more was sent before
            hidden += waits_for is not None  # only the newest is sent
            waits_for = end
        elif end is not None or (held_until is not None and ended_at is not None and ended_at <= held_until):
            hidden += 1
        else:  # in time, though perhaps held until the silence ended
            hidden += held_until is not None and waits_for is not None
            was_notified, waits_for = True, None if held_until is not None else waits_for
    if waits_for is not None:
        is_sent = was_notified or ended_at is None or waits_for < ended_at
        hidden, later = hidden + (not is_sent), later + is_sent
    return Spared(hidden, later)


class Course(NamedTuple):
    """When an alert fired and reached higher levels, oldest first, and when it ended; None: it still fires."""

    alert_id: AlertId
    rises: Sequence[tuple[datetime, Level]]
    ended_at: datetime | None


def heard_of(courses: Iterable[Course], until: datetime, most_held: int) -> set[tuple[AlertId, datetime]]:
    """Return the rises, by alert and time, of which people would have been notified without a silence. *courses*: of
    one host and its checks, oldest first. *most_held*: the time between reminders."""
    following, heard = Replay(most_held), set[tuple[AlertId, datetime]]()
    for alert_id, rises, ended_at in courses:
        newest = rises[0][0]
        for place, (at, level) in enumerate(rises):
            change = Change.ESCALATED if place else Change.FIRED
            for notice in following.see(Event(change, level, microseconds(at), 0.0)):
                heard.add((alert_id, newest if notice.at < microseconds(at) else at))
            newest = at
        end = max(newest, until if ended_at is None else ended_at)
        if following.until(microseconds(end)):
            heard.add((alert_id, newest))
        if ended_at is not None:
            following.see(Event(Change.RESOLVED, rises[-1][1], microseconds(end), 0.0))
    return heard
