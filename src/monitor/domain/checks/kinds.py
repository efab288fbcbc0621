"""Kinds of checks: how each writes its target, asks, and what it can expect. A new kind is a line of `KINDS`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.domain.checks.json_paths import steps_of
from monitor.domain.checks.requests import Request
from monitor.domain.checks.targets import LONGEST_TARGET, endpoint_of, host_of, question_of, url_of
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import canonical_ip
from monitor.domain.text import has_control_characters, has_invisible_characters

LONGEST_TEXT = 500
_STATUSES = re.compile(r"[1-5]\d\d(-[1-5]\d\d)?(,[1-5]\d\d(-[1-5]\d\d)?)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an answer must have besides. *record*: an address among the answers of dns. The others are of http.

    *status*, or *statuses* such as "200-299,401". *text*, *pattern* (a regular expression): within the body.
    *json_path*: what is there must equal *json_value*, or exist if that is None.
    """

    status: int | None = None
    text: str | None = None
    record: str | None = None
    statuses: str | None = None
    pattern: str | None = None
    json_path: str | None = None
    json_value: str | None = None

    @property
    def accepted(self) -> Sequence[range]:
        """The statuses that are good: without a choice those below 400."""
        chosen = self.statuses if self.status is None else str(self.status)
        return [range(100, 400)] if chosen is None else _ranges(chosen)


NOTHING = Expectation()


@dataclass(frozen=True, slots=True, eq=False)
class CheckKind:
    """*name*: in tables, files and the API. *read*: raises ValueError for text that is no target: the *problem*.
    *expects*: the fields of `Expectation` that its answers can have. *asks*: those of `Request` that it heeds."""

    name: str
    read: Callable[[str], object]
    problem: str
    expects: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()

    def checked_target(self, target: str) -> str:
        """Return *target* without surrounding space. Raises InvalidInput naming "target"."""
        target = target.strip()
        if problem := self._target_problem(target):
            raise InvalidInput({"target": problem})
        return target

    def _target_problem(self, target: str) -> Problem | None:
        if not target:
            return Problem("empty")
        if len(target) > LONGEST_TARGET:
            return Problem("too_long", {"limit": LONGEST_TARGET})
        if has_invisible_characters(target) or " " in target:
            return Problem("control_characters")
        try:
            self.read(target)
        except ValueError:
            return Problem(self.problem)
        return None

    def problems(self, expect: Expectation, request: Request) -> dict[str, Problem]:
        """Return what is wrong with *expect* and *request*, by field."""
        given = {name: value for name in expect.__slots__ if (value := getattr(expect, name)) is not None}
        foreign = [f"expect.{name}" for name in given if name not in self.expects]
        foreign += [f"request.{name}" for name in request.given() if name not in self.asks]
        if foreign:
            return dict.fromkeys(foreign, Problem("not_for_this_kind"))
        wrong = {f"expect.{name}": _CHECKS[name](value) for name, value in given.items()}
        if expect.status is not None and expect.statuses is not None:
            wrong["expect.statuses"] = Problem("one_of_these", {"choices": "status, statuses"})
        if expect.json_value is not None and expect.json_path is None:
            wrong["expect.json_path"] = Problem("required")
        wrong |= {f"request.{name}": problem for name, problem in request.problems().items()}
        return {name: problem for name, problem in wrong.items() if problem is not None}


def _ranges(statuses: str) -> list[range]:
    """Raises ValueError."""
    if not _STATUSES.fullmatch(statuses := re.sub(r"\s", "", statuses)):
        raise ValueError("not statuses")
    bounds = [part.partition("-") for part in statuses.split(",")]
    found = [range(int(low), int(high or low) + 1) for low, _, high in bounds]
    if not all(found):
        raise ValueError("a range that ends before it begins")
    return found


def _text_problem(value: str) -> Problem | None:
    if not value.strip():
        return Problem("empty")
    if len(value) > LONGEST_TEXT:
        return Problem("too_long", {"limit": LONGEST_TEXT})
    return Problem("control_characters") if has_control_characters(value) else None


def _read_by(read: Callable[[str], object], problem: str) -> Callable[[str], Problem | None]:
    def check(value: str) -> Problem | None:
        try:
            read(value)
        except (ValueError, InvalidInput):
            return Problem(problem)
        return _text_problem(value)

    return check


_CHECKS: Mapping[str, Callable[[Any], Problem | None]] = {
    "status": lambda value: None if 100 <= value <= 599 else Problem("out_of_range", {"low": 100, "high": 599}),
    "text": _text_problem,
    "record": _read_by(canonical_ip, "invalid_ip"),
    "statuses": _read_by(_ranges, "invalid_statuses"),
    "pattern": _text_problem,
    "json_path": _read_by(steps_of, "invalid_path"),
    "json_value": lambda value: None if value == "" else _text_problem(value),
}

OF_HTTP = ("status", "text", "statuses", "pattern", "json_path", "json_value")
ASKED = ("method", "headers", "body", "redirects", "ca")
HTTP = CheckKind("http", url_of, "invalid_url", expects=OF_HTTP, asks=ASKED)
TCP = CheckKind("tcp", endpoint_of, "invalid_endpoint")
PING = CheckKind("ping", host_of, "invalid_host")
DNS = CheckKind("dns", question_of, "invalid_question", expects=("record",))
TLS = CheckKind("tls", endpoint_of, "invalid_endpoint", asks=("ca",))
MONITOR = CheckKind("monitor", ["itself"].index, "only_itself")  # of the installation itself, see decision 76
KINDS = {kind.name: kind for kind in (HTTP, TCP, PING, DNS, TLS, MONITOR)}
