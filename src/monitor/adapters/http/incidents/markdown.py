"""The report of an incident in Markdown. All text from outside is in code spans, where nothing has a meaning."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.adapters.http.edge.mapping import LEVELS
from monitor.adapters.http.edge.words.messages import metric, page
from monitor.application.alerts.ports import ShownAlert
from monitor.application.incidents.ports import IncidentEntry
from monitor.application.incidents.reporting import MOST_READ, Dependency, Edit, Notified, Report
from monitor.domain.levels import Level

T = TypeVar("T")
MOST_LINES = 500
MOST_ROWS = 200
_LONGEST = 300
_NONE = "–"
_SIZES = (86_400, 3600, 60, 1)


def code(text: str) -> str:
    """Return text from outside as a code span of one line: no link, HTML or mention comes of it."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[:_LONGEST]).split())
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    room = " " if "`" in line else ""
    return f"{fence}{room}{line}{room}{fence}" if line else _NONE


def written(report: Report, title: str) -> str:
    """*title*: with names as code spans."""
    incident, alerts, events = report.found.incident, report.found.alerts, report.entries
    first = alerts[0]
    until = report.found.ended_at or report.at
    lasted = "report_goes_on" if report.found.ended_at is None else "report_over"
    better = [*map(_edit, report.edits), *([] if report.dependency is None else [_dependency(report.dependency)])]
    return page(
        "report",
        title=title,
        level=_level(report.found.level),
        times=page(lasted, start=_at(incident.started_at), end=_at(until), time=_lasted(until - incident.started_at)),
        cause=page("report_no_cause") if incident.cause is None else title,
        first=_what(first.server_name, first.alert.metric),
        first_at=_at(first.alert.started_at),
        servers=_lines(alerts, _alert, MOST_ROWS, len(report.found.members)),
        timeline=_lines(events, _event, MOST_LINES, len(events), f"report_{'many_' * (len(events) == MOST_READ)}more"),
        notified=_lines(report.notified, _recipient, MOST_ROWS, len(report.notified)),
        better="\n".join(better) or page("report_nothing"),
        tried=report.tried,
        all=report.of,
    )


def _lines(things: Sequence[T], write: Callable[[T], str], most: int, whole: int, key: str = "report_more") -> str:
    more = [f"\n{page(key, count=whole - most)}"] if whole > most else []
    return "\n".join([*map(write, things[:most]), *more]) or _NONE


def _alert(found: ShownAlert) -> str:
    alert = found.alert
    ended_at = page("report_still") if alert.resolved_at is None else _at(alert.resolved_at)
    name, watched = code(found.server_name), code(metric(alert.metric))
    return _row(name, watched, _level(alert.peak_level), _at(alert.started_at), ended_at)


def _event(found: IncidentEntry) -> str:
    entry, _, name, watched = found
    value = "" if entry.value is None else f"{entry.value:.4g}"
    parts = [page(f"event_{entry.event_kind}"), _level(entry.level) if entry.level else "", value]
    parts += [code(each) for each in (entry.username or entry.recipient, entry.channel, entry.note) if each]
    return f"- {_at(entry.at)} {' · '.join(filter(None, [_what(name, watched), *parts]))}"


def _recipient(found: Notified) -> str:
    confirmed_at = _NONE if found.confirmed_at is None else _at(found.confirmed_at)
    return _row(code(found.name), code(found.way or ""), _at(found.first_at), str(found.messages), confirmed_at)


def _edit(edit: Edit) -> str:
    change = page("incident_comma").join(
        f"`{name}` {_number(getattr(edit.policy, name))} → {_number(value)}"
        for name, value in edit.better.change.items()
    )
    sooner, (before, after) = edit.better.sooner, edit.better.pages
    when = page(
        "report_same" if not sooner else "report_sooner" if sooner > 0 else "report_later",
        time=_lasted(timedelta(seconds=abs(sooner))),
    )
    what = _what(edit.server_name, edit.policy.metric)
    return page("report_edit", what=what, change=change, before=before, after=after, when=when)


def _dependency(found: Dependency) -> str:
    children = page("incident_comma").join(map(code, found.children))
    said = page(
        "report_dependency", children=children, parent=code(found.parent), before=found.before, after=found.after
    )
    return said + (
        page("report_together", count=found.together, all=found.together + found.alone) * (found.together > 0)
    )


def _row(*cells: str) -> str:
    """A bar ends a cell even inside a code span."""
    return " | ".join(["", *(each.replace("|", r"\|") for each in cells), ""]).strip()


def _what(name: str, watched: str) -> str:
    return f"{code(name)} {code(metric(watched))}"


def _level(level: Level) -> str:
    return page(f"level_{LEVELS[level]}")


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _number(value: float | timedelta | None) -> str:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return _NONE if seconds is None else f"{seconds:g}"


def _lasted(time: timedelta) -> str:
    """Return the two largest units."""
    left, parts = round(time.total_seconds()), list[str]()
    for size, unit in zip(_SIZES, page("report_units").split(), strict=True):
        count, left = divmod(left, size)
        parts += [f"{count} {unit}"] if count or (size == 1 and not parts) else []
    return " ".join(parts[:2])
