"""What messages say of forecasts, and of what is to be done."""

import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.notify.webhook.channel import _item as webhook_item
from monitor.adapters.notify.wording.digest import chat_text, subject
from monitor.adapters.notify.wording.markdown import note_html
from monitor.application.notifications.sender_ports import Item
from monitor.domain.alerts.alert import EventKind
from monitor.domain.levels import Level
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.policies import LONGEST_NOTE
from tests.unit.adapters.notify.mails import html_of, page_of, sent, text_of
from tests.unit.adapters.notify.messages import NOON, a_message, an_alert, an_item, ended
from tests.unit.adapters.notify.test_hostile_text import LIVE, SPITEFUL

NOTE = "# Full disk\nLook **here**:\n- `du -sh /var`\n- [wiki](https://wiki.example/disk)"


def full(**changes: Any) -> Item:
    given: dict[str, Any] = {
        "metric": "disk",
        "level": Level.WARNING,
        "value": 81.0,
        "threshold": 100.0,
        "kind": FORECAST,
        "expected_at": NOON + timedelta(days=3, hours=2),
    }
    return an_item(alert=an_alert(**given | changes), policy_note=NOTE)


@pytest.mark.parametrize(
    ("locale", "changes", "words"),
    [
        ("en", {}, "[WARNING] web-1 disk 81 % (full on Friday at 14:00 UTC)"),
        ("zh-CN", {}, "[警告] web-1 磁盘 81 %（预计周五 14:00 UTC 用尽）"),
        ("en", {"expected_at": NOON + timedelta(days=40)}, "full on 2026-12-13 at 12:00 UTC"),
        ("en", {"threshold": 95.0}, "reaches 95 % on Friday at 14:00 UTC"),
        ("zh-CN", {"threshold": 95.0}, "预计周五 14:00 UTC 达到 95 %"),
        ("en", {"expected_at": None}, "threshold 100 %"),
        ("en", {"threshold": 60.0, "expected_at": NOON}, "disk 81 % (threshold 60 %)"),
    ],
)
def test_the_subject_says_when_it_is_full(locale, changes, words):
    assert words in subject(a_message(full(**changes), locale=locale))


def test_what_is_reached_is_not_expected():
    assert "Full: " not in text_of(sent(a_message(full(expected_at=NOON))))
    assert "Full: " in text_of(sent(a_message(full())))


def test_an_ended_alert_expects_nothing_and_has_nothing_to_do():
    item = an_item(EventKind.RESOLVED, alert=ended(metric="disk", kind=FORECAST))
    found = sent(a_message(item))
    assert "Full" not in text_of(found)
    assert "What to do" not in text_of(found)


def test_a_mail_has_the_note_as_text_and_as_html():
    found = sent(a_message(full()))
    assert "What to do:\n  # Full disk\n  Look **here**:\n  - `du -sh /var`" in text_of(found)
    page = html_of(found)
    assert '<a href="https://wiki.example/disk" rel="noopener noreferrer">wiki</a>' in page
    assert "<strong>here</strong>" in page
    assert "Full" in text_of(found)
    assert "2026-11-06 14:00:00 UTC" in text_of(found)


def test_many_alerts_of_one_policy_have_its_note_once():
    found = sent(a_message(*(full() for _ in range(5))))
    assert text_of(found).count("What to do") == 1
    assert html_of(found).count("What to do") == 1


def test_chats_and_webhooks_have_it_too():
    _, text = chat_text(a_message(full()))
    assert "What to do:\n# Full disk" in text
    alert = webhook_item(full())["alert"]
    assert (alert["kind"], alert["expected_at"], alert["policy_note"]) == ("forecast", "2026-11-06T14:00:00Z", NOTE)


@given(SPITEFUL | st.text("`*[]()#<>-h1. \n", max_size=200))
def test_a_hostile_note_adds_no_markup(note):
    page = page_of(sent(a_message(an_item(policy_note=note))))
    assert page.open == []
    assert not LIVE & {tag for tag, _ in page.tags}
    links = [str(attributes["href"]) for tag, attributes in page.tags if tag == "a"]
    assert all(link.startswith(("https://", "http://", "mailto:")) for link in links)


@pytest.mark.parametrize(
    "hostile",
    ["[x](javascript:alert(1))", "[x](data:text/html,x)", "![x](https://evil.example/a.png)", "[x](//evil.example)"],
)
def test_only_http_and_mail_addresses_become_links(hostile):
    html = note_html(hostile)
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert 'href="//' not in html


@pytest.mark.parametrize("part", ["`", "*", "[", "[a](", "**a", "# ", "```\n", "1. ", " "])
def test_a_long_note_of_one_character_is_read_at_once(part):
    """Twenty times as long as one may be, so that what takes the square of the time is noticed."""
    before = time.process_time()
    note_html(part * (20 * LONGEST_NOTE // len(part)))
    assert time.process_time() - before < 1
