"""An alert in HTML for the page behind a message's link: no styles and no scripts, the chart as SVG."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import groupby

from monitor.adapters.notify.wording.chart import Trend, charted, trend_of
from monitor.adapters.notify.wording.facts import (
    LONGEST_NAME,
    LONGEST_NOTE,
    Fact,
    facts,
    is_ended,
    lasting,
    processes,
    processes_title,
)
from monitor.adapters.notify.wording.headline import headline, what
from monitor.adapters.notify.wording.markdown import plain_note_html
from monitor.adapters.notify.wording.texts import clean, clean_lines, language_of, say, tag
from monitor.application.notifications.sender_ports import AlertCard, AlertCards, Item

WIDTH, HEIGHT = 720, 160
_COLUMNS = 360
"""Of each, the chart has two points at most: a page stays small whatever the interval."""
_HOUR = timedelta(hours=1)


class HtmlCards(AlertCards):
    def __call__(self, item: Item, locale: str, now: datetime, charted_for: timedelta) -> AlertCard:
        language = language_of(locale)
        return AlertCard(
            title=headline(item, language, now),
            top=_top(item, language, now),
            rest=_chart(item, language, charted_for) + _note(item, language) + _facts(item, language, now),
        )


def _top(item: Item, language: int, now: datetime) -> str:
    where = clean(item.target, LONGEST_NOTE) or clean(item.ip_address, LONGEST_NAME)
    return (
        f'<p class="tag">{escape(tag(item.event_kind, item.level, language))}</p>'
        f"<h1>{_isolated(clean(item.server_name, LONGEST_NAME))}</h1>"
        + (f'<p class="where">{_isolated(where)}</p>' if where else "")
        + f'<p class="what">{_isolated(what(item, language, now))}</p>'
        f'<p class="since">{escape(lasting(item, language, now))}</p>'
    )


def _note(item: Item, language: int) -> str:
    note = clean_lines(item.policy_note)
    return f'<h2>{say("what_to_do", language)}</h2><div class="note">{plain_note_html(note)}</div>' if note else ""


def _facts(item: Item, language: int, now: datetime) -> str:
    top = processes(item, language)
    more = f"<h2>{processes_title(item, language)}</h2>{_table(top)}" if top else ""
    return f"<h2>{say('details', language)}</h2>{_table(facts(item, language, now))}{more}"


def _table(rows: Sequence[Fact]) -> str:
    cells = "".join(f"<tr><th>{_isolated(row.label)}</th><td>{_isolated(row.text)}</td></tr>" for row in rows)
    return f"<table>{cells}</table>"


def _chart(item: Item, language: int, charted_for: timedelta) -> str:
    trend = trend_of(item, charted_for)
    if trend is None:
        return ""
    key = "hours_to_end" if is_ended(item) else "last_hours"
    label = say(key, language, count=charted_for // _HOUR) + say("colon", language) + charted(item, trend, language)
    return f"<h2>{escape(label)}</h2>{svg(trend, label)}"


def svg(trend: Trend, label: str) -> str:
    """Return the chart as SVG, with classes in place of colours."""
    lines, areas = [], []
    for run in _runs(trend):
        line = "L".join(f"{x * WIDTH:.1f} {(1 - y) * HEIGHT:.1f}" for x, y in run)
        lines.append(f"M{line}h.1")  # a point between two gaps is seen too
        areas.append(f"M{line}V{HEIGHT}H{run[0][0] * WIDTH:.1f}Z")
    limit = (
        "" if trend.threshold is None else f'<path class="limit" d="M0 {(1 - trend.threshold) * HEIGHT:.1f}H{WIDTH}"/>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f'<path class="area" d="{"".join(areas)}"/>{limit}<path class="line" d="{"".join(lines)}"/></svg>'
    )


def _runs(trend: Trend) -> Iterator[list[tuple[float, float]]]:
    """Yield the points between gaps: of each column the lowest and the highest."""
    run: list[tuple[float, float]] = []
    for index, point in enumerate(trend.points):
        run.append(point)
        if index in trend.breaks_after or index == len(trend.points) - 1:
            yield [each for _, column in groupby(run, _column) for each in _ends([*column])]
            run = []


def _column(point: tuple[float, float]) -> int:
    return int(point[0] * _COLUMNS)


def _ends(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    by_height = sorted(points, key=lambda point: point[1])
    return sorted({by_height[0], by_height[-1]})


def _isolated(text: str) -> str:
    """Return *text* as HTML in which right-to-left letters do not reorder the text around it."""
    return f"<bdi>{escape(text)}</bdi>"
