"""Looks for what is expected in the body of an answer. Nothing takes longer than its length, whatever is asked."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from monitor.adapters.checks.outcomes import Unexpected
from monitor.domain.checks.expectations import Expectation, equals, value_at
from monitor.domain.errors import InvalidInput, Problem

LONGEST_SHOWN = 200
LONGEST_SEARCHED = 200_000
_LARGEST_PATTERN = 2_000
"""Steps. Together with the length of the text this is at most a second of one core, without the interpreter's lock."""
_PATTERN_MEMORY = 1 << 20
_ENCODINGS = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1251", "windows-1252", "latin-1", "utf-16")
"""Of which a page may be, besides UTF-8. Others cost too much, such as punycode, or are not in use."""


@dataclass(frozen=True, slots=True)
class Body:
    """*charset*: as the answer declares it."""

    content: bytes
    charset: str

    def text(self) -> str:
        return self.content.decode(_known(self.charset), "replace")


def _known(charset: str) -> str:
    return "gb18030" if charset in ("gbk", "gb2312") else charset if charset in _ENCODINGS else "utf-8"


def matched(expect: Expectation, body: Body) -> dict[str, str]:
    """Return what was found, by the name of the expectation. Raises Unexpected."""
    wanted = {name: look for name, look in _LOOKS.items() if getattr(expect, name) is not None}
    return {name: look(expect, body)[:LONGEST_SHOWN] for name, look in wanted.items()}


def _text(expect: Expectation, body: Body) -> str:
    text = expect.text or ""
    encodings = dict.fromkeys(("utf-8", _known(body.charset)))
    if not any(encoded in body.content for name in encodings if (encoded := text.encode(name, "ignore"))):
        raise Unexpected("the expected text is missing")
    return text


def _pattern(expect: Expectation, body: Body) -> str:
    found = compiled(expect.pattern or "").search(body.text()[:LONGEST_SEARCHED])
    if found is None:
        raise Unexpected("the pattern does not match")
    return str(found.group(0))


def _value(expect: Expectation, body: Body) -> str:
    path = expect.json_path or ""
    try:
        value = value_at(msgspec.json.decode(body.content), path)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Unexpected("the answer is not JSON") from None
    except LookupError:
        raise Unexpected(f"there is nothing at {path}") from None
    shown = json.dumps(value, ensure_ascii=False)
    if expect.json_value is not None and not equals(value, expect.json_value):
        raise Unexpected(f"{path} is {shown[:LONGEST_SHOWN]}, expected {expect.json_value}")
    return shown


_LOOKS: Mapping[str, Callable[[Expectation, Body], str]] = {"text": _text, "pattern": _pattern, "json_path": _value}


def compiled(pattern: str) -> Any:
    """Return a pattern of RE2: its time is at most its size times the length of the text. Raises InvalidInput."""
    import re2  # 3 MB, only for those who use patterns

    options = re2.Options()
    options.log_errors, options.max_mem = False, _PATTERN_MEMORY
    with suppress(re2.error):
        found = re2.compile(pattern, options=options)
        if found.programsize <= _LARGEST_PATTERN:
            return found
    raise InvalidInput({"expect.pattern": Problem("invalid_pattern")})
