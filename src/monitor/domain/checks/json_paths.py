"""Values in JSON by a path of names and places, such as "data.items[0].state"."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

MOST_STEPS = 20
_STEP = re.compile(r"\.?([^.\[\]\s]+)|\[(\d{1,6})\]")


def steps_of(path: str) -> list[str | int]:
    """Return the names and places of a path, which may begin with "$". Raises ValueError."""
    rest, steps = path.removeprefix("$"), list[str | int]()
    while rest:
        found = _STEP.match(rest)
        if found is None or len(steps) == MOST_STEPS:
            raise ValueError("not a path")
        steps.append(found[1] if found[2] is None else int(found[2]))
        rest = rest[found.end() :]
    return steps


def value_at(document: Any, path: str) -> Any:
    """Return the value at *path*. Raises LookupError if there is none."""
    for step in steps_of(path):
        if not isinstance(document, Mapping if isinstance(step, str) else list):
            raise LookupError(step)
        document = document[step]  # type: ignore[index] # its kind was just compared with that of the step
    return document


def equals(value: Any, expected: str) -> bool:
    """Compare a value of JSON with a text: 1 with "1" or "1.0", true with "true"."""
    if value is None or isinstance(value, bool):
        return expected == {True: "true", False: "false", None: "null"}[value]
    with suppress(ValueError):
        if isinstance(value, int):  # a float does not hold a large one
            return value == int(expected)
    with suppress(ValueError):
        return value == expected or (isinstance(value, (int, float)) and value == float(expected))
    return False
