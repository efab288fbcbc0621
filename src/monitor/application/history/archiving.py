"""Move chunks and rollups into the archive, and back.

A block leaves the database in short steps: it gets a generation, is written, and is read again when the archive has had
time to put it on its disk. Only what is then equal to the last bit is deleted here, in one statement that also checks
that nothing has changed meanwhile. Each step may be repeated, and a process may die after any of them.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.application.fleet.fleet import Fleet
from monitor.application.history.blocks import Archive, Block, Place, StoredBlock
from monitor.application.history.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import BrokenChunk, decode, encode
from monitor.domain.history.frames import Frame, is_same
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS
from monitor.domain.preferences import Preferences
from monitor.domain.times import SECOND, microseconds

log = logging.getLogger(__name__)

LEASE_NAME = "archive history"
LEASE = timedelta(seconds=60)
AT_ONCE = 100
"""Blocks of one request: some 0.3 million numbers."""
_UNDER_WAY = 4000
"""Most blocks that wait until the archive has put them on its disk: some 16 MB."""
_SPANS = {0: HOUR, **{width: span * SECOND for width, span in ROLLUP_SPANS.items()}}
"""Microseconds of one block, by its width."""

_HOURS_STAY = timedelta(days=31)
"""What a range policy looks back at most, and what it does not learn yet."""
_PAUSE = timedelta(minutes=1)
"""Between two passes of the background job, and after a failure."""


class ArchivingProgress(NamedTuple):
    """Blocks written, moved and refused by one step. *waits*: it has nothing to do until the archive has settled."""

    written: int = 0
    moved: int = 0
    refused: int = 0
    waits: bool = False


class _Written(NamedTuple):
    at: datetime
    rows: Sequence[StoredBlock]


@dataclass(frozen=True, slots=True)
class ArchiveHistory:
    """Move what is due in small steps. *holder*: name of this process in the lease."""

    new_uow: Callable[[], UnitOfWork]
    archive: Archive
    clock: Clock
    holder: str

    def __call__(self, kept: Preferences, *, in_turn: bool = True) -> Iterator[ArchivingProgress]:
        """Move all blocks older than *kept.raw_days* that the archive keeps long enough. Yields after each step.

        *in_turn*: end at once if another process does it. If False, both work, without harm. Raises HistoryUnavailable.
        """
        self._forget_deleted_servers()
        under_way: deque[_Written] = deque()
        count = 0
        for width, before in self.due(kept):
            after: Place | None = None
            while rows := self._take(width, before, after, in_turn):
                after = rows[-1].place
                if sound := self._store(rows):
                    under_way.append(_Written(self.clock.now(), sound))
                    count += len(sound)
                yield ArchivingProgress(written=len(sound))
                while count > _UNDER_WAY or (under_way and self._has_settled(under_way[0])):
                    yield (done := self._settle(under_way))
                    count -= done.moved + done.refused
        while under_way:
            yield self._settle(under_way)

    def due(self, kept: Preferences) -> list[tuple[int, int]]:
        """Return the widths that the archive keeps long enough, and the period before which their blocks move."""
        age = self.archive.keeps()
        return [
            (width, before)
            for width, before in self.old_enough(kept)
            if age is None or age >= kept.kept_for(width) + timedelta(microseconds=_SPANS[width])
        ]

    def old_enough(self, kept: Preferences) -> list[tuple[int, int]]:
        """Return each width, and the period before which its blocks are older than *kept.raw_days*.

        Hourly rollups stay for `_HOURS_STAY` at least: the alert engine reads them, and never waits for an archive.
        """
        ages = {width: timedelta(days=kept.raw_days) for width in _SPANS}
        ages[3600] = max(ages[3600], _HOURS_STAY)
        now = self.clock.now()
        return [(width, microseconds(now - ages[width]) // span) for width, span in _SPANS.items()]

    def _has_settled(self, written: _Written) -> bool:
        return self.clock.now() - written.at >= self.archive.settles_after

    def _settle(self, under_way: deque[_Written]) -> ArchivingProgress:
        """Finish the first batch if the archive has settled."""
        if not self._has_settled(under_way[0]):
            return ArchivingProgress(waits=True)
        rows = under_way.popleft().rows
        moved = self._finish(rows)
        return ArchivingProgress(moved=moved, refused=len(rows) - moved)

    @retried
    def _take(self, width: int, before: int, after: Place | None, in_turn: bool) -> list[StoredBlock]:
        with self.new_uow() as uow:
            if uow.leases.acquire(LEASE_NAME, self.holder, self.clock.now(), LEASE) is None and in_turn:
                return []
            rows = uow.blocks.take(width, before, after, AT_ONCE)
            uow.commit()
        return rows

    def _store(self, rows: Sequence[StoredBlock]) -> list[StoredBlock]:
        """Write blocks to the archive. Return the sound ones: a damaged one stays where it is."""
        frames: dict[Block, Frame] = {}
        sound = []
        for row in rows:
            try:
                frames[row.block] = decode(row.data)
            except BrokenChunk as error:
                log.error("%s of server %d stays in the database: %s", row.block, row.server_id, error)
            else:
                sound.append(row)
        self.archive.store(frames)
        return sound

    def _finish(self, rows: Sequence[StoredBlock]) -> int:
        held = self.archive.read([row.block for row in rows])
        proven: list[Block] = []
        refused: list[Block] = []
        for row in rows:
            found = held.get(row.block)
            (proven if found is not None and is_same(found, decode(row.data)) else refused).append(row.block)
        # Something else that is there under this name stays there for ever: the next attempt has a new name.
        return self._mark(proven, refused)

    @retried
    def _mark(self, proven: Sequence[Block], refused: Sequence[Block]) -> int:
        with self.new_uow() as uow:
            moved = uow.blocks.mark_moved(proven)
            uow.blocks.renumber(refused)
            uow.commit()
        return moved

    def _forget_deleted_servers(self) -> None:
        with self.new_uow() as uow:
            deleted = uow.blocks.deleted_servers()
        if not deleted:
            return
        self.archive.forget(deleted)
        self._forgotten(deleted)

    @retried
    def _forgotten(self, deleted: Collection[ServerId]) -> None:
        with self.new_uow() as uow:
            uow.blocks.forget_servers(deleted)
            uow.commit()


class ReturnProgress(NamedTuple):
    """Blocks brought back by one step, and blocks that the archive has lost."""

    returned: int
    lost: int


@dataclass(frozen=True, slots=True)
class ReturnHistory:
    """Bring everything in the archive back into the database, in small steps."""

    new_uow: Callable[[], UnitOfWork]
    archive: Archive

    def __call__(self) -> Iterator[ReturnProgress]:
        """Yields after each step. What is missing in the archive stays marked. Raises HistoryUnavailable."""
        for width in (0, *ROLLUP_SPANS):
            after: Place | None = None
            while rows := self._moved(width, after):
                marks = {row.block: row for row in rows}
                after = rows[-1].place
                found = self.archive.read(marks)
                whole = {block: frame for block, frame in found.items() if marks[block].is_whole(frame)}
                self._bring_back({block: encode(frame, split=width == 0) for block, frame in whole.items()})
                yield ReturnProgress(len(whole), len(rows) - len(whole))

    def _moved(self, width: int, after: Place | None) -> list[StoredBlock]:
        with self.new_uow() as uow:
            return uow.blocks.moved(width, after, AT_ONCE)

    @retried
    def _bring_back(self, data: dict[Block, bytes]) -> None:
        with self.new_uow() as uow:
            uow.blocks.bring_back(data)
            uow.commit()


@dataclass(eq=False, slots=True)
class KeepArchive:
    """Background job: one step a call, a pass a minute. While the archive does not answer, charts of it wait."""

    move: ArchiveHistory
    fleet: Fleet
    clock: Clock
    _pass: Iterator[ArchivingProgress] | None = None
    _next: datetime | None = None
    _warned: bool = False

    def __call__(self) -> None:
        """Raises HistoryUnavailable, StorageUnavailable."""
        now = self.clock.now()
        if self._pass is None:
            if self._next is not None and now < self._next:
                return
            self._next = now + _PAUSE
            self.fleet.refresh()
            kept = self.fleet.directory.preferences
            self._warn(kept)
            self._pass = self.move(kept)
        try:
            if next(self._pass, None) is None:
                self._pass = None
        except Exception:
            self._pass, self._next = None, now + _PAUSE
            raise

    def _warn(self, kept: Preferences) -> None:
        stays = {0, *ROLLUP_SPANS} - {width for width, _ in self.move.due(kept)}
        if stays and not self._warned:
            log.warning("the archive would delete some of the history too early, which stays in the database")
        self._warned = bool(stays)
