"""The facts below the headline of one item of a message, and what both say of an alert."""

from datetime import UTC, datetime
from typing import NamedTuple

from monitor.adapters.notify.wording.texts import ABSENT, clean, duration, format_value, level_name, say
from monitor.application.notifications.sender_ports import Item
from monitor.domain.alerts.alert import Alert, EventKind
from monitor.domain.alerts.quiet import Notice, Why
from monitor.domain.checks.missing import outage_of
from monitor.domain.fleet.servers import Kind
from monitor.domain.intake.metrics import MOST_PERCENT, has_readings, is_percent, metric_name
from monitor.domain.intake.samples import Process
from monitor.domain.policies.check_policies import CHECK_IN
from monitor.domain.policies.policies import OFFLINE
from monitor.domain.times import SECOND, moment

LONGEST_NAME = 100
LONGEST_NOTE = 500
LONGEST_OUTPUT = 300
MOST_PROCESSES = 5


class Fact(NamedTuple):
    """One row of the table below a headline."""

    label: str
    text: str


def is_ended(item: Item) -> bool:
    """Return whether the alert has ended."""
    return item.event_kind in (EventKind.RESOLVED, EventKind.CANCELLED) or not item.alert.is_open


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
        first = {who: name + address, "target": clean(item.target, LONGEST_NOTE), **_measured(item, language, sent_at)}
    found = {
        **first,
        "fired": utc(alert.fired_at),
        "ended": utc(alert.resolved_at) if alert.resolved_at is not None else "",
        "lasting": how_long(item, language, sent_at),
        "acknowledged": utc(alert.acknowledged_at) if alert.acknowledged_at is not None else "",
        "note": "" if outage else clean(item.note, LONGEST_NOTE),
        "quiet": "" if item.notice is None else _quiet(item.notice, language, sent_at),
    }
    return [Fact(say(key, language), text) for key, text in found.items() if text]


def _measured(item: Item, language: int, sent_at: datetime) -> dict[str, str]:
    """Return the rows about values, by the keys of their labels."""
    alert, is_offline = item.alert, item.alert.metric == OFFLINE
    has_values = not (is_offline or alert.is_drill or has_readings(alert.metric))
    limit = None if has_readings(alert.metric) else alert.threshold
    return {
        "metric": named_metric(item, language),
        "level": level_name(item.level, language),
        "failure": clean(item.failure, LONGEST_NOTE),
        "value": "" if not has_values else format_value(alert.metric, item.value, language).replace(ABSENT, ""),
        **_expected_row(item, sent_at),
        "peak": peak_text(item, language, "peak_of", utc(alert.peak_at)) if has_values and was_worse(item) else "",
        "threshold": "" if limit is None else format_value(alert.metric, limit, language),
        "last_report" if is_offline else "started": utc(alert.started_at),
    }


def processes(item: Item, language: int) -> list[Fact]:
    """Return the top processes when the alert fired, if the agent reported them."""
    return [Fact(clean(p.name, LONGEST_NAME), _usage(p, language)) for p in item.alert.processes[:MOST_PROCESSES]]


def processes_title(item: Item, language: int) -> str:
    return say("last_process" if item.alert.metric == OFFLINE else "process", language)


def lasting(item: Item, language: int, now: datetime) -> str:
    """Return since when, such as "for 12 min, since 2026-11-03 11:48:00 UTC"."""
    alert = item.alert
    begun, time = utc(_begun(alert)), how_long(item, language, now)
    if alert.resolved_at is None:
        return say("lasting_since", language, time=time, since=begun)
    return say("lasted_until", language, time=time, begin=begun, end=utc(alert.resolved_at))


def utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def named_metric(item: Item, language: int) -> str:
    if item.alert.is_drill:
        return say("drill_tag", language)
    return metric_name(clean(item.alert.metric, LONGEST_NAME), language)


def _usage(process: Process, language: int) -> str:
    cpu, memory = (format_value("cpu", share, language) for share in (process.cpu, process.memory))
    return f"CPU {cpu}, {say('process_memory', language)} {memory}"


def _expected_row(item: Item, sent_at: datetime) -> dict[str, str]:
    at = still_expected(item, sent_at)
    return {} if at is None else {"expected_full" if is_full(item) else "expected_reach": utc(at)}


def still_expected(item: Item, sent_at: datetime) -> datetime | None:
    """Return when the line of a forecast reaches the threshold, unless it has, or the alert is over."""
    at = item.alert.expected_at
    return None if at is None or at <= sent_at or is_ended(item) else at


def is_full(item: Item) -> bool:
    return is_percent(item.alert.metric) and item.alert.threshold == MOST_PERCENT


def was_worse(item: Item) -> bool:
    alert = item.alert
    shown, peak = (format_value(alert.metric, value, 0) for value in (item.value, alert.peak_value))
    return alert.peak_level > item.level or peak != shown


def peak_text(item: Item, language: int, key: str, time: str) -> str:
    value = format_value(item.alert.metric, item.alert.peak_value, language)
    return say(key, language, level=level_name(item.alert.peak_level, language), value=value, time=time)


def time_of_day(at: datetime, sent_at: datetime) -> str:
    at, sent_at = at.astimezone(UTC), sent_at.astimezone(UTC)
    return f"{at:%H:%M}" if at.date() == sent_at.date() else f"{at:%Y-%m-%d %H:%M}"


def _quiet(notice: Notice, language: int, sent_at: datetime) -> str:
    """Return why it is sent although others are held, such as "17 held since 09:12 UTC, longest 12 min"."""
    held = ""
    if notice.held_from is not None:
        since, longest = time_of_day(moment(notice.held_from), sent_at), notice.held_longest / SECOND
        held = say("held", language, count=notice.held, since=since, longest=duration(longest, language))
    why = "" if notice.why is Why.FIRST else say(f"quiet_{notice.why}", language)
    return say("comma", language).join(part for part in (held, why) if part)


def how_long(item: Item, language: int, sent_at: datetime) -> str:
    """Return the time until the end, or until now."""
    return duration(((item.alert.resolved_at or sent_at) - _begun(item.alert)).total_seconds(), language)


def _begun(alert: Alert) -> datetime:
    """Return when it fired, of an offline host its last report."""
    return alert.started_at if alert.metric == OFFLINE else alert.fired_at


def _outage_rows(note: str) -> dict[str, str]:
    """Return the rows about an outage, by the keys of their labels; none if *note* tells of none."""
    outage = outage_of(note)
    if outage is None:
        return {}
    return {
        "expected": f"{outage.expected} ({outage.zone})" if outage.expected else "",
        "exit_code": "" if outage.status is None else str(outage.status),
        "output": clean(outage.said, LONGEST_OUTPUT),
    }
