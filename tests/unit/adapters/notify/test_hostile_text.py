"""Names and notes may come from an attacker who controls a host: in a mail they are text, and nothing else."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.adapters.notify.wording.digest import chat_text, subject
from monitor.adapters.notify.wording.texts import clean
from monitor.domain.intake.samples import Process
from tests.unit.adapters.notify.mails import page_of, sent, text_of
from tests.unit.adapters.notify.messages import a_message, an_alert, an_item
from tests.unit.adapters.notify.test_mail import HEADERS

SPITEFUL = st.one_of(
    st.text(st.characters(codec=None), max_size=60),  # lone surrogates included
    st.sampled_from(
        [
            "web\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>",
            "\n\n.\nMAIL FROM:<eve@example.com>",
            '"><img src=x onerror=alert(1)>',
            "</td></tr></table><a href='https://evil.example'>click</a>",
            "=?utf-8?q?=0D=0ABcc:_eve=40example.com?=",
            "=??Q?=0D=0ABcc:_eve?= ==??=",
            "\u202egnp.exe\u2066\u2067",
            "ا" * 300,
            "e" + "\u0301" * 500,
            "\ud83d",
            "x" * 10_240,
            "字" * 10_240,
            "&lt;b&gt; %s {0} \\x00 \x00",
            "",
        ]
    ),
)
LIVE = {"script", "style", "iframe", "object", "embed", "form", "link", "base", "svg", "input", "button"}
OURS = {"https://monitor.example/alerts/12"}


@given(SPITEFUL, SPITEFUL, SPITEFUL, SPITEFUL, st.sampled_from(["en", "zh-CN"]), st.integers(1, 2))
@example("a\r\nBcc: eve@example.com", "x", "y", "z", "en", 1)
@example("=??Q?=0D=0ABcc:_eve?=", "x", "y", "=??Q?=0D0", "en", 1)
@example("0" * 45, "", "", "\u00a1 0\u0800 \U00010000 \u00a1", "en", 1)
def test_hostile_text_adds_no_header_and_no_markup(name, note, process, metric, locale, times):
    """Whatever the texts are: the same headers, one recipient, no live tag, no link but ours, no endless line."""
    item = an_item(
        alert=an_alert(metric=metric, processes=(Process(process, 1.0, 2.0),)),
        server_name=name,
        ip_address=name,
        note=note,
        last_hour=(),
    )
    found = sent(a_message(*[item] * times, locale=locale))
    assert HEADERS == set(found.keys())
    assert len(HEADERS) == len(found.keys())
    assert "ada@example.com" == str(found["To"])
    assert subject(a_message(*[item] * times, locale=locale)).replace("=?", "= ?") == str(found["Subject"])
    page = page_of(found)
    assert not LIVE & {tag for tag, _ in page.tags}
    assert all(set(a) <= {"style", "href", "src", "alt", "width", "height", "lang", "charset"} for _, a in page.tags)
    assert {a["href"] for tag, a in page.tags if tag == "a"} <= OURS
    assert max(map(len, text_of(found).splitlines())) <= 800
    assert len(found.as_bytes()) < 60_000


@given(SPITEFUL, st.integers(1, 100))
def test_clean_text_is_one_visible_line(text, longest):
    """Of bounded length, encodable, and clean already."""
    cleaned = clean(text, longest)
    assert len(cleaned) <= longest
    assert not set("\r\n\t\0\u2028\u2029\u202e\u2066") & set(cleaned)
    assert cleaned == clean(cleaned, longest)
    cleaned.encode()


@given(SPITEFUL, SPITEFUL)
def test_chats_get_a_bounded_text_that_mentions_no_user(name, note):
    """A host called "@all" doesn't wake everybody."""
    title, text = chat_text(a_message(*[an_item(server_name=f"@all{name}", note=note)] * 3))
    assert len(text) <= 4000
    assert "@all" not in title + text
    json.dumps([title, text], ensure_ascii=False).encode()
