"""What is asked of others in the background: systemd, Docker or Podman, and the targets of checks.

Modules are loaded only for what this host has or a person wants.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..log import Log
from .background import Background
from .sockets import engine_socket, systemd_socket

if TYPE_CHECKING:
    from .checks.definitions import Check

OFF = "off"
_LOOK_EVERY = 60.0
_LONGEST_FIRST = 35.0


class Wanted(NamedTuple):
    """*units*: patterns. *containers*: the path of a socket, OFF, or None for any. *checks*: from a person's file."""

    units: tuple[str, ...] = ()
    containers: str | None = None
    checks: tuple[Check, ...] = ()


class Sources:
    """*interval*: seconds between samples; *cpus*: of the host."""

    def __init__(self, wanted: Wanted, log: Log, *, interval: float, cpus: int) -> None:
        self._wanted = wanted
        self._log = log
        self._interval = interval
        self._cpus = cpus
        self._units: Background | None = None
        self._containers: Background | None = None
        self._checks: Sequence[Background] = ()
        self._due = float("-inf")

    def look(self, awake: float) -> None:
        """Start asking those that are there now: Docker may start after the agent. Looks once a minute."""
        if awake < self._due:
            return
        if not self._checks and self._wanted.checks:
            self._checks = [self._check(check) for check in self._wanted.checks]
        if self._units is None and (self._wanted.units or systemd_socket()):
            self._units = self._ask_systemd()
        engine = self._wanted.containers
        if self._containers is None and engine != OFF and (engine is not None or engine_socket()):
            self._containers = self._ask_containers()
        self._due = awake + _LOOK_EVERY

    def wait(self) -> None:
        """Wait until everything has answered once, or is given up."""
        until = time.monotonic() + _LONGEST_FIRST
        for source in filter(None, (self._units, self._containers, *self._checks)):
            source.wait(until)

    def wished(self, awake: float) -> Iterator[tuple[str, float]]:
        """Return the state of units and checks."""
        for source in filter(None, (self._units, *self._checks)):
            yield from source.readings(awake)

    def containers(self, awake: float) -> Iterator[tuple[str, float]]:
        if self._containers is not None:
            yield from self._containers.readings(awake)

    def _ask_systemd(self) -> Background:
        from .units import SECONDS, Units

        log = self._log if self._wanted.units else None  # Nobody asked for `units_failed`.
        read = Units(self._wanted.units).read
        return Background("AGENT_UNITS: systemd", read, log, interval=self._interval, seconds=SECONDS)

    def _ask_containers(self) -> Background:
        from .containers import SECONDS, Containers

        path = self._wanted.containers
        read = Containers(path, self._cpus).read
        what = f"AGENT_CONTAINERS: {path or 'the socket of Docker or Podman'}"
        return Background(what, read, self._log, interval=self._interval, seconds=SECONDS)

    def _check(self, check: Check) -> Background:
        from .checks.run import LEAST_INTERVAL, SECONDS, run_check

        return Background(
            f"AGENT_CHECKS: {check.name}",
            lambda: run_check(check),
            self._log,
            interval=self._interval,
            seconds=3 * SECONDS,
            least=LEAST_INTERVAL,
        )
