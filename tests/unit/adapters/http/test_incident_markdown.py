"""Reports of incidents in Markdown: what comes from outside has no meaning there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from monitor.adapters.http.edge.words import messages
from monitor.adapters.http.incidents.markdown import MOST_LINES, MOST_ROWS, code, written
from monitor.application.alerts.ports import ShownAlert
from monitor.application.incidents.ports import IncidentEntry, Member, ShownIncident
from monitor.application.incidents.reporting import Dependency, Edit, Notified, Report
from monitor.domain.alerts.alert import EventKind, TimelineEntry
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.suggestions import Better
from monitor.domain.incidents.incidents import Incident
from monitor.domain.levels import Level
from monitor.domain.policies.policies import Policy
from tests.contracts.builders import AT, an_alert

HOSTILE = [
    "web|1", "`x`", "``", "[a](javascript:alert(1))", "![a](https://evil.example/x.png)", "<script>x</script>",
    "https://evil.example", "a@evil.example", "a\nb", "# x", "| a |", "\\", "a`|b", " \t", "*a* _b_ ~c~", "&lt;",
    "<!--", "\u202eevil", "x" * 5000,
]  # fmt: skip
NAMES = st.sampled_from(HOSTILE) | st.text(max_size=40)


def a_report(name: str = "web-1", *, alerts: int = 1, entries: int = 1, notified: int = 1) -> Report:
    alert = an_alert(ServerId(1), level=Level.CRITICAL, resolved_at=AT + timedelta(seconds=61))
    entry = TimelineEntry(
        alert_id=alert.id,
        at=AT,
        event_kind=EventKind.NOTIFIED,
        level=Level.WARNING,
        value=91.5,
        username=name,
        note=name,
    )
    return Report(
        found=ShownIncident(
            incident=Incident(started_at=AT, ended_at=AT + timedelta(seconds=3725), hosts=frozenset()),
            members=[Member(alert.id, ServerId(1), "cpu", Level.CRITICAL, AT + timedelta(seconds=3725), False)]
            * alerts,
            alerts=[ShownAlert(alert=alert, server_name=name, acknowledged_by=None)] * alerts,
        ),
        at=AT,
        entries=[IncidentEntry(entry, ServerId(1), name, "cpu")] * entries,
        notified=[Notified(name, "mail", AT, 2, None)] * notified,
        tried=1,
        of=3,
        edits=[
            Edit(
                Policy(metric="cpu", warning=70, sustained_for=timedelta(minutes=2)),
                name,
                Better({"sustained_for": 600.0}, -120.0, (4, 1)),
            )
        ],
        dependency=Dependency(name, [name, name], 6, 2, 9, 0),
    )


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    messages.use_language("en")
    yield
    messages.use_language("")


def tokens(text: str) -> list[Token]:
    found = MarkdownIt("commonmark").enable("table").parse(text)
    return [inner for each in found for inner in (each, *(each.children or ()))]


def test_it_says_what_happened() -> None:
    text = written(a_report(), "`web-1`: `CPU`")
    assert text.startswith("# `web-1`: `CPU`\n\n- Level: critical\n")
    for line in (
        "- Time (UTC): 2030-01-01 12:00:00 to 2030-01-01 13:02:05, for 1 h 2 min",
        "- Cause: nothing in common was found",
        "- What came first: `web-1` `CPU`, 2030-01-01 11:55:00",
        "| `web-1` | `CPU` | critical | 2030-01-01 11:55:00 | 2030-01-01 12:01:01 |",
        "- 2030-01-01 12:00:00 `web-1` `CPU` · notified · warning · 91.5 · `web-1` · `web-1`",
        "| `web-1` | `mail` | 2030-01-01 12:00:00 | 2 | – |",
        "- `web-1` `CPU` with `sustained_for` 120 → 600: notifications 4 → 1, the first one 2 min later",
        "- If `web-1`, `web-1` depended on `web-1`: notifications 6 → 2 (down together 9 of 9 times)",
        "Of 3 policies that fired, edits of 1 were tried on the history of the alert and of the day before.",
    ):
        assert line in text.splitlines(), line


def test_it_is_bounded_and_says_how_many_more_there_are() -> None:
    text = written(a_report(alerts=MOST_ROWS + 1, entries=MOST_LINES + 3, notified=MOST_ROWS + 2), "x")
    assert [line for line in text.splitlines() if line.startswith("and ")] == ["and 1 more", "and 3 more", "and 2 more"]
    assert sum("notified · " in line for line in text.splitlines()) == MOST_LINES


def test_nothing_is_said_of_nobody() -> None:
    text = written(replace(a_report(entries=0, notified=0), edits=[], dependency=None), "x")
    assert "Nothing was found." in text


@given(NAMES)
def test_a_name_is_one_code_span(name: str) -> None:
    [inline] = [each for each in MarkdownIt("commonmark").parse(f"a {code(name)} b") if each.type == "inline"]
    kinds = [each.type for each in inline.children or ()]
    assert kinds in (["text", "code_inline", "text"], ["text"])


@given(NAMES)
def test_no_name_breaks_the_page(name: str) -> None:
    messages.use_language("en")
    plain, hostile = tokens(written(a_report(), "x")), tokens(written(a_report(name), "x"))
    assert {"html_inline", "html_block", "link_open", "image", "em_open", "strong_open"}.isdisjoint(
        each.type for each in hostile
    )
    for kind in ("tr_open", "td_open", "heading_open", "list_item_open", "paragraph_open"):
        assert sum(each.type == kind for each in plain) == sum(each.type == kind for each in hostile), kind
