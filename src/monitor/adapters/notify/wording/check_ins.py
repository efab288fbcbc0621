"""What a message says of a check-in: why it is down, in words of the recipient's language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.adapters.notify.wording.texts import clean, say
from monitor.application.notifications.ports import Item
from monitor.domain.alerts.alert import EventKind
from monitor.domain.checks.missing import Outage, outage_of

LONGEST_OUTPUT = 300


def check_in_words(item: Item, language: int, sent_at: datetime, transition: str, lasted: str) -> tuple[str, list[str]]:
    """Return what happened, and the details behind it, such as "did not check in" and when it was expected."""
    if item.event_kind is EventKind.RESOLVED:
        return say("checks_in", language), [say("was_interrupted", language, time=lasted)]
    if item.event_kind is EventKind.CANCELLED:  # deleted, paused, or its policy was switched off
        return say("unwatched", language), []
    outage = outage_of(item.note)
    if outage is None:  # only the first message of an alert says why
        return say("not_checked_in" if item.alert.is_open else "checks_in", language), [transition]
    if outage.expected:
        at = _time_of_day(outage, sent_at)
        return say("missed", language), [transition, say("expected_at", language, time=at, zone=outage.zone)]
    status = "" if outage.status is None else say("exit_status", language, status=outage.status)
    return say("failed_run", language), [transition, status, clean(outage.said, LONGEST_OUTPUT)]


def check_in_rows(note: str) -> dict[str, str]:
    """Return the rows about an outage, by the keys of their labels; none if *note* tells of none."""
    outage = outage_of(note)
    if outage is None:
        return {}
    return {
        "expected": f"{outage.expected} ({outage.zone})" if outage.expected else "",
        "exit_code": "" if outage.status is None else str(outage.status),
        "output": clean(outage.said, LONGEST_OUTPUT),
    }


def _time_of_day(outage: Outage, sent_at: datetime) -> str:
    day, _, time = outage.expected.partition(" ")
    try:
        is_today = day == f"{sent_at.astimezone(ZoneInfo(outage.zone)):%Y-%m-%d}"
    except (ValueError, OSError, KeyError):  # the system forgot the zone
        is_today = False
    return time if is_today else outage.expected
