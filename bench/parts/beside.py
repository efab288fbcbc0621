"""Live samples beside something else that the server does, told as a figure."""

from bench.figures import Figure, middle, milliseconds, ratio, times
from bench.parts.rounds import Runs


def figure(runs: Runs, what: str, note: str) -> Figure:
    """Of two loads, the second without what the first had beside it, which may not make samples wait twice as long."""
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
    """A second, of what the first of two loads *counted*."""
    ours, _ = runs.values()
    return middle(ours, counted) / middle(ours, "seconds")
