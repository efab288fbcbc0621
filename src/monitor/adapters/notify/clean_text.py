"""Text that others chose (host names, notes, process names), made fit to stand in a line of ours."""

import unicodedata

_BREAKS = frozenset({"Cc", "Zl", "Zp"})
# They join letters in Persian and Indic scripts and emoji; every other format character can reorder or hide text.
_JOINERS = frozenset("\u200c\u200d")


def clean(text: str, longest: int) -> str:
    """One line of at most *longest* characters: no control, bidirectional or invisible characters, no surrogates."""
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
