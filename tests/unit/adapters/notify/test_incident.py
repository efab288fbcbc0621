"""The first message about an incident says what is common, a later one how many have joined; mails share its thread."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import SMTP
from typing import Any

import pytest

from monitor.adapters.notify.mail.message import mail
from monitor.adapters.notify.wording.digest import chat_text, subject
from monitor.adapters.notify.wording.incident import incident_line
from monitor.application.notifications.sender_ports import Message
from monitor.domain.alerts.alert import AlertId, EventKind, IncidentId
from monitor.domain.incidents.causes import CauseKind
from tests.unit.adapters.notify.messages import NOON, RACK, a_message, an_alert, an_item, ended

THREAD = f"<incident-7-{int((NOON - timedelta(minutes=7)).timestamp())}@monitor>"
MESSAGE_ID = r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>"
"""dot-atom-text "@" dot-atom-text, of RFC 5322, 3.6.4."""


def said(locale: str = "en", count: int = 2, **changes: Any) -> Message:
    items = [an_item(alert=an_alert(id=AlertId(n))) for n in range(12, 12 + count)]
    return a_message(*items, locale=locale, incident=replace(RACK, **changes))


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({}, "4 of 5 in rack-7; web-3 is healthy", "rack-7 中的 4/5 台；web-3 正常"),
        ({"healthy": []}, "4 of 4 in rack-7", "rack-7 中的 4/4 台"),
        ({"healthy": ["a", "b"]}, "4 of 6 in rack-7; a, b are healthy", "rack-7 中的 4/6 台；a、b 正常"),
        (
            {"healthy": [*"abcde"]},
            "4 of 9 in rack-7; a, b, c and 2 more are healthy",
            "rack-7 中的 4/9 台；a、b、c 及另外 2 台正常",
        ),
        ({"more": 3, "is_first": False}, "3 more in rack-7", "rack-7 新增 3 条"),
        (
            {"more": 3, "is_first": False, "kind": CauseKind.NETWORK, "value": "192.0.2.0/24"},
            "3 more in 192.0.2.0/24",
            "网段 192.0.2.0/24 新增 3 条",
        ),
        (
            {"kind": CauseKind.SERVER, "value": "switch-1", "healthy": []},
            "4 of 4 that depend on switch-1",
            "依赖 switch-1 的 4/4 台",
        ),
        ({"more": 1, "is_first": False, "kind": None}, "1 more", "新增 1 条"),
        ({"is_first": False}, "", ""),
        ({"kind": None}, "", ""),
        ({"sick": 0}, "", ""),
    ],
)
def test_the_first_line_says_it(changes: dict[str, Any], english: str, chinese: str) -> None:
    assert (english, chinese) == (incident_line(said(**changes)), incident_line(said("zh-CN", **changes)))


def test_the_subject_and_each_kind_of_body_begin_with_it() -> None:
    first = said()
    assert subject(first).startswith("4 of 5 in rack-7: [CRITICAL] web-1")
    assert chat_text(first)[1].startswith("4 of 5 in rack-7; web-3 is healthy\n")
    text, html = (part for part in written(first).walk() if part.get_content_maintype() == "text")
    assert text.get_content().startswith("4 of 5 in rack-7; web-3 is healthy")
    assert "<bdi>4 of 5 in rack-7; web-3 is healthy</bdi></h1>" in html.get_content()


def test_one_more_is_named_with_its_alert() -> None:
    one = said(count=1, more=1, is_first=False)
    assert "1 more in rack-7: [CRITICAL] web-1 CPU 92.4 % (threshold 85 %)" == subject(one)
    text = next(part for part in written(one).walk() if part.get_content_maintype() == "text")
    assert ["1 more in rack-7", "", "[CRITICAL] web-1 CPU 92.4 % (threshold 85 %)"] == text.get_content().splitlines()[
        :3
    ]


def written(message: Message) -> Any:
    """Return the mail as a program reads it from the wire."""
    address = Address(username="bob", domain="example.com")
    return message_from_bytes(mail(message, sender=address, recipient=address).as_bytes(), policy=SMTP)


def test_all_mails_of_an_incident_share_its_thread() -> None:
    """And name that of the alert, if they are about only one."""
    first, last = written(said()), written(a_message(an_item(EventKind.RESOLVED, alert=ended()), incident=RACK))
    assert [THREAD] == first["References"].split()
    assert THREAD == first["In-Reply-To"] == last["In-Reply-To"]
    alert = f"<alert-12-{int((NOON - timedelta(minutes=7)).timestamp())}@monitor>"
    assert [THREAD, alert] == last["References"].split()


def test_a_merged_incident_is_in_both_threads_and_however_many_there_are_the_header_is_valid() -> None:
    merged = replace(RACK, threads=[(IncidentId(7 + n), NOON - timedelta(minutes=7)) for n in range(100)])
    found = written(a_message(an_item(), an_item(alert=an_alert(id=AlertId(13))), incident=merged))
    references = found["References"].split()
    assert (THREAD, 20) == (references[0], len(references))
    assert all(re.fullmatch(MESSAGE_ID, each) for each in [*references, found["In-Reply-To"], found["Message-ID"]])
    address = Address(username="bob", domain="example.com")
    raw = mail(a_message(an_item(), incident=merged), sender=address, recipient=address).as_bytes()
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 998


@pytest.mark.parametrize("value", ["a\r\nBcc: x@y", "@all", "=?utf-8?q?x?=", "\u202e\ud800"])
def test_a_hostile_name_forges_no_header(value: str) -> None:
    found = written(said(value=value, healthy=[value]))
    assert "x@y" not in [str(found["Bcc"]), str(found["To"])]
    assert 1 == len(found.get_all("Subject"))
