"""When a check-in was missed, and why it is down: in one line that alerts keep as a note and mails put into words.

Time in which this server could not receive pings calls no job missed, for a while.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from monitor.domain.alerts.offline import Hearing
from monitor.domain.checks.check_ins import CheckIn, NextDue, Ping

LONGEST_EXCUSE = timedelta(days=1)
MAX_SAID = 400
"""Characters of a body within a note."""
_MISSED = re.compile(r"expected at (?P<expected>[\d :-]{16,19}) \((?P<zone>[^()]+)\)")
_FAILED = re.compile(r"reported failure(?:, exit status (?P<status>\d+))?(?:: (?P<said>.*))?", re.DOTALL)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """*expected*: when a missed one was due, by the clocks of *zone*; "" if it reported a failure.

    *status*: the exit status that it gave. *said*: the first lines that it sent along.
    """

    expected: str = ""
    zone: str = ""
    status: int | None = None
    said: str = ""

    @classmethod
    def missed(cls, check_in: CheckIn) -> Self:
        return cls(expected=_local(check_in.due_at, check_in.timezone), zone=check_in.timezone)

    @classmethod
    def failed(cls, ping: Ping | None) -> Self:
        """*ping*: the one that reported it, if it is still kept."""
        return cls() if ping is None else cls(status=ping.status, said=said(ping.body))

    @property
    def note(self) -> str:
        if self.expected:
            return f"expected at {self.expected} ({self.zone})"
        status = "" if self.status is None else f", exit status {self.status}"
        return f"reported failure{status}" + (f": {self.said}" if self.said else "")


def said(body: bytes) -> str:
    """Return the first lines of a body, as one."""
    lines = body[: 8 * MAX_SAID].decode(errors="replace").split("\n")
    text = " ".join("".join(c if c.isprintable() else " " for c in " / ".join(filter(str.strip, lines))).split())
    return text if len(text) <= MAX_SAID else text[: MAX_SAID - 1] + "…"


def outage_of(note: str) -> Outage | None:
    """Return the outage that `Outage.note` wrote; None for any other note."""
    if (found := _MISSED.fullmatch(note)) is not None:
        return Outage(expected=found["expected"], zone=found["zone"])
    if (found := _FAILED.fullmatch(note)) is not None:
        return Outage(status=None if found["status"] is None else int(found["status"]), said=found["said"] or "")
    return None


def _local(at: datetime | None, zone: str) -> str:
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
