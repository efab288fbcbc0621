"""Figure of live samples while the server also does something else."""

from bench.figures import Figure, middle, milliseconds, ratio, times
from bench.parts.rounds import Runs


def figure(runs: Runs, what: str, note: str) -> Figure:
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


def rate(runs: Runs, counted: str) -> float:
    """Return per second what the first of two loads *counted*."""
    ours, _ = runs.values()
    return middle(ours, counted) / middle(ours, "seconds")
