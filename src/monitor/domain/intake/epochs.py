"""When the store may have lost what it acknowledged: a new epoch begins, and agents send again. See decision 34."""

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

PATIENCE = 3
"""Looks without a rising number after which no other process watches."""

AHEAD = 1000
"""How far a new epoch raises the number: beyond what other processes have seen, for which it then has not fallen."""


class EpochMark(NamedTuple):
    """What the store holds: its epoch, and a *number* that processes raise while they watch it.

    An epoch that began because connections moved to another server ends with a text for this move. Each process that
    moved in the same way takes it over.
    """

    epoch: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What one process remembers of the store. *servers*: the database servers that it was connected to.

    A process that has just started takes over the epoch of the others, if one of them watches: then the number rises.
    If not, a backup may have been restored meanwhile.
    """

    seen: EpochMark | None = None
    servers: tuple[str, ...] = ()
    is_watching: bool = False
    looks: int = 0

    def look(self, found: EpochMark | None, servers: tuple[str, ...], fresh: str) -> tuple["Watch", EpochMark | None]:
        """Return what to remember, and the mark to write, if any. *fresh*: an epoch that never was.

        *servers*: those of the process's connections, always in the same order; "" without one. *found* comes from the
        last. If the epoch changes, open the other connections anew before anything is acknowledged with it.
        """
        seen = self.seen
        if seen is None:
            new = None if found is not None else EpochMark(fresh, 1)
            return Watch(seen=found or new, servers=servers, is_watching=new is not None), new
        if found is None:
            return self._begun(EpochMark(fresh, seen.number + AHEAD), servers)
        moves = self._moves(servers)
        if found.number < seen.number or (moves and not _is_begun_by(found, seen, moves)):
            epoch = f"{fresh}.{moves[-1]}" if moves else fresh
            return self._begun(EpochMark(epoch, max(found.number, seen.number) + AHEAD), servers)
        if moves or self.is_watching or found.number > seen.number:
            mark = EpochMark(found.epoch, found.number + 1)
            return self._begun(mark, servers) if found.epoch != seen.epoch else self._went_on(mark, servers)
        if self.looks + 1 >= PATIENCE:
            return self._begun(EpochMark(fresh, found.number + 1), servers)
        return Watch(seen=found, servers=self._remembered(servers), looks=self.looks + 1), None

    def doubts(self, before: "Watch") -> bool:
        """Tell whether the store may have lost, since *before*, what this process knows of it.

        An epoch that began because nobody watched is no reason: it raises the number by little.
        """
        if self.seen is None or before.seen is None or self.seen.epoch == before.seen.epoch:
            return False
        return before.is_watching or self.seen.number >= before.seen.number + AHEAD // 2

    def _moves(self, servers: tuple[str, ...]) -> list[str]:
        """Return each change to another server, which may lack the last commits, as a short text."""
        pairs = zip(self.servers, servers, strict=True)
        return [_move(before, now) for before, now in pairs if before and now not in ("", before)]

    def _remembered(self, servers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(now or before for now, before in zip(servers, self.servers or servers, strict=True))

    def _went_on(self, mark: EpochMark, servers: tuple[str, ...]) -> tuple["Watch", EpochMark]:
        return Watch(seen=mark, servers=self._remembered(servers), is_watching=True), mark

    def _begun(self, mark: EpochMark, servers: tuple[str, ...]) -> tuple["Watch", EpochMark]:
        """Forget the servers of connections that are opened anew: where they lead to then is no further move."""
        if servers[-1]:
            servers = (*("" for _ in servers[1:]), servers[-1])
        return Watch(seen=mark, servers=servers, is_watching=True), mark


def _is_begun_by(found: EpochMark, seen: EpochMark, moves: list[str]) -> bool:
    """Tell whether another process began an epoch for the same moves."""
    return found.epoch != seen.epoch and all(found.epoch.endswith(f".{move}") for move in moves)


def _move(before: str, now: str) -> str:
    return sha256(f"{before}>{now}".encode()).hexdigest()[:12]
