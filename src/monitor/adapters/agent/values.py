"""Names and numbers as the API takes them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

MAX_EXTRA = 64
_LONGEST_NAME = 64
_NOT_ALLOWED = re.compile(r"[^a-z0-9_.:/-]")


def metric_name(text: str) -> str:
    """*text* as a name that the API takes: lower case, `_` for what it does not allow, at most 64 characters."""
    return _NOT_ALLOWED.sub("_", text.lower())[:_LONGEST_NAME] or "_"


def percent(value: float) -> float:
    """*value* within 0 and 100, two decimals. Raises ValueError: it is no number."""
    if not math.isfinite(value):
        raise ValueError(f"not a number: {value}")
    return round(min(100.0, max(0.0, value)), 2)


def extra_metrics(readings: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The first 64 *readings* under names that the API takes.

    Whoever comes first keeps a name, so what matters most is to be listed first. What is no finite number is left out.
    """
    chosen: dict[str, float] = {}
    for raw_name, value in readings:
        name = metric_name(raw_name)
        if name not in chosen and math.isfinite(value):
            chosen[name] = round(value, 3)
            if len(chosen) == MAX_EXTRA:
                break
    return chosen
