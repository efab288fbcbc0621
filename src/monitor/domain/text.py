"""What a name that people see may hold."""

import json
import re
import unicodedata

from monitor.domain.errors import InvalidInput, Problem

_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They make a name read as another one on screen and in mails (Unicode TR 36, "bidirectional text spoofing").
_BIDI_CONTROLS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)*")
MAX_EMAIL = 254


def checked_name(field: str, value: str, *, longest: int) -> str:
    """*value* without surrounding space, 1 to *longest* characters, none of them unseen.

    Raises InvalidInput naming *field*.
    """
    name = value.strip()
    if has_unseen_characters(value):
        raise InvalidInput({field: Problem("control_characters")})
    if not name:
        raise InvalidInput({field: Problem("empty")})
    if len(name) > longest:
        raise InvalidInput({field: Problem("too_long", {"limit": longest})})
    return name


def as_read(stored: str) -> str:
    """A name of a time when more was allowed, without what is unseen: it stops nothing from being loaded."""
    if stored.isascii() and stored.isprintable() and stored.strip():
        return stored
    return "".join(c for c in stored if not has_unseen_characters(c)).strip() or "\ufffd"


def has_unseen_characters(value: str) -> bool:
    """Whether two of such names may look alike: control characters, and those that take no width, such as joiners."""
    return has_control_characters(value) or any(unicodedata.category(c) == "Cf" for c in value)


def escaped(value: str) -> str:
    """Return *value* with every unseen character as its JSON escape: nothing in it begins a line or turns the text."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(json.dumps(c)[1:-1] if has_unseen_characters(c) else c for c in value)


def has_control_characters(value: str) -> bool:
    return any(unicodedata.category(c) in _REFUSED_CATEGORIES or c in _BIDI_CONTROLS for c in value)


def checked_email(value: str | None) -> str | None:
    """A mailbox that can stand in a header, or None for none (an empty text means none too)."""
    if value is None or not (email := value.strip()):
        return None
    if len(email) > MAX_EMAIL or has_control_characters(email) or not _EMAIL.fullmatch(email):
        raise InvalidInput({"email": Problem("invalid_email")})
    return email
