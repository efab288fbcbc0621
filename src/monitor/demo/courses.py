"""Slow changes of a simulated host: outages, daily and weekly load, leaks and disks that fill up.

They are computed every five minutes, at knots (counted from 1970), and are linear in between.
"""

from functools import lru_cache
from math import cos, pi, sqrt
from typing import NamedTuple

from monitor.demo.chance import between, shares
from monitor.demo.hosts import KNOTS_A_DAY, Host, Trouble

KNOT = 300_000
"""Milliseconds from one knot to the next."""
_KNOTS_A_WEEK = 7 * KNOTS_A_DAY
_MONDAY = 3  # 1 January 1970 was a Thursday
_CRASHES = {Trouble.CRASHES: 0.3}
_SELDOM = 0.006
_LONG = 0.2
_RACK_LOSES_POWER = 0.004
_LONGEST = KNOTS_A_DAY - 1
"""An outage ends within a day, so it began on this day or the day before."""


@lru_cache(maxsize=1 << 16)
def outages(host: Host, day: int) -> tuple[tuple[int, int], ...]:
    """Return first knot, and first knot after the end, of each outage that begins on *day*."""
    own = shares(host.key, b"crash", day)
    rack = shares(host.rack_key, b"power", day)
    found = []
    if own[0] < _CRASHES.get(host.trouble, _SELDOM):
        length = between(72, 240, own[2]) if own[3] < _LONG else between(1, 14, own[2])
        found.append(_outage(day, own[1], int(length)))
    if rack[0] < _RACK_LOSES_POWER:
        found.append(_outage(day, rack[1], int(between(1, 5, rack[2]))))
    return tuple(found)


def _outage(day: int, share: float, length: int) -> tuple[int, int]:
    first = day * KNOTS_A_DAY + int(share * KNOTS_A_DAY)
    return first, first + min(length, _LONGEST)


def is_down(host: Host, knot: int) -> bool:
    day = knot // KNOTS_A_DAY
    return any(first <= knot < after for of in (day, day - 1) for first, after in outages(host, of))


