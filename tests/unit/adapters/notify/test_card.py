"""The alert on the page behind a link: in words, without styles, with its chart as SVG."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given

from monitor.adapters.notify.wording.card import HtmlCards
from monitor.application.notifications.sender_ports import AlertCard, Item, Point
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import Kind
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import OFFLINE
from tests.unit.adapters.notify.messages import NOON, an_alert, an_item, ended
from tests.unit.adapters.notify.test_hostile_text import SPITEFUL

HOURS = timedelta(hours=3)
SHAPES = {
    *("svg", "path", "p", "h1", "h2", "bdi", "table", "tr", "th", "td", "div"),
    *("a", "strong", "em", "code", "pre", "ul", "ol", "li", "br"),
}


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def card(item: Item, locale: str = "en") -> AlertCard:
    return HtmlCards()(item, locale, NOON, HOURS)


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_it_says_what_and_since_when():
    found = card(an_item())
    assert "[CRITICAL] web-1 CPU 92.4 % (threshold 85 %)" == found.title
    words = "CRITICAL web-1 192.0.2.10 CPU 92.4 % (threshold 85 %) for 7 min, since 2026-11-03 11:53:00 UTC"
    assert words == plain(found.top)
    for fact in ("Value 92.4 %", "Threshold 85 %", "mysqld CPU 88.1 %", "Last 3 hours: 20 % to 79 %"):
        assert fact in plain(found.rest)


@pytest.mark.parametrize(
    ("item", "locale", "words"),
    [
        (
            an_item(),
            "zh-CN",
            "严重 web-1 192.0.2.10 CPU 92.4 %（阈值 85 %） 自 2026-11-03 11:53:00 UTC 起，已持续 7 分钟",
        ),
        (
            an_item(EventKind.RESOLVED, alert=ended()),
            "en",
            "for 7 min, from 2026-11-03 11:53:00 UTC to 2026-11-03 12:00",
        ),
        (an_item(alert=an_alert(metric=OFFLINE)), "en", "for 12 min, since 2026-11-03 11:48:00 UTC"),
        (
            an_item(alert=an_alert(metric=UP, value=0.0), kind=Kind.CHECK, target="https://a.example", ip_address=""),
            "en",
            "web-1 https://a.example is down",
        ),
    ],
)
def test_ended_offline_and_checks(item: Item, locale: str, words: str):
    assert words in plain(card(item, locale).top)


def test_the_note_of_the_policy_is_markdown():
    rest = card(an_item(policy_note="# Full\nsee **this**\n- `df`")).rest
    assert '<div class="note"><p><strong>Full</strong></p><p>see <strong>this</strong></p>' in rest
    assert "<ul><li><code>df</code></li></ul>" in rest


@given(SPITEFUL)
def test_hostile_texts_are_no_markup(text: str):
    found = card(an_item(server_name=text, note=text, policy_note=text, target=text, failure=text))
    assert {tag for tag, _ in Tags(found.top + found.rest).found} <= SHAPES
    assert "onerror" not in {name for _, attributes in Tags(found.top + found.rest).found for name in attributes}


@pytest.mark.parametrize("note", ["", "# Full\n```\nls\n```\n1. [a](https://a.example)\n2. *b* `c`"])
def test_a_strict_policy_of_content_allows_all_of_it(note: str):
    found = card(an_item(policy_note=note))
    for tag, attributes in Tags(found.top + found.rest).found:
        assert tag not in ("script", "style", "img")
        assert not {name for name in attributes if name == "style" or name.startswith("on")}


def values(count: int, **more: Any) -> Item:
    points = [Point(at=NOON - HOURS * (count - n) / count, value=n * 37 % 100) for n in range(count)]
    return an_item(last_hour=points, **more)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 360, 361, 2161, 10_800])
def test_a_chart_stays_small_and_inside(count: int):
    rest = card(values(count)).rest
    assert ("<svg" in rest) is (count >= 2)
    assert len(rest) < 40_000
    for path in re.findall(r' d="([^"]*)"', rest):
        assert all(0 <= float(number) <= 720 for number in re.findall(r"[\d.]+", path))


def test_gaps_stay_open():
    points = [Point(at=NOON - timedelta(minutes=m), value=50.0) for m in (100, 99, 98, 60, 3, 2, 1)]
    (line,) = re.findall(r'class="line" d="([^"]*)"', card(an_item(last_hour=points)).rest)
    assert 3 == line.count("M"), "before the gap, one alone within, and after it"


def test_the_worst_of_many_samples_is_drawn():
    points = [Point(at=NOON - timedelta(seconds=n), value=20.0) for n in range(9000, 0, -1)]
    points[4321] = points[4321]._replace(value=100.0)
    (line,) = re.findall(r'class="line" d="([^"]*)"', card(an_item(last_hour=points)).rest)
    assert 0.0 in [float(each.split()[1]) for each in re.split("[ML]", line.replace("h.1", ""))[1:]]
