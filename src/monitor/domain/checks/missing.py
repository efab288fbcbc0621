"""When a check-in was missed. Time in which this server could not receive pings calls no job missed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.domain.alerts.offline import Hearing
from monitor.domain.checks.check_ins import NextDue


def is_missed(
    due_at: datetime,
    grace: timedelta,
    next_due: NextDue,
    *,
    now: datetime,
    listening_since: datetime,
    hearing: Hearing | None,
) -> bool:
    """Tell whether a job that was due *due_at* is missed by *now*.

    Unlike an agent, a job does not send again what was lost. If this server was deaf at some time from the moment that
    the job was due until it was too late, the ping may have been lost: the job then has until it is due once more.

    *listening_since*: when this process began to listen. *hearing*: None if it is not measured.
    """
    heard_until = now if hearing is None else min(now, hearing.until)
    while due_at + grace <= heard_until:
        deaf_until = _deaf_until(due_at, due_at + grace, listening_since, hearing)
        if deaf_until is None:
            return True
        due_at = next_due(deaf_until)
    return False


def _deaf_until(start: datetime, end: datetime, since: datetime, hearing: Hearing | None) -> datetime | None:
    """Return the end of the last time between *start* and *end* without hearing; None if there is none."""
    return max((until for first, until in _deaf(since, hearing) if first < end and until > start), default=None)


def _deaf(since: datetime, hearing: Hearing | None) -> Iterator[tuple[datetime, datetime]]:
    if hearing is not None:
        since = max(since, hearing.since)
        yield from hearing.gaps
    yield datetime.min.replace(tzinfo=since.tzinfo), since
