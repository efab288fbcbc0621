"""What is asked of others in the background: systemd, Docker or Podman, and the targets of checks.

Each has a thread of its own, so that no socket that hangs delays a sample. Modules are loaded only for what this host
has or a person wants.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..log import Log

if TYPE_CHECKING:
    from .checks import Check

Readings = list[tuple[str, float]]

OFF = "off"
_LOOK_EVERY = 60.0
_LONGEST_FIRST = 35.0
_LEAD = 2.0
"""Seconds before a sample at which its readings begin, or half of a shorter interval."""
_FAILURES_IN_A_ROW = 5
_PAUSE = 60.0
_BOOTED = "/run/systemd/system"
_BUS = "/run/dbus/system_bus_socket"
_PRIVATE = "/run/systemd/private"
_ENGINES = ("/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock")
_UNIX_PATH = "unix:path="


class Wanted(NamedTuple):
    """*units*: patterns. *containers*: the path of a socket, OFF, or None for any. *checks*: from a person's file."""

    units: tuple[str, ...] = ()
    containers: str | None = None
    checks: tuple[Check, ...] = ()


def systemd_socket() -> tuple[str, bool] | None:
    """Return the socket of the bus, or that of systemd itself, and whether it is the bus's; None without systemd."""
    address = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "").partition(";")[0].partition(",")[0]
    if address.startswith(_UNIX_PATH):
        path = address[len(_UNIX_PATH) :]
        return (path, True) if _is_open(path) else None
    if not os.path.isdir(_BOOTED):
        return None
    return next(((path, path == _BUS) for path in (_BUS, _PRIVATE) if _is_open(path)), None)


def engine_socket() -> str | None:
    """Return the first socket of Docker or Podman that this user may open."""
    own = os.environ.get("XDG_RUNTIME_DIR")
    paths = (*_ENGINES, f"{own}/podman/podman.sock") if own else _ENGINES
    return next(filter(_is_open, paths), None)


def _is_open(path: str) -> bool:
    return os.access(path, os.R_OK | os.W_OK)


class Background:
    """Calls *read* shortly before each sample, at most once in *least* seconds.

    *read* takes about *seconds* at most. If it raises, there are no readings until the next call, and each new reason
    is logged for *what*. After five failures it is called once a minute.
    """

    def __init__(
        self,
        what: str,
        read: Callable[[], Readings],
        log: Log | None,
        *,
        interval: float,
        seconds: float,
        least: float = 1.0,
    ) -> None:
        self._what = what
        self._read = read
        self._log = log
        self._interval = interval
        self._least = least
        # A reading is good for the sample that it was made for, and for those until the next one should be there.
        self._good_for = max(interval, least) + min(interval, _LEAD) + seconds
        self._readings: tuple[float, Readings] | None = None
        self._problem = ""
        self._failures = 0
        self._due = 0.0
        self._asked = threading.Event()
        self._done = threading.Event()
        threading.Thread(target=self._run, name=what, daemon=True).start()

    def readings(self, awake: float) -> Readings:
        """Return the last readings, unless they are too old at *awake*, and prepare those for the next sample."""
        self._due = awake + self._interval - min(_LEAD, self._interval / 2)
        self._asked.set()
        held = self._readings
        return held[1] if held is not None and awake - held[0] <= self._good_for else []

    def wait(self, until: float) -> None:
        """Wait for the first readings, until the time *until* at most."""
        self._done.wait(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self._readings = began, self._read()
                self._problem, self._failures = "", 0
            except Exception as error:  # Whatever the other side sent.
                self._readings = None
                self._failed(error)
            self._done.set()
            least = self._least if self._failures < _FAILURES_IN_A_ROW else max(self._least, _PAUSE)
            time.sleep(max(0.0, began + least - _LEAD - time.monotonic()))
            self._asked.wait()
            self._asked.clear()
            time.sleep(max(0.0, self._due - time.monotonic()))

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        problem = str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
        if self._log is not None and problem != self._problem:
            self._log(f"{self._what} cannot be read: {problem}")
        self._problem = problem


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
            self._containers = self._ask_containers(engine)
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

    def containers(self, awake: float) -> Readings:
        return self._containers.readings(awake) if self._containers is not None else []

    def _ask_systemd(self) -> Background:
        from .units import SECONDS, Units

        log = self._log if self._wanted.units else None  # Nobody asked for `units_failed`.
        read = Units(self._wanted.units, systemd_socket).read
        return Background("AGENT_UNITS: systemd", read, log, interval=self._interval, seconds=SECONDS)

    def _ask_containers(self, path: str | None) -> Background:
        from .containers import SECONDS, Containers

        read = Containers(lambda: path or engine_socket(), self._cpus).read
        what = f"AGENT_CONTAINERS: {path or 'the socket of Docker or Podman'}"
        return Background(what, read, self._log, interval=self._interval, seconds=SECONDS)

    def _check(self, check: Check) -> Background:
        from .checks import LEAST_INTERVAL, SECONDS, run_check

        return Background(
            f"AGENT_CHECKS: {check.name}",
            lambda: run_check(check),
            self._log,
            interval=self._interval,
            seconds=3 * SECONDS,
            least=LEAST_INTERVAL,
        )
