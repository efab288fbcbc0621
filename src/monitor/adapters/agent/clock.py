"""The server's time, learned from its answers and carried on by a clock that nobody sets; samples are stamped by it."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

WRONG = 60.0
"""Seconds; a host's clock that is off by more is logged."""
_MARK = b'"unsettled":'
_GRID = 10
"""Milliseconds between two stamps, at least."""
_HELD_BACK = 60_000
"""Milliseconds by which stamps may be ahead after a step backwards; the server refuses more."""


class Moment(NamedTuple):
    """One instant: *awake* and *elapsed* in seconds since boot without and with suspends, *epoch_ns* as wall time."""

    awake: float
    elapsed: float
    epoch_ns: int


def now() -> Moment:
    """Return this instant; on systems without a clock that counts suspends, *elapsed* equals *awake*."""
    awake = time.monotonic()
    elapsed = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else awake
    return Moment(awake, elapsed, time.time_ns())


def stamp(milliseconds: int) -> str:
    """Return a time, in milliseconds since 1970, as the API writes it: UTC, with milliseconds."""
    seconds, milliseconds = divmod(milliseconds, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(seconds))}.{milliseconds:03d}"


class Reading(NamedTuple):
    """The server's time in an answer (seconds since 1970; 0: it did not say); when it was asked and had answered, in
    seconds since this host's boot; and this host's own time when it had."""

    server: float = 0.0
    asked: float = 0.0
    answered: float = 0.0
    host: float = 0.0


class ServerClock:
    """Learns by how much the server's time is ahead of the seconds since boot.

    Samples taken before that are unsettled: they have the host's own time, and a mark by which `settled` gives them the
    server's. They wait until then, because a sample that is sent again must be the same. *boot* names this run of the
    system.
    """

    def __init__(self, boot: str) -> None:
        self.is_known = False
        self.host_ahead = 0.0
        """By how many seconds the host's own clock was ahead of the server's when that became known."""
        self._boot = boot
        self._ahead: float | None = None
        self._first_ahead: float | None = None
        self._last = self._turn = 0
        self._unsettled_until = 0.0

    def learn(self, reading: Reading) -> None:
        """Learn from an answer. A server that does not say its time is believed to have that of this host.

        The server's time lay between question and answer. What is known changes only if it lies outside of that: delays
        of the network move no stamp.
        """
        if reading.server:
            low, high = reading.server - reading.answered, reading.server - reading.asked
            self._ahead = (low + high) / 2 if self._ahead is None else min(max(self._ahead, low), high)
        if not self.is_known:
            self.is_known, self._first_ahead = True, self._ahead
            if self._ahead is not None:
                self.host_ahead = reading.host - reading.answered - self._ahead
                self._last, self._turn = _on_grid(self._unsettled_until, self._ahead), 0

    def stamped(self, body: dict[str, Any], moment: Moment) -> dict[str, Any]:
        """Return the sample *body*, measured at *moment*, with its time: another one for each sample."""
        wall = moment.epoch_ns // 1_000_000
        if not self.is_known:
            wall, self._unsettled_until = self._following(wall), round(moment.elapsed, 3)
            return {**body, "recorded_at": stamp(wall), "unsettled": [self._boot, self._unsettled_until, wall]}
        at = wall if self._ahead is None else _on_grid(moment.elapsed, self._ahead)
        return {**body, "recorded_at": stamp(self._following(at))}

    def settled(self, record: bytes) -> bytes:
        """Return an encoded sample with its final time, the same at each call.

        For a sample of an earlier boot, the host's clock is taken to have been as wrong then as it is now.
        """
        if _MARK not in record:
            return record
        body = json.loads(record)
        if "unsettled" not in body:  # a metric is called so
            return record
        boot, elapsed, wall = body.pop("unsettled")
        if self._first_ahead is not None:
            is_of_now = boot == self._boot
            at = _on_grid(elapsed, self._first_ahead) if is_of_now else wall - _on_grid(self.host_ahead)
            body["recorded_at"] = stamp(at)
        return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")

    def _following(self, milliseconds: int) -> int:
        """Return a time after the last one; after a large step back, a time whose last digit no other stamp has."""
        at = milliseconds // _GRID * _GRID + self._turn
        if at <= self._last - _HELD_BACK:
            self._turn = (self._turn + 1) % _GRID
            at = milliseconds // _GRID * _GRID + self._turn
        elif at <= self._last:
            at = self._last + _GRID
        self._last = at
        return at


def _on_grid(seconds: float, ahead: float = 0.0) -> int:
    return int((seconds + ahead) * 1000) // _GRID * _GRID
