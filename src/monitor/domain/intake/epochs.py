"""When the store may have lost what it acknowledged: a new epoch begins, and agents send their last samples again.

See decision 34.
"""

from dataclasses import dataclass
from typing import NamedTuple

PATIENCE = 3
"""Looks without a rising number after which no other process watches."""


class EpochMark(NamedTuple):
    """What the store holds: its epoch, and a *number* that processes raise while they watch it."""

    epoch: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What one process remembers of the store. *servers*: the database servers that it was connected to.

    A process that has just started knows nothing of the time before. It takes over the epoch of the others if one of
    them watches: then the number rises. If not, a backup may have been restored meanwhile.
    """

    seen: EpochMark | None = None
    servers: tuple[str, ...] = ()
    is_watching: bool = False
    looks: int = 0

    def look(self, found: EpochMark | None, servers: tuple[str, ...], fresh: str) -> tuple["Watch", EpochMark | None]:
        """Return what to remember, and the mark to write, if any. *fresh*: an epoch that never was.

        *servers*: those of the process's connections, always in the same order; "" where it has none yet.
        """
        seen = self.seen
        if found is not None and seen is None:
            return Watch(seen=found, servers=servers), None
        remembered = tuple(now or before for now, before in zip(servers, self.servers or servers, strict=True))
        if found is None or seen is None or self._may_be_lost(found, seen, servers):
            number = max(mark.number for mark in (found, seen, EpochMark("", 0)) if mark is not None)
            return _watching(EpochMark(fresh, number + 1), remembered)
        if self.is_watching or found.number > seen.number:
            return _watching(EpochMark(found.epoch, found.number + 1), remembered)
        if self.looks + 1 >= PATIENCE:
            return _watching(EpochMark(fresh, found.number + 1), remembered)
        return Watch(seen=found, servers=remembered, looks=self.looks + 1), None

    def _may_be_lost(self, found: EpochMark, seen: EpochMark, servers: tuple[str, ...]) -> bool:
        """The number fell, as after a restore, or another database server answers, which may lack the last commits."""
        is_other = any(before and now not in ("", before) for before, now in zip(self.servers, servers, strict=True))
        return found.number < seen.number or is_other


def _watching(mark: EpochMark, servers: tuple[str, ...]) -> tuple[Watch, EpochMark]:
    return Watch(seen=mark, servers=servers, is_watching=True), mark
