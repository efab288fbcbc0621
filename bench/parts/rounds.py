"""Taking targets in turn."""

from collections.abc import Callable, Mapping
from typing import Any

Runs = dict[str, list[dict[str, Any]]]
"""By name, a measurement for each round."""

WARM_UP = 1.0


def in_turn(rounds: int, loads: Mapping[str, Callable[..., dict[str, Any]]], seconds: float) -> Runs:
    """Each of *loads* (*seconds* → a measurement) once a round, after a short one that doesn't count.

    In turn, so that what else the machine does meets all of them alike.
    """
    for load in loads.values():
        load(seconds=WARM_UP)
    runs: Runs = {name: [] for name in loads}
    for number in range(rounds):
        for name, load in loads.items():
            found = load(seconds=seconds)
            runs[name].append(found)
            print(f"bench:   round {number + 1} {name}: {found['rate']:,.0f}/s, p99 {found['p99']:.1f} ms", flush=True)
    return runs
