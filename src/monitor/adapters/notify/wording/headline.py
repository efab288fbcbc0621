"""The headline of one item of a message: what is so, in one line."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.adapters.notify.wording.facts import (
    LONGEST_NAME,
    LONGEST_OUTPUT,
    how_long,
    is_ended,
    is_full,
    named_metric,
    peak_text,
    still_expected,
    time_of_day,
    was_worse,
)
from monitor.adapters.notify.wording.texts import ABSENT, clean, format_value, level_name, say, tag, weekday
from monitor.application.notifications.sender_ports import Item
from monitor.domain.alerts.alert import AlertState, EventKind
from monitor.domain.checks.missing import Outage, outage_of
from monitor.domain.fleet.servers import Kind
from monitor.domain.intake.metrics import has_readings, reading
from monitor.domain.policies.check_policies import CERT_DAYS, CHECK_IN, UP
from monitor.domain.policies.policies import OFFLINE

_WEEK = timedelta(days=6)
"""Until then, the day of the week says which day it is."""


def headline(item: Item, language: int, sent_at: datetime) -> str:
    """Return one line such as "[CRITICAL] web-1 CPU 92.4 % (threshold 85 %)"."""
    label = f"[{tag(item.event_kind, item.level, language)}]"
    if item.alert.is_drill:
        label = f"[{say('drill_tag', language)}]"
    name = clean(item.server_name, LONGEST_NAME)
    return " ".join(part for part in (label, name, what(item, language, sent_at)) if part)


def what(item: Item, language: int, sent_at: datetime) -> str:
    """Return what is so, such as "CPU 92.4 % (threshold 85 %)"."""
    if item.alert.is_drill:
        found, details = say("drill_over" if is_ended(item) else "drill", language), list[str]()
    elif item.alert.metric == OFFLINE:
        found, details = _offline(item, language, sent_at)
    elif item.kind is Kind.CHECK and item.alert.metric == UP:
        found, details = _down(item, language, sent_at)
    elif item.kind is Kind.CHECK and item.alert.metric == CERT_DAYS and item.value is not None:
        found, details = _certificate(item.value, language), _details(item, language, sent_at)
    elif item.alert.metric == CHECK_IN:
        found, details = _check_in(item, language, sent_at)
    elif said := reading(item.alert.metric, item.value, language):
        found = say("reads", language, metric=named_metric(item, language), reading=said)
        details = [_transition(item, language, sent_at)]
    else:
        value = format_value(item.alert.metric, item.value, language)
        found = f"{named_metric(item, language)} {value}".removesuffix(ABSENT).strip()
        details = _details(item, language, sent_at)
    text = say("comma", language).join(detail for detail in details if detail)
    return found + (say("detail", language, text=text) if text else "")


def _details(item: Item, language: int, sent_at: datetime) -> list[str]:
    limit = item.alert.threshold
    threshold = (
        "" if limit is None else say("threshold_of", language, value=format_value(item.alert.metric, limit, language))
    )
    if (expected_at := still_expected(item, sent_at)) is not None:
        threshold = _expectation(item, expected_at, language, sent_at)
    worst = say("worst", language, value=format_value(item.alert.metric, item.alert.peak_value, language))
    standing = [worst if was_worse(item) else "", threshold]
    return [_transition(item, language, sent_at), *([] if is_ended(item) else standing)]


def _expectation(item: Item, at: datetime, language: int, sent_at: datetime) -> str:
    """Return when the line of a forecast reaches the threshold, such as "full on Friday at 14:00 UTC"."""
    at = at.astimezone(UTC)
    is_soon = timedelta() <= at - sent_at < _WEEK
    day = weekday(at.weekday(), language) if is_soon else f"{at:%Y-%m-%d}"
    time = say("weekday" if is_soon else "date", language, day=day, clock=f"{at:%H:%M}")
    value = format_value(item.alert.metric, item.alert.threshold, language)
    return say("full" if is_full(item) else "reaches", language, time=time, value=value)


def _transition(item: Item, language: int, sent_at: datetime) -> str:
    """Return what the tag does not say about the event."""
    match item.event_kind:
        case EventKind.DUE if not is_ended(item):
            return say("firing_for", language, time=how_long(item, language, sent_at))
        case EventKind.ESCALATED | EventKind.DEESCALATED:
            return say(item.event_kind.value, language)
        case EventKind.REMINDED:
            return say("reminder", language, time=how_long(item, language, sent_at))
        case EventKind.RESOLVED:
            lasted = say("lasted", language, time=how_long(item, language, sent_at))
            if has_readings(item.alert.metric):
                return lasted
            peak = peak_text(item, language, "was", time_of_day(item.alert.peak_at, sent_at) + " UTC")
            return say("comma", language).join((peak, lasted))
        case EventKind.FOUND:
            begin, end = (time_of_day(at or sent_at, sent_at) for at in (item.alert.fired_at, item.alert.resolved_at))
            key, level = "found_open" if item.alert.is_open else "found_late", level_name(item.level, language)
            return say(key, language, level=level, begin=begin, end=end)
        case EventKind.CANCELLED:
            return say("taken_back" if item.alert.late else "gone", language)
        case _:
            return ""


def _offline(item: Item, language: int, sent_at: datetime) -> tuple[str, list[str]]:
    lasted = how_long(item, language, sent_at)
    if item.event_kind is EventKind.RESOLVED:
        return say("online", language), [say("was_silent", language, time=lasted)]
    is_reminder, is_late = item.event_kind is EventKind.REMINDED, item.event_kind is EventKind.DUE
    transition = say("reminded", language) if is_reminder else "" if is_late else _transition(item, language, sent_at)
    silent = "" if item.alert.state is AlertState.CANCELLED else say("silent_for", language, time=lasted)
    return say("offline", language), [transition, silent]


def _down(item: Item, language: int, sent_at: datetime) -> tuple[str, list[str]]:
    lasted = how_long(item, language, sent_at)
    if item.event_kind is EventKind.RESOLVED:
        return say("up_again", language), [say("was_down", language, time=lasted)]
    why = clean(item.failure, LONGEST_NAME)
    what = say("is_down", language) + (say("colon", language) + why if why and not is_ended(item) else "")
    return what, [_transition(item, language, sent_at)]


def _certificate(days: float, language: int) -> str:
    left = round(abs(days), 1)
    found = say("cert_ends" if days > 0 else "cert_ended", language, days=f"{left:g}")
    return found.replace("1 days", "1 day") if left == 1 else found


def _check_in(item: Item, language: int, sent_at: datetime) -> tuple[str, list[str]]:
    """Return what happened, and the details behind it, such as "did not check in" and when it was expected."""
    transition, lasted = _transition(item, language, sent_at), how_long(item, language, sent_at)
    if item.event_kind is EventKind.RESOLVED:
        return say("checks_in", language), [say("was_interrupted", language, time=lasted)]
    if item.event_kind is EventKind.CANCELLED:  # deleted, paused, or its policy was switched off
        return say("unwatched", language), []
    outage = outage_of(item.note)
    if outage is None:  # only the first message of an alert says why
        return say("not_checked_in" if item.alert.is_open else "checks_in", language), [transition]
    if outage.expected:
        at = _expected_at(outage, sent_at)
        return say("missed", language), [transition, say("expected_at", language, time=at, zone=outage.zone)]
    status = "" if outage.status is None else say("exit_status", language, status=outage.status)
    return say("failed_run", language), [transition, status, clean(outage.said, LONGEST_OUTPUT)]


def _expected_at(outage: Outage, sent_at: datetime) -> str:
    day, _, time = outage.expected.partition(" ")
    try:
        is_today = day == f"{sent_at.astimezone(ZoneInfo(outage.zone)):%Y-%m-%d}"
    except (ValueError, OSError, KeyError):  # the system forgot the zone
        is_today = False
    return time if is_today else outage.expected
