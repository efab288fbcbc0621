"""Rules for names and e-mail addresses that people see, and for texts in spreadsheets."""

import json
import re
import unicodedata

from monitor.domain.errors import InvalidInput, Problem

_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They make one name look like another (Unicode TR 36, "bidirectional text spoofing").
_BIDI_CONTROLS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)*")
MAX_EMAIL = 254


def checked_name(field: str, value: str, *, longest: int) -> str:
    """Return *value* without surrounding space: 1 to *longest* characters, none of them invisible.

    Raises InvalidInput that names *field*.
    """
    name = value.strip()
    if has_invisible_characters(value):
        raise InvalidInput({field: Problem("control_characters")})
    if not name:
        raise InvalidInput({field: Problem("empty")})
    if len(name) > longest:
        raise InvalidInput({field: Problem("too_long", {"limit": longest})})
    return name


def as_read(stored: str) -> str:
    """Return a stored name without invisible characters, which older versions allowed."""
    if _is_plain(stored) and stored.strip():
        return stored
    return "".join(c for c in stored if not has_invisible_characters(c)).strip() or "\ufffd"


def has_invisible_characters(value: str) -> bool:
    """Return whether there are control characters or characters without width, such as joiners: two such names may
    look alike."""
    if _is_plain(value):
        return False
    return has_control_characters(value) or any(unicodedata.category(c) == "Cf" for c in value)


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable()


def escaped(value: str) -> str:
    """Return *value* with invisible characters as JSON escapes, so that it can't start a line or reverse the text."""
    if _is_plain(value):
        return value
    return "".join(json.dumps(c)[1:-1] if has_invisible_characters(c) else c for c in value)


def has_control_characters(value: str) -> bool:
    return any(unicodedata.category(c) in _REFUSED_CATEGORIES or c in _BIDI_CONTROLS for c in value)


def checked_email(value: str | None) -> str | None:
    """Return an address that fits a mail header, or None if *value* is None or empty. Raises InvalidInput."""
    if value is None or not (email := value.strip()):
        return None
    if len(email) > MAX_EMAIL or has_control_characters(email) or not _EMAIL.fullmatch(email):
        raise InvalidInput({"email": Problem("invalid_email")})
    return email


# A spreadsheet would run what follows as a formula, in some locales the full-width signs too (OWASP, "CSV injection").
# It may split at ";" or tabs instead of ",": a cell then begins after each of them, whatever we quoted.
_CELL_START = r"(^|[;\t\r\n])"
_FORMULA = r"(?=[\s'\"]*[=+\-@＝＋－＠\t\r])"
_DANGEROUS = re.compile(_CELL_START + _FORMULA)
_NEUTRALISED = re.compile(_CELL_START + "'" + _FORMULA)


def neutral_cell(cell: str) -> str:
    """Prefix formulas with an apostrophe; one that has it already gets another. `original_cell` undoes this."""
    return _DANGEROUS.sub(r"\1'", cell)


def original_cell(cell: str) -> str:
    return _NEUTRALISED.sub(r"\1", cell)
