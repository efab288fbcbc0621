"""Rounds of several loads in turn."""

from collections.abc import Callable, Mapping
from typing import Any

Runs = dict[str, list[dict[str, Any]]]
"""Measurements of all rounds, by name."""

WARM_UP = 1.0


def in_turn(rounds: int, loads: Mapping[str, Callable[..., dict[str, Any]]], seconds: float) -> Runs:
    """Run each of *loads* (seconds → measurement) once per round, after a short warm-up.

    They take turns, so that other activity on the machine affects all in the same way.
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
