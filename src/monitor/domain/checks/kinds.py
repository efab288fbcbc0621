"""Kinds of checks: how each writes its target, asks, and what it can expect. A new kind is a line of `KINDS`."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.domain.checks.expectations import Expectation
from monitor.domain.checks.requests import Request
from monitor.domain.checks.targets import LONGEST_TARGET, endpoint_of, host_of, question_of, url_of
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import has_invisible_characters


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
        expected = [name for name in expect.__slots__ if getattr(expect, name) is not None]
        foreign = [f"expect.{name}" for name in expected if name not in self.expects]
        foreign += [f"request.{name}" for name in request.given() if name not in (*self.asks, "is_readable")]
        if foreign:
            return dict.fromkeys(foreign, Problem("not_for_this_kind"))
        wrong = {"expect": expect.problems(), "request": request.problems()}
        return {f"{part}.{name}": problem for part, found in wrong.items() for name, problem in found.items()}


HTTP = CheckKind(
    "http",
    url_of,
    "invalid_url",
    expects=("status", "statuses", "text", "pattern", "json_path", "json_value"),
    asks=("method", "headers", "body", "redirects", "ca"),
)
TCP = CheckKind("tcp", endpoint_of, "invalid_endpoint")
PING = CheckKind("ping", host_of, "invalid_host")
DNS = CheckKind("dns", question_of, "invalid_question", expects=("record",))
TLS = CheckKind("tls", endpoint_of, "invalid_endpoint", asks=("ca",))
KINDS = {kind.name: kind for kind in (HTTP, TCP, PING, DNS, TLS)}
