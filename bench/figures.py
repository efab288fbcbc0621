"""Many rounds made into one figure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A line of the table. *met*: None where there is no goal to it. *beside*: what a peer took, in words."""

    what: str
    goal: str
    measured: str
    beside: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a part found: *rounds* is every single measurement. *notes*: what a reader has to know."""

    figures: Sequence[Figure]
    rounds: Mapping[str, Any]
    notes: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float:
    """The least of *values* that so many of a hundred don't exceed: one that was measured, and nothing in between."""
    return sorted(values)[max(0, ceil(share / 100 * len(values)) - 1)]


def measured(latencies: Sequence[float], lasted: float) -> dict[str, Any]:
    """Of answers that took *latencies* (in seconds) within *lasted* seconds: what the load generator tells of its own,
    times in milliseconds."""
    found = {f"p{share}": 1000 * percentile(latencies, share) for share in (50, 90, 99)}
    rate = len(latencies) / lasted
    return {"requests": len(latencies), "seconds": lasted, "rate": rate, "slowest": 1000 * max(latencies), **found}


def middle(runs: Sequence[Mapping[str, float]], name: str) -> float:
    """The median of the rounds."""
    return median(run[name] for run in runs)


def ratio(
    ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]], name: str
) -> tuple[float, float, float]:
    """Of each round by itself, since a machine is noisy from one to the next: median, least and largest."""
    found = [mine[name] / other[name] for mine, other in zip(ours, theirs, strict=True)]
    return median(found), min(found), max(found)


def times(found: tuple[float, float, float]) -> str:
    """A ratio as a person reads it: the median, and from where to where the rounds went."""
    middle_one, least, largest = (f"{value:.3g}" if value < 10 else f"{value:.0f}" for value in found)
    return f"{middle_one}× ({least}–{largest})"


def count(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def milliseconds(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"
