"""What the answer to a check must have, and how a value is found in JSON."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import canonical_ip
from monitor.domain.text import has_control_characters

LONGEST_TEXT = 500
LONGEST_STATUSES = 200
MOST_STEPS = 20
LONGEST_INDEX = 6
_STATUSES = re.compile(r"[1-5]\d\d(-[1-5]\d\d)?(,[1-5]\d\d(-[1-5]\d\d)?)*")
_STEP = re.compile(r"\.?([^.\[\]\s]+)|\[(\d{1,6})\]")
Step = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an answer must have besides. *record*: an address among the answers of dns. The others are of http.

    *status*, or *statuses* such as "200-299,401". *text*: within the body. *pattern*: a regular expression that must
    match there. *json_path*: names and places such as "data.items[0].state"; what is there must equal *json_value*, or
    exist if that is None.
    """

    status: int | None = None
    statuses: str | None = None
    text: str | None = None
    pattern: str | None = None
    json_path: str | None = None
    json_value: str | None = None
    record: str | None = None

    @property
    def accepted(self) -> Sequence[range]:
        """The statuses that are good: without a choice those below 400."""
        if self.status is not None:
            return [range(self.status, self.status + 1)]
        return [range(100, 400)] if self.statuses is None else _ranges(self.statuses)

    def problems(self) -> dict[str, Problem]:
        """Return what is wrong, by field."""
        given = {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}
        found = {name: problem for name, value in given.items() if (problem := _CHECKS[name](value)) is not None}
        if self.status is not None and self.statuses is not None:
            found["statuses"] = Problem("one_of_these", {"choices": "status, statuses"})
        if self.json_value is not None and self.json_path is None:
            found["json_path"] = Problem("required")
        return found


NOTHING = Expectation()


def _ranges(statuses: str) -> list[range]:
    """Raises ValueError."""
    if not _STATUSES.fullmatch(statuses := re.sub(r"\s", "", statuses)):
        raise ValueError("not statuses")
    bounds = [part.partition("-") for part in statuses.split(",")]
    found = [range(int(low), int(high or low) + 1) for low, _, high in bounds]
    if not all(found):
        raise ValueError("a range that ends before it begins")
    return found


def steps_of(path: str) -> list[Step]:
    """Return the names and places of a path, which may begin with "$". Raises ValueError."""
    rest, steps = path.removeprefix("$"), list[Step]()
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
    if isinstance(value, (bool, type(None))):
        return expected == {True: "true", False: "false", None: "null"}[value]
    with suppress(ValueError):
        return value == expected or (isinstance(value, (int, float)) and value == float(expected))
    return False


def _text_problem(value: str) -> Problem | None:
    if not value.strip():
        return Problem("empty")
    if len(value) > LONGEST_TEXT:
        return Problem("too_long", {"limit": LONGEST_TEXT})
    return Problem("control_characters") if has_control_characters(value) else None


def _read_by(read: Callable[[str], object], problem: str, longest: int) -> Callable[[str], Problem | None]:
    def check(value: str) -> Problem | None:
        if len(value) > longest:
            return Problem("too_long", {"limit": longest})
        try:
            read(value)
        except (ValueError, InvalidInput):
            return Problem(problem)
        return None

    return check


_CHECKS: Mapping[str, Callable[[Any], Problem | None]] = {
    "status": lambda value: None if 100 <= value <= 599 else Problem("out_of_range", {"low": 100, "high": 599}),
    "statuses": _read_by(_ranges, "invalid_statuses", LONGEST_STATUSES),
    "text": _text_problem,
    "pattern": _text_problem,
    "json_path": lambda value: _text_problem(value) or _read_by(steps_of, "invalid_path", LONGEST_TEXT)(value),
    "json_value": lambda value: None if value == "" else _text_problem(value),
    "record": _read_by(canonical_ip, "invalid_ip", LONGEST_TEXT),
}
