"""The report of an incident in Markdown. All text from outside is in code spans, where nothing has a meaning."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from math import isfinite

from monitor.adapters.http.edge.mapping import LEVELS
from monitor.adapters.http.edge.messages import metric, page
from monitor.application.incidents.ports import IncidentEntry
from monitor.application.incidents.reporting import MOST_READ, Dependency, Edit, Report
from monitor.domain.intake.metrics import Unit, unit_of
from monitor.domain.levels import Level

MOST_LINES = 500
MOST_ROWS = 200
_MOST_NAMED = 10
_LONGEST = 300
_NONE = "–"
_SIZES = (86_400, 3600, 60, 1)


def code(text: str) -> str:
    """Return text from outside as a code span of one line: no link, HTML or mention comes of it."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[:_LONGEST]).split())
    if not line:
        return _NONE
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    room = " " if "`" in line else ""
    return f"{fence}{room}{line}{room}{fence}"


def written(report: Report, title: str) -> str:
    """*title*: with names as code spans."""
    return "\n".join(
        (*_head(report, title), *_servers(report), *_timeline(report), *_notified(report), *_better(report))
    )


def _head(report: Report, title: str) -> Iterator[str]:
    incident, alerts = report.found.incident, report.found.alerts
    first = min(alerts, key=lambda each: (each.alert.started_at, each.alert.id))
    until = incident.ended_at or report.at
    yield f"# {title}\n"
    yield "- " + page("report_level", level=_level(max(each.alert.peak_level for each in alerts)))
    times = {"start": _at(incident.started_at), "end": _at(until), "lasted": _lasted(until - incident.started_at)}
    yield "- " + page("report_goes_on" if incident.ended_at is None else "report_over", **times)
    yield "- " + (page("report_no_cause") if incident.cause is None else page("report_cause", cause=title))
    yield "- " + page("report_first", at=_at(first.alert.started_at), what=_what(first.server_name, first.alert.metric))


def _servers(report: Report) -> Iterator[str]:
    yield from _table("report_servers", "report_of_servers")
    alerts = report.found.alerts
    for name, alert in ((each.server_name, each.alert) for each in alerts[:MOST_ROWS]):
        ended_at = page("report_still") if alert.resolved_at is None else _at(alert.resolved_at)
        yield _row(code(name), code(metric(alert.metric)), _level(alert.peak_level), _at(alert.started_at), ended_at)
    yield from _more(len(alerts) - MOST_ROWS)


def _timeline(report: Report) -> Iterator[str]:
    yield f"\n## {page('report_timeline')}\n"
    yield from map(_event, report.entries[:MOST_LINES])
    key = "report_more" if len(report.entries) < MOST_READ else "report_many_more"
    yield from _more(len(report.entries) - MOST_LINES, key)


def _event(found: IncidentEntry) -> str:
    entry, _, name, watched = found
    parts = [page(f"event_{entry.event_kind}")]
    parts += [_level(entry.level)] if entry.level else []
    parts += [] if entry.value is None else [_value(watched, entry.value)]
    parts += [code(each) for each in (entry.username or entry.recipient, entry.channel, entry.note) if each]
    return f"- {_at(entry.at)} {_what(name, watched)}: {', '.join(parts)}"


def _notified(report: Report) -> Iterator[str]:
    if not report.notified:
        yield f"\n## {page('report_notified')}\n\n{page('report_nobody')}"
        return
    yield from _table("report_notified", "report_of_notified")
    for each in report.notified[:MOST_ROWS]:
        way, confirmed = code(each.way or ""), _NONE if each.confirmed_at is None else _at(each.confirmed_at)
        yield _row(code(each.name), way, _at(each.first_at), str(each.messages), confirmed)
    yield from _more(len(report.notified) - MOST_ROWS)


def _better(report: Report) -> Iterator[str]:
    yield f"\n## {page('report_better')}\n"
    yield from map(_edit, report.edits)
    if report.dependency is not None:
        yield _dependency(report.dependency)
    if not report.edits and report.dependency is None:
        yield f"- {page('report_nothing')}"
    tried, of = report.tried
    yield f"\n{page('report_tried', tried=tried, all=of)}\n"


def _edit(edit: Edit) -> str:
    change = page("incident_comma").join(
        page("report_change", field=f"`{name}`", old=_number(getattr(edit.policy, name)), new=_number(value))
        for name, value in edit.better.change.items()
    )
    sooner = timedelta(seconds=edit.better.sooner)
    key = "report_same" if not sooner else "report_sooner" if sooner > timedelta(0) else "report_later"
    before, after = edit.better.pages
    what, when = _what(edit.server.name, edit.policy.metric), page(key, time=_lasted(abs(sooner)))
    return "- " + page("report_edit", what=what, change=change, before=before, after=after, when=when)


def _dependency(found: Dependency) -> str:
    names = [code(each.name) for each in islice(found.children, _MOST_NAMED)]
    more = [page("report_more", count=len(found.children) - _MOST_NAMED)] if len(found.children) > _MOST_NAMED else []
    before, after = found.pages
    said = page(
        "report_dependency",
        children=page("incident_comma").join([*names, *more]),
        parent=code(found.parent.name),
        before=before,
        after=after,
    )
    times = {"together": found.together, "all": found.together + found.alone}
    return f"- {said}{page('report_together', **times) if found.together else ''}"


def _table(title: str, columns: str) -> Iterator[str]:
    names = page(columns).split("|")
    yield f"\n## {page(title)}\n"
    yield _row(*names)
    yield _row(*["---"] * len(names))


def _row(*cells: str) -> str:
    """A bar ends a cell even inside a code span."""
    return " | ".join(["", *(each.replace("|", r"\|") for each in cells), ""]).strip()


def _more(count: int, key: str = "report_more") -> Iterator[str]:
    if count > 0:
        yield f"\n{page(key, count=count)}"


def _what(name: str, watched: str) -> str:
    return f"{code(name)} {code(metric(watched))}"


def _level(level: Level) -> str:
    return page(f"level_{LEVELS[level]}")


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _value(watched: str, value: float) -> str:
    if unit_of(watched) is Unit.SECONDS and isfinite(value):
        return _lasted(timedelta(seconds=value))
    return f"{value:.4g} %" if unit_of(watched) is Unit.PERCENT else f"{value:.4g}"


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
