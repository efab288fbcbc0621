"""Kinds of checks: how each writes its target, and what it can expect of an answer. A new kind is a line of `KINDS`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from monitor.domain.checks.targets import LONGEST_TARGET, endpoint_of, host_of, question_of, url_of
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import canonical_ip
from monitor.domain.text import has_control_characters, has_invisible_characters

LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an answer must have besides. *status*, *text*: of http. *record*: an address among the answers of dns."""

    status: int | None = None
    text: str | None = None
    record: str | None = None


NOTHING = Expectation()


@dataclass(frozen=True, slots=True, eq=False)
class CheckKind:
    """*name*: in tables, files and the API. *read*: raises ValueError for text that is no target: the *problem*.
    *expects*: the fields of `Expectation` that its answers can have."""

    name: str
    read: Callable[[str], object]
    problem: str
    expects: tuple[str, ...] = ()

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

    def problems(self, expect: Expectation) -> dict[str, Problem]:
        """Return what is wrong with *expect*, by field."""
        given = {name: value for name in expect.__slots__ if (value := getattr(expect, name)) is not None}
        foreign = {f"expect.{name}": Problem("not_for_this_kind") for name in given if name not in self.expects}
        return foreign or {
            f"expect.{name}": problem
            for name, value in given.items()
            if (problem := _expectation_problem(name, value)) is not None
        }


def _expectation_problem(name: str, value: Any) -> Problem | None:
    if name == "status":
        return None if 100 <= value <= 599 else Problem("out_of_range", {"low": 100, "high": 599})
    if name == "text":
        if not value.strip():
            return Problem("empty")
        if len(value) > LONGEST_TEXT:
            return Problem("too_long", {"limit": LONGEST_TEXT})
        return Problem("control_characters") if has_control_characters(value) else None
    try:
        canonical_ip(value)
    except InvalidInput:
        return Problem("invalid_ip")
    return None


HTTP = CheckKind("http", url_of, "invalid_url", expects=("status", "text"))
TCP = CheckKind("tcp", endpoint_of, "invalid_endpoint")
PING = CheckKind("ping", host_of, "invalid_host")
DNS = CheckKind("dns", question_of, "invalid_question", expects=("record",))
TLS = CheckKind("tls", endpoint_of, "invalid_endpoint")
KINDS = {kind.name: kind for kind in (HTTP, TCP, PING, DNS, TLS)}
