"""Text from outside (host names, notes, process names), made safe for a line or a header."""

import hashlib
import re
import unicodedata

_BREAKS = frozenset({"Cc", "Zl", "Zp"})
# Needed in Persian and Indic scripts and emoji. Every other format character can reorder or hide text.
_JOINERS = frozenset("\u200c\u200d")
# Longer header lines are folded, and inside an id the library does that wrongly.
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")


def clean(text: str, longest: int) -> str:
    """Return *text* as one line of at most *longest* characters, without control and invisible characters."""
    kept = "".join(_visible(character) for character in text[: 4 * longest])
    line = " ".join(kept.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BREAKS:
        return " "
    if category == "Cs":
        return "\ufffd"
    return "" if category == "Cf" and character not in _JOINERS else character


def stable_id(message_id: str) -> str:
    """Return *message_id* in a form that any header may hold. Equal ids stay equal."""
    if _PLAIN_ID.fullmatch(message_id):
        return message_id
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]
