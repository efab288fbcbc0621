"""The state of systemd's units, as systemd tells it over D-Bus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .dbus import Bus
from .sample import instance_name

SECONDS = 3.0
"""For a whole conversation with systemd."""
MOST_UNITS = 100
_SYSTEMD = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1")
_MANAGER = "org.freedesktop.systemd1.Manager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_UNITS = "a(ssssssouso)"
_ACTIVE = ("active", "reloading", "refreshing")
_SUFFIXES = (
    *(".service", ".socket", ".device", ".mount", ".automount", ".swap"),
    *(".target", ".path", ".timer", ".slice", ".scope"),
)


class Units:
    """`units_failed`, and `unit:NAME` for each unit that a pattern matches: 1 active, 0 not.

    A pattern without wildcards is a unit that should be there: 0 if systemd does not know it. Others are 0 once systemd
    has unloaded them, until the agent starts again.
    """

    def __init__(self, patterns: Sequence[str], find_socket: Callable[[], tuple[str, bool] | None]) -> None:
        """*find_socket*: returns the path of a socket, and whether it is that of a bus."""
        self._find_socket = find_socket
        self._patterns = [_whole(pattern) for pattern in patterns]
        self._seen = dict.fromkeys(pattern for pattern in self._patterns if not _is_glob(pattern))

    def read(self) -> list[tuple[str, float]]:
        """Raises what talking to systemd raises."""
        found = self._find_socket()
        if found is None:
            raise FileNotFoundError("there is no socket of systemd or D-Bus that this user may open")
        with Bus(found[0], SECONDS, is_bus=found[1]) as bus:
            failed = bus.call(*_SYSTEMD, _PROPERTIES, "Get", _MANAGER, "NFailedUnits", answer="v")
            listed: list[Any] = []
            if self._patterns:
                listed = bus.call(*_SYSTEMD, _MANAGER, "ListUnitsByPatterns", (), self._patterns, answer=_UNITS)
        active = {name: state in _ACTIVE for name, _description, _load, state, *_ in listed}
        for name in active:
            if len(self._seen) < MOST_UNITS:
                self._seen.setdefault(name)
        return [
            ("units_failed", float(failed)),
            *((instance_name("unit", name), float(active.get(name, False))) for name in self._seen),
        ]


def parse_patterns(text: str) -> tuple[str, ...]:
    """Return the patterns in *text*, separated by commas. Raises ValueError."""
    patterns = tuple(part.strip() for part in text.split(",") if part.strip())
    if len(patterns) > MOST_UNITS:
        raise ValueError(f"has more than {MOST_UNITS} patterns")
    for pattern in patterns:
        if not pattern.isascii() or not pattern.isprintable() or "/" in pattern or " " in pattern or len(pattern) > 255:
            raise ValueError(f"must be names of units such as nginx.service,postgresql@*, not {pattern!r}")
    return patterns


def _whole(pattern: str) -> str:
    """As systemctl does: a name without a type is a service's."""
    return pattern if _is_glob(pattern) or pattern.endswith(_SUFFIXES) else f"{pattern}.service"


def _is_glob(pattern: str) -> bool:
    return any(char in pattern for char in "*?[")
