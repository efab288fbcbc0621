"""Figures computed from several rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A line of the table. *met*: None without a goal. *beside*: values of others, in words."""

    what: str
    goal: str
    measured: str
    beside: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Result of a part. *rounds*: every single measurement. *notes*: what a reader must know."""

    figures: Sequence[Figure]
    rounds: Mapping[str, Any]
    notes: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of *values* that *share* percent do not exceed, without interpolation."""
    return sorted(values)[max(0, ceil(share / 100 * len(values)) - 1)]


def measured(latencies: Sequence[float], lasted: float) -> dict[str, Any]:
    """Return figures like the load generator's, in milliseconds, of *latencies* (seconds) within *lasted* seconds."""
    found = {f"p{share}": 1000 * percentile(latencies, share) for share in (50, 90, 99)}
    rate = len(latencies) / lasted
    return {"requests": len(latencies), "seconds": lasted, "rate": rate, "slowest": 1000 * max(latencies), **found}


def middle(runs: Sequence[Mapping[str, float]], name: str) -> float:
    """Return the median of the rounds."""
    return median(run[name] for run in runs)


def ratio(
    ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]], name: str
) -> tuple[float, float, float]:
    """Return median, smallest and largest ratio of single rounds, since the machine's speed varies between rounds."""
    found = [mine[name] / other[name] for mine, other in zip(ours, theirs, strict=True)]
    return median(found), min(found), max(found)


def times(found: tuple[float, float, float]) -> str:
    """Format a ratio: the median, and the range of the rounds."""
    middle_one, least, largest = (f"{value:.3g}" if value < 10 else f"{value:.0f}" for value in found)
    return f"{middle_one}× ({least}–{largest})"


def count(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def milliseconds(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"