def up_since(host: Host, knot: int) -> int:
    """Return the last knot, up to *knot*, at which the host started: after an outage or a kernel update."""
    period = int(between(25, 70, host.rhythm[1])) * KNOTS_A_DAY
    patched = knot - (knot + int(host.rhythm[2] * period)) % period
    day = knot // KNOTS_A_DAY
    ends = [after for of in (day, day - 1) for _, after in outages(host, of) if after <= knot]
    return max([*ends, _last_end(host, day - 2, patched // KNOTS_A_DAY - 1), patched])


@lru_cache(maxsize=1 << 16)
def _last_end(host: Host, day: int, least_day: int) -> int:
    """Return the end of the last outage that began from *least_day* to *day*; 0 if none."""
    for of in range(day, least_day - 1, -1):
        if found := outages(host, of):
            # One that began a day earlier may end later.
            return max(after for _, after in (*found, *outages(host, of - 1)))
    return 0


class Levels(NamedTuple):
    """Percentages; *traffic* is a share of the traffic at full load."""

    cpu: float
    memory: float
    disk: float
    var: float
    traffic: float


class Course(NamedTuple):
    """A host's five minutes from *start* (milliseconds since 1970).

    *slopes*: change of *levels* per millisecond. *boot*: milliseconds since 1970. *is_down*: nothing is reported.
    """

    start: int
    levels: Levels
    slopes: Levels
    boot: int
    is_down: bool


def course(host: Host, knot: int) -> Course:
    boot = up_since(host, knot)
    # Both ends are computed as of the first knot: a cleaned disk then falls at once and not over five minutes.
    first, last = _levels(host, knot, boot, knot), _levels(host, knot + 1, boot, knot)
    return Course(
        start=knot * KNOT,
        levels=first,
        slopes=Levels(*((b - a) / KNOT for a, b in zip(first, last, strict=True))),
        boot=boot * KNOT,
        is_down=is_down(host, knot),
    )


class LastCourses:
    """Keep the last course of each host: one that reports every 15 s needs it twenty times, and it takes 0.1 ms."""

    def __init__(self) -> None:
        self._held: dict[Host, Course] = {}

    def __call__(self, host: Host, knot: int) -> Course:
        held = self._held.get(host)
        if held is None or held.start != knot * KNOT:
            held = self._held[host] = course(host, knot)
        return held


def _levels(host: Host, knot: int, boot: int, seen_from: int) -> Levels:
    cpu, memory, traffic = _rhythm(host, knot)
    if host.trouble is Trouble.LEAK:
        memory += (98.5 - memory) * _since_restart(host, knot, boot, seen_from)
    disk, var = _disks(host, knot, seen_from)
    return Levels(cpu=cpu, memory=memory, disk=disk, var=var, traffic=traffic)


@lru_cache(maxsize=1 << 12)
def _rhythm(host: Host, knot: int) -> tuple[float, float, float]:
    """Return CPU, memory and traffic without leaks: continuous from one knot to the next."""
    work, rhythm = host.work, host.rhythm
    busy, batch = _busy(host, knot), _batch(host, knot)
    slow = shares(host.key, b"slow", knot)
    cpu = work.idle + work.swing * (0.7 + 0.6 * rhythm[3]) * busy * (0.75 + 0.5 * slow[0]) + 45 * batch
    memory = work.memory * (0.85 + 0.3 * rhythm[4]) + 7 * busy + 2 * slow[1]
    return max(cpu, _spike(host, knot, slow[2])), memory, 0.04 + busy * (0.8 + 0.4 * slow[3]) + 0.9 * batch


def _busy(host: Host, knot: int) -> float:
    """Return the share of work: 0 at four in the morning, 1 in the afternoon, less at weekends."""
    local = knot + host.hours_from_utc * KNOTS_A_DAY // 24
    hour = local % KNOTS_A_DAY / KNOTS_A_DAY
    day = 0.5 - 0.5 * cos(2 * pi * (hour - 4 / 24))
    weekday = (local // KNOTS_A_DAY + _MONDAY) % 7
    return day * sqrt(day) * (host.work.weekend if weekday >= 5 else 1.0)


def _batch(host: Host, knot: int) -> float:
    """Return the load of the nightly job, from two to three."""
    local = (knot + host.hours_from_utc * KNOTS_A_DAY // 24) % KNOTS_A_DAY
    return host.work.night if 2 * KNOTS_A_DAY // 24 <= local < 3 * KNOTS_A_DAY // 24 else 0.0


def _spike(host: Host, knot: int, jitter: float) -> float:
    """Return CPU of a spike: on some days, ten minutes to an hour. 0 if none."""
    for day in (knot // KNOTS_A_DAY, knot // KNOTS_A_DAY - 1):
        first, after, height = _spike_of(host, day)
        if first <= knot < after:
            return height + 3 * jitter
    return 0.0


@lru_cache(maxsize=1 << 12)
def _spike_of(host: Host, day: int) -> tuple[int, int, float]:
    """Return the first knot of a day's spike, the first knot after it, and its CPU."""
    drawn = shares(host.key, b"spike", day)
    if drawn[0] >= (0.8 if host.trouble is Trouble.SPIKES else 0.04):
        return 0, 0, 0.0
    first = day * KNOTS_A_DAY + int(drawn[1] * KNOTS_A_DAY)
    return first, first + int(between(2, 12, drawn[2])), between(66, 97, drawn[3])


def _since_restart(host: Host, knot: int, boot: int, seen_from: int) -> float:
    """Return how much has leaked, 0 to 1, since the program or the host was restarted."""
    period = int(between(2, 9, host.rhythm[5]) * KNOTS_A_DAY)
    restarted = seen_from - (seen_from + int(host.rhythm[6] * period)) % period
    return min(1.0, (knot - max(restarted, boot)) / period)


def _disks(host: Host, knot: int, seen_from: int) -> tuple[float, float]:
    """Return the root file system and /var.

    The root grows and is cleaned every few weeks, with Trouble.FILLING only when nearly full. Old logs in /var are
    deleted weekly.
    """
    period = int(between(12, 40, host.rhythm[0]) * KNOTS_A_DAY)
    cleaned = seen_from - (seen_from + int(host.rhythm[5] * period)) % period
    least = host.work.disk * (0.7 + 0.4 * host.rhythm[6])
    most = 98.0 if host.trouble is Trouble.FILLING else min(least + 12, 82)
    rotated = seen_from - (seen_from + int(host.rhythm[4] * _KNOTS_A_WEEK)) % _KNOTS_A_WEEK
    disk = least + (most - least) * (knot - cleaned) / period
    return disk, 20 + 25 * host.rhythm[3] + 18 * (knot - rotated) / _KNOTS_A_WEEK
