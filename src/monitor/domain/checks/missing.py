"""When a check-in was missed. Time in which this server could not receive pings calls no job missed, for a while."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.domain.alerts.offline import Hearing
from monitor.domain.checks.check_ins import NextDue

LONGEST_EXCUSE = timedelta(days=1)


def missed_at(
    due_at: datetime,
    grace: timedelta,
    next_due: NextDue,
    *,
    excused_at: datetime,
    listening_since: datetime,
    hearing: Hearing | None,
) -> datetime:
    """Return when a job that was due *due_at* is missed, unless this server becomes deaf before.

    Unlike an agent, a job does not send again what was lost. If this server was deaf at some time from the moment that
    the job was due until it was too late, the ping may have been lost: the job then has until it is due once more, but
    no longer than `LONGEST_EXCUSE` and its grace after *excused_at*. Else a server that is started anew each night
    would never miss a job of that hour, and would wait a month for one that runs once a month.

    *excused_at*: when it was first excused since it was due, or now. *listening_since*: when this process began to
    listen. *hearing*: None if it is not measured.
    """
    end = due_at + grace
    while (deaf_until := _deaf_until(due_at, due_at + grace, listening_since, hearing)) is not None:
        due_at = next_due(deaf_until)
    return min(due_at + grace, max(end, excused_at + LONGEST_EXCUSE + grace))


def _deaf_until(start: datetime, end: datetime, since: datetime, hearing: Hearing | None) -> datetime | None:
    """Return the end of the last time between *start* and *end* without hearing; None if there is none."""
    return max((until for first, until in _deaf(since, hearing) if first < end and until > start), default=None)


def _deaf(since: datetime, hearing: Hearing | None) -> Iterator[tuple[datetime, datetime]]:
    if hearing is not None:
        since = max(since, hearing.since)
        yield from hearing.gaps
    yield datetime.min.replace(tzinfo=since.tzinfo), since
