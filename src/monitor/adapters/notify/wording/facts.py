"""One item of a message in words: its headline, and the facts below it."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.adapters.notify.wording.chart import Trend
from monitor.adapters.notify.wording.texts import ABSENT, clean, duration, format_value, level_name, say, tag, weekday
from monitor.application.notifications.ports import Item
from monitor.domain.alerts.alert import AlertState, EventKind
from monitor.domain.alerts.quiet import Notice, Why
from monitor.domain.checks.missing import Outage, outage_of
from monitor.domain.fleet.servers import Kind
from monitor.domain.intake.metrics import MOST_PERCENT, has_readings, is_percent, metric_name, reading
from monitor.domain.intake.samples import Process
from monitor.domain.policies.check_policies import CERT_DAYS, CHECK_IN, UP
from monitor.domain.policies.policies import OFFLINE
from monitor.domain.times import SECOND, moment

LONGEST_NAME = 100
LONGEST_NOTE = 500
MOST_PROCESSES = 5
_LONGEST_OUTPUT = 300
_WEEK = timedelta(days=6)
"""Until then, the day of the week says which day it is."""


class Fact(NamedTuple):
    """One row of the table below a headline."""

    label: str
    text: str


def is_ended(item: Item) -> bool:
    """Return whether the alert has ended."""
    return item.event_kind in (EventKind.RESOLVED, EventKind.CANCELLED) or not item.alert.is_open


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
        found = say("reads", language, metric=_metric(item, language), reading=said)
        details = [_transition(item, language, sent_at)]
    else:
        value = format_value(item.alert.metric, item.value, language)
        found = f"{_metric(item, language)} {value}".removesuffix(ABSENT).strip()
        details = _details(item, language, sent_at)
    text = say("comma", language).join(detail for detail in details if detail)
    return found + (say("detail", language, text=text) if text else "")


def facts(item: Item, language: int, sent_at: datetime) -> list[Fact]:
    """Return the facts, the most important first."""
    alert, address = item.alert, clean(item.ip_address, LONGEST_NAME)
    name = clean(item.server_name, LONGEST_NAME)
    outage = _outage_rows(item.note) if alert.metric == CHECK_IN else {}
    if alert.metric == CHECK_IN:
        first = {"check_in": name, "level": level_name(item.level, language), **outage}
    else:
        address = say("detail", language, text=address) if address else ""
        who = "server" if item.kind is Kind.HOST else "check"
        first = {who: name + address, "target": clean(item.target, LONGEST_NOTE), **_measured(item, language)}
    found = {
        **first,
        "fired": utc(alert.fired_at),
        "ended": utc(alert.resolved_at) if alert.resolved_at is not None else "",
        "lasting": _lasted(item, language, sent_at),
        "acknowledged": utc(alert.acknowledged_at) if alert.acknowledged_at is not None else "",
        "note": "" if outage else clean(item.note, LONGEST_NOTE),
        "quiet": "" if item.notice is None else _quiet(item.notice, language, sent_at),
    }
    return [Fact(say(key, language), text) for key, text in found.items() if text]


def _measured(item: Item, language: int) -> dict[str, str]:
    """Return the rows about values, by the keys of their labels."""
    alert, is_offline = item.alert, item.alert.metric == OFFLINE
    has_values = not (is_offline or alert.is_drill or has_readings(alert.metric))
    limit = None if has_readings(alert.metric) else alert.threshold
    return {
        "metric": _metric(item, language),
        "level": level_name(item.level, language),
        "failure": clean(item.failure, LONGEST_NOTE),
        "value": "" if not has_values else format_value(alert.metric, item.value, language).replace(ABSENT, ""),
        **_expected_row(item),
        "peak": _peak(item, language, "peak_of", utc(alert.peak_at)) if has_values and _was_worse(item) else "",
        "threshold": "" if limit is None else format_value(alert.metric, limit, language),
        "last_report" if is_offline else "started": utc(alert.started_at),
    }


def processes(item: Item, language: int) -> list[Fact]:
    """Return the top processes when the alert fired, if the agent reported them."""
    return [Fact(clean(p.name, LONGEST_NAME), _usage(p, language)) for p in item.alert.processes[:MOST_PROCESSES]]


def lasting(item: Item, language: int, now: datetime) -> str:
    """Return since when, such as "for 12 min, since 2026-11-03 11:48:00 UTC"."""
    alert = item.alert
    begun, time = utc(alert.started_at if alert.metric == OFFLINE else alert.fired_at), _lasted(item, language, now)
    if alert.resolved_at is None:
        return say("lasting_since", language, time=time, since=begun)
    return say("lasted_until", language, time=time, begin=begun, end=utc(alert.resolved_at))


def charted(item: Item, trend: Trend, language: int) -> str:
    """Return the least and the greatest value of a chart, or what its bottom and top mean."""
    metric = item.alert.metric
    if has_readings(metric):
        return say("bottom_top", language, bottom=reading(metric, 0, language), top=reading(metric, 1, language))
    low, high = (format_value(metric, value, language) for value in (trend.lowest, trend.highest))
    return say("from_to", language, low=low, high=high)


def utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _metric(item: Item, language: int) -> str:
    if item.alert.is_drill:
        return say("drill_tag", language)
    return metric_name(clean(item.alert.metric, LONGEST_NAME), language)


def _usage(process: Process, language: int) -> str:
    cpu, memory = (format_value("cpu", share, language) for share in (process.cpu, process.memory))
    return f"CPU {cpu}, {say('process_memory', language)} {memory}"


def _details(item: Item, language: int, sent_at: datetime) -> list[str]:
    limit = item.alert.threshold
    threshold = (
        "" if limit is None else say("threshold_of", language, value=format_value(item.alert.metric, limit, language))
    )
    if item.alert.expected_at is not None and not is_ended(item):
        threshold = _expectation(item, item.alert.expected_at, language, sent_at)
    worst = say("worst", language, value=format_value(item.alert.metric, item.alert.peak_value, language))
    standing = [worst if _was_worse(item) else "", threshold]
    return [_transition(item, language, sent_at), *([] if is_ended(item) else standing)]


def _expectation(item: Item, at: datetime, language: int, sent_at: datetime) -> str:
    """Return when the line of a forecast reaches the threshold, such as "full on Friday at 14:00 UTC"."""
    at = at.astimezone(UTC)
    is_soon = timedelta() <= at - sent_at < _WEEK
    day = weekday(at.weekday(), language) if is_soon else f"{at:%Y-%m-%d}"
    time = say("weekday" if is_soon else "date", language, day=day, clock=f"{at:%H:%M}")
    value = format_value(item.alert.metric, item.alert.threshold, language)
    return say("full" if _is_full(item) else "reaches", language, time=time, value=value)


def _expected_row(item: Item) -> dict[str, str]:
    at = item.alert.expected_at
    if at is None or is_ended(item):
        return {}
    return {"expected_full" if _is_full(item) else "expected_reach": utc(at)}


def _is_full(item: Item) -> bool:
    return is_percent(item.alert.metric) and item.alert.threshold == MOST_PERCENT


def _was_worse(item: Item) -> bool:
    alert = item.alert
    shown, peak = (format_value(alert.metric, value, 0) for value in (item.value, alert.peak_value))
    return alert.peak_level > item.level or peak != shown


def _peak(item: Item, language: int, key: str, time: str) -> str:
    value = format_value(item.alert.metric, item.alert.peak_value, language)
    return say(key, language, level=level_name(item.alert.peak_level, language), value=value, time=time)


def _time_of_day(at: datetime, sent_at: datetime) -> str:
    at, sent_at = at.astimezone(UTC), sent_at.astimezone(UTC)
    return f"{at:%H:%M}" if at.date() == sent_at.date() else f"{at:%Y-%m-%d %H:%M}"


def _transition(item: Item, language: int, sent_at: datetime) -> str:
    """Return what the tag does not say about the event."""
    match item.event_kind:
        case EventKind.DUE if not is_ended(item):
            return say("firing_for", language, time=_lasted(item, language, sent_at))
        case EventKind.ESCALATED | EventKind.DEESCALATED:
            return say(item.event_kind.value, language)
        case EventKind.REMINDED:
            return say("reminder", language, time=_lasted(item, language, sent_at))
        case EventKind.RESOLVED:
            lasted = say("lasted", language, time=_lasted(item, language, sent_at))
            if has_readings(item.alert.metric):
                return lasted
            peak = _peak(item, language, "was", _time_of_day(item.alert.peak_at, sent_at) + " UTC")
            return say("comma", language).join((peak, lasted))
        case EventKind.FOUND:
            begin, end = (_time_of_day(at or sent_at, sent_at) for at in (item.alert.fired_at, item.alert.resolved_at))
            key, level = "found_open" if item.alert.is_open else "found_late", level_name(item.level, language)
            return say(key, language, level=level, begin=begin, end=end)
        case EventKind.CANCELLED:
            return say("taken_back" if item.alert.late else "gone", language)
        case _:
            return ""


def _quiet(notice: Notice, language: int, sent_at: datetime) -> str:
    """Return why it is sent although others are held, such as "17 held since 09:12 UTC, longest 12 min"."""
    held = ""
    if notice.held_from is not None:
        since, longest = _time_of_day(moment(notice.held_from), sent_at), notice.held_longest / SECOND
        held = say("held", language, count=notice.held, since=since, longest=duration(longest, language))
    why = "" if notice.why is Why.FIRST else say(f"quiet_{notice.why}", language)
    return say("comma", language).join(part for part in (held, why) if part)


def _offline(item: Item, language: int, sent_at: datetime) -> tuple[str, list[str]]:
    lasted = _lasted(item, language, sent_at)
    if item.event_kind is EventKind.RESOLVED:
        return say("online", language), [say("was_silent", language, time=lasted)]
    is_reminder, is_late = item.event_kind is EventKind.REMINDED, item.event_kind is EventKind.DUE
    transition = say("reminded", language) if is_reminder else "" if is_late else _transition(item, language, sent_at)
    silent = "" if item.alert.state is AlertState.CANCELLED else say("silent_for", language, time=lasted)
    return say("offline", language), [transition, silent]


def _down(item: Item, language: int, sent_at: datetime) -> tuple[str, list[str]]:
    lasted = _lasted(item, language, sent_at)
    if item.event_kind is EventKind.RESOLVED:
        return say("up_again", language), [say("was_down", language, time=lasted)]
    why = clean(item.failure, LONGEST_NAME)
    what = say("is_down", language) + (say("colon", language) + why if why and not is_ended(item) else "")
    return what, [_transition(item, language, sent_at)]


def _certificate(days: float, language: int) -> str:
    left = round(abs(days), 1)
    found = say("cert_ends" if days > 0 else "cert_ended", language, days=f"{left:g}")
    return found.replace("1 days", "1 day") if left == 1 else found


def _lasted(item: Item, language: int, sent_at: datetime) -> str:
    """Return the time from firing (of an offline host: from its last report) to the end, or until now."""
    alert = item.alert
    begun = alert.started_at if alert.metric == OFFLINE else alert.fired_at
    return duration(((alert.resolved_at or sent_at) - begun).total_seconds(), language)


def _check_in(item: Item, language: int, sent_at: datetime) -> tuple[str, list[str]]:
    """Return what happened, and the details behind it, such as "did not check in" and when it was expected."""
    transition, lasted = _transition(item, language, sent_at), _lasted(item, language, sent_at)
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
    return say("failed_run", language), [transition, status, clean(outage.said, _LONGEST_OUTPUT)]


def _outage_rows(note: str) -> dict[str, str]:
    """Return the rows about an outage, by the keys of their labels; none if *note* tells of none."""
    outage = outage_of(note)
    if outage is None:
        return {}
    return {
        "expected": f"{outage.expected} ({outage.zone})" if outage.expected else "",
        "exit_code": "" if outage.status is None else str(outage.status),
        "output": clean(outage.said, _LONGEST_OUTPUT),
    }


def _expected_at(outage: Outage, sent_at: datetime) -> str:
    day, _, time = outage.expected.partition(" ")
    try:
        is_today = day == f"{sent_at.astimezone(ZoneInfo(outage.zone)):%Y-%m-%d}"
    except (ValueError, OSError, KeyError):  # the system forgot the zone
        is_today = False
    return time if is_today else outage.expected
