"""Many rounds made into one figure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
    return f"{value:,.0f}"


def milliseconds(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"
