"""Why a check-in is down, in one line that alerts keep as a note and that mails put into words."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.domain.checks.check_ins import CheckIn, Ping

MAX_SAID = 400
"""Characters of a body within a note."""
_MISSED = re.compile(r"expected at (?P<expected>[\d :-]{16,19}) \((?P<zone>[^()]+)\)")
_FAILED = re.compile(r"reported failure(?:, exit status (?P<status>\d+))?(?:: (?P<said>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """*expected*: when a missed one was due, by the clocks of *zone*; "" if it reported a failure.

    *status*: the exit status that it gave. *said*: the first lines that it sent along.
    """

    expected: str = ""
    zone: str = ""
    status: int | None = None
    said: str = ""

    @property
    def note(self) -> str:
        if self.expected:
            return f"expected at {self.expected} ({self.zone})"
        status = "" if self.status is None else f", exit status {self.status}"
        return f"reported failure{status}" + (f": {self.said}" if self.said else "")


def missed(check_in: CheckIn) -> Outage:
    return Outage(expected=_local(check_in.due_at, check_in.timezone), zone=check_in.timezone)


def failed(ping: Ping | None) -> Outage:
    """*ping*: the one that reported it, if it is still kept."""
    if ping is None:
        return Outage()
    return Outage(status=ping.status, said=said(ping.body))


def said(body: bytes) -> str:
    """Return the first lines of a body, as one."""
    lines = body[: 8 * MAX_SAID].decode(errors="replace").split("\n")
    text = " ".join("".join(c if c.isprintable() else " " for c in " / ".join(filter(str.strip, lines))).split())
    return text if len(text) <= MAX_SAID else text[: MAX_SAID - 1] + "…"


def outage_of(note: str) -> Outage | None:
    """Return what a note says; None if it is none of `Outage.note`."""
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
