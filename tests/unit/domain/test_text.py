"""Rules for names and mail addresses, tried with inputs of attackers."""

import email.message
import email.policy
import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.domain.errors import InvalidInput
from monitor.domain.text import (
    as_read,
    checked_email,
    checked_name,
    escaped,
    has_control_characters,
    has_invisible_characters,
)

BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = ["\0", "\x01", "\t", "\n", "\r", "\x1b", "\x7f", "\x80", "\x85", "\x9f", "\u2028", "\u2029", *BIDI]
UNSEEN = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e", "\U000e0041"]
SURROGATES = ["\ud800", "\udbff", "\udc00", "\udfff"]
texts = st.text() | st.text(st.sampled_from([*CONTROLS, *SURROGATES, *" a@.,;<>()\"'é\u00a0\u200b🖥"]), max_size=20)


def reason(call, *args, **kwargs) -> str | None:
    try:
        call(*args, **kwargs)
    except InvalidInput as error:
        ((_, problem),) = error.problems.items()
        return problem.code
    return None


@given(texts)
@example("a" * 100)
@example("a" * 101)
def test_a_name_is_accepted_unchanged_or_refused(value):
    """Only the space around it is removed."""
    try:
        name = checked_name("field", value, longest=100)
    except InvalidInput as error:
        assert list(error.problems) == ["field"]  # noqa: PT017 (whether it is raised depends on what is drawn)
        assert has_invisible_characters(value) or not 1 <= len(value.strip()) <= 100
        return
    assert name == value.strip()
    assert 1 <= len(name) <= 100
    assert not has_invisible_characters(name)
    assert checked_name("field", name, longest=100) == name
    name.encode()


@given(st.text(max_size=50) | st.text(st.sampled_from([*CONTROLS, *UNSEEN, "a", " "]), max_size=9))
@example("".join(UNSEEN))
def test_any_stored_text_is_read_as_a_valid_name(stored: str) -> None:
    name = as_read(stored)
    assert checked_name("field", name, longest=50) == name.strip()
    if reason(checked_name, "field", stored, longest=50) is None:
        assert name.strip() == stored.strip()


@pytest.mark.parametrize("bad", [*CONTROLS, *UNSEEN, *SURROGATES])
@pytest.mark.parametrize("around", ["{}", "{}abc", "abc{}", "a{}c"])
def test_control_characters_are_refused_at_any_place(bad, around):
    """Also at the ends, where strip() would remove some of them."""
    assert reason(checked_name, "name", around.format(bad), longest=50) == "control_characters"


@given(st.characters())
def test_every_control_character_and_line_separator_is_known(character):
    expected = unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in BIDI
    assert has_control_characters(character) is expected
    assert has_control_characters(f"ab{character}c") is expected
    assert has_invisible_characters(f"ab{character}c") is (expected or unicodedata.category(character) == "Cf")


@pytest.mark.parametrize(
    "name", ["服务器", "שרת", "👩💻", "🖥\ufe0f", "e\u0301", "O'Brien; <b>", "a\u00a0b", "می خواهم"]
)
def test_names_in_any_script_are_accepted(name):
    assert checked_name("name", name, longest=50) == name


@pytest.mark.parametrize("empty", ["", " ", "   ", "\u00a0", "\u3000"])
def test_an_empty_name_is_refused(empty):
    assert reason(checked_name, "name", empty, longest=50) == "empty"


def test_length_is_counted_in_characters_without_surrounding_space():
    assert checked_name("name", " " + "🖥" * 50 + " ", longest=50) == "🖥" * 50
    assert reason(checked_name, "name", "🖥" * 51, longest=50) == "too_long"


@pytest.mark.parametrize("none", [None, "", "  "])
def test_an_omitted_address_is_none(none):
    assert checked_email(none) is None


@pytest.mark.parametrize(
    "good",
    [
        "a@b",
        "first.last+tag@example.com",
        "o'brien@example.co.uk",
        "用户@例子.中国",
        f"{'l' * 64}@example.com",
        "a@b-c.d",
    ],
)
def test_addresses_are_accepted_unchanged(good):
    assert checked_email(f" {good} ") == good


@pytest.mark.parametrize(
    "bad",
    [
        "a",
        "@b",
        "a@",
        "a@b@c",
        "a b@c",
        "a@b.",
        "a@.b",
        "a@b..c",
        f"{'l' * 65}@example.com",
        f"a@{'d' * 253}",
        "a@b,c@d",
        "a@b;c@d",
        "A <a@b>",
        "<a@b>",
        '"a"@b',
        "a(comment)@b",
        "a@[127.0.0.1]",
        "a\\@b",
        "list:a@b",
    ],
)
def test_anything_but_one_address_is_refused(bad):
    assert reason(checked_email, bad) == "invalid_email"


@pytest.mark.parametrize(
    "injected", ["\r\nBcc: x@y", "\nBcc:x@y", "\r", "\n", "\0", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]
)
@pytest.mark.parametrize("place", ["a{}@b", "a@b{}c", "{}a@b.c", "a{}"])
def test_no_header_can_be_injected(injected, place):
    """All kinds of line breaks are tried, also those that only some programs know."""
    value = place.format(injected) if place != "a{}" else f"a@b{injected}Bcc: x@y"
    try:
        mailbox = checked_email(value)
    except InvalidInput:
        return
    assert mailbox == "a@b.c"  # what stood in front was mere space, and is gone


@given(texts | st.builds("{}@{}".format, texts, texts))
def test_an_accepted_address_makes_one_header_with_one_recipient(value):
    try:
        mailbox = checked_email(value)
    except InvalidInput as error:
        assert list(error.problems) == ["email"]  # noqa: PT017 (whether it is raised depends on what is drawn)
        return
    if mailbox is None:
        assert not value.strip()
        return
    assert len(mailbox) <= 254
    assert mailbox.count("@") == 1
    assert not set(mailbox) & set(' \r\n\t,;<>"()[]\\')
    assert checked_email(mailbox) == mailbox
    message = email.message.EmailMessage(policy=email.policy.SMTPUTF8)
    message["To"] = mailbox
    received = email.message_from_string(message.as_string(), policy=message.policy)
    assert received.keys() == ["To"]
    assert [address.addr_spec for address in received["To"].addresses] == [mailbox]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web-1 中文 🖥 \\", "web-1 中文 🖥 \\"),
        ("a\r\nb\tc\x00\x7f\x1b[31m", r"a\r\nb\tc\u0000\u007f\u001b[31m"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("line\u2028paragraph\u2029next\x85", r"line\u2028paragraph\u2029next\u0085"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0001", r"\udb40\udc01"),
    ],
)
def test_invisible_characters_are_escaped(text, shown):
    """The escapes are those of JSON."""
    assert shown == escaped(text)


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Cs"])))
def test_an_escaped_text_is_one_line(text):
    shown = escaped(text)
    assert not has_invisible_characters(shown)
    assert len(shown.splitlines()) <= 1
    assert shown == escaped(shown)
    if not set(text) & {"\\", '"'} and text.encode("utf-8", "ignore").decode() == text:
        assert text == json.loads(f'"{shown}"')
