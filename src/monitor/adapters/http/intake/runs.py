"""Series of remote write that are left out, many in a row: as they came before, they are passed over at once."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

LONGEST = 32
"""Series that are compared at once. Where one has another length, as zero has, they are read one by one."""
MAX_SERIES, MAX_HEADS = 500_000, 50_000
"""Series in all runs, of about 20 bytes each, and how many of them begin differently."""
_layout = lru_cache(maxsize=1024)(Struct)


class _Run(NamedTuple):
    """*heads_of*: returns of each series all from its tag to the end of its first label, which the metric's name is."""

    series: int
    size: int
    heads_of: Callable[[bytes, int], tuple[bytes, ...]]
    heads: tuple[bytes, ...]


class Runs:
    """What follows a series that is used, by the labels of that one."""

    def __init__(self) -> None:
        self._after: dict[bytes, list[_Run]] = {}
        self._heads: dict[bytes, bytes] = {}
        self._series = 0

    def forget(self) -> None:
        self._series = 0
        self._after.clear()
        self._heads.clear()

    def learn(self, labels: bytes, message: bytes, series: Sequence[tuple[int, int, int]]) -> None:
        """Remember *series*, by where each begins, where its first label ends, and where it ends itself."""
        if self._series + len(series) > MAX_SERIES or len(self._heads) > MAX_HEADS:
            return
        runs = self._after.setdefault(labels, [])
        for number in range(0, len(series), LONGEST):
            some = series[number : number + LONGEST]
            layout = _layout("".join([f"{label - begin}s{end - label}x" for begin, label, end in some]))
            heads = [self._heads.setdefault(head, head) for head in layout.unpack_from(message, some[0][0])]
            runs.append(_Run(len(some), layout.size, layout.unpack_from, tuple(heads)))
        self._series += len(series)

    def passed_over(self, labels: bytes, message: bytes, at: int, left: int) -> tuple[int, int]:
        """Return where the series *at* a place end that are as they were, and how many of *left* are left then."""
        runs = self._after.get(labels, ())
        for number, (count, size, heads_of, heads) in enumerate(runs):
            if count > left or at + size > len(message):
                break
            if heads_of(message, at) != heads:
                self._after[labels] = list(runs[:number])
                self._series -= sum([run.series for run in runs[number:]])
                break
            at, left = at + size, left - count
        return at, left
