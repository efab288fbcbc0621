"""Rounds of several loads in turn, and the figure of a load while the server also does something else."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.figures import Figure, middle, milliseconds, ratio, times

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


def slowdown(runs: Runs, what: str, note: str) -> Figure:
    """Return p99 of the first load, with other work, against the second, without it. Less than double is met."""
    ours, usual = runs.values()
    found = ratio(ours, usual, "p99")
    return Figure(
        what=what,
        goal="< 2× that without",
        measured=f"{milliseconds(middle(ours, 'p99'))} = {times(found)}",
        beside=f"without {milliseconds(middle(usual, 'p99'))}; {note}",
        met=found[0] < 2,
    )


def rate_beside(runs: Runs, counted: str) -> float:
    """Return per second what the first of two loads *counted*."""
    ours, _ = runs.values()
    return middle(ours, counted) / middle(ours, "seconds")
