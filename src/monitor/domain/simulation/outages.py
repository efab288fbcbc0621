"""When a simulated host is down, and when it last came up.

Counted in knots: the steps of five minutes in which everything slow is worked out.
"""

from functools import lru_cache

from monitor.domain.simulation.chance import between, shares
from monitor.domain.simulation.hosts import KNOTS_A_DAY, Host, Trouble

_CRASHES = {Trouble.CRASHES: 0.3}
_SELDOM = 0.006
_LONG = 0.2
_RACK_LOSES_POWER = 0.004
_LONGEST = KNOTS_A_DAY - 1
"""An outage ends before another day is over, so that two days tell all that is down."""


@lru_cache(maxsize=1 << 16)
def outages(host: Host, day: int) -> tuple[tuple[int, int], ...]:
    """Of those that begin on *day*, the first knot and the first one after it."""
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
    """The knot at which it last came up, at or before *knot*: after an outage, or after new kernels every month or
    two."""
    period = int(between(25, 70, host.rhythm[1])) * KNOTS_A_DAY
    patched = knot - (knot + int(host.rhythm[2] * period)) % period
    day = knot // KNOTS_A_DAY
    ends = [after for of in (day, day - 1) for _, after in outages(host, of) if after <= knot]
    return max([*ends, _last_end(host, day - 2, patched // KNOTS_A_DAY - 1), patched])


@lru_cache(maxsize=1 << 16)
def _last_end(host: Host, day: int, least_day: int) -> int:
    """The last end of an outage that began from *least_day* to *day*; 0 for none."""
    for of in range(day, least_day - 1, -1):
        if found := outages(host, of):
            # One that began a day earlier may end later.
            return max(after for _, after in (*found, *outages(host, of - 1)))
    return 0
