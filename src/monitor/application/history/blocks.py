"""Blocks: chunks and rollups as they are stored, and the archive into which they may leave the database.

A block is in one place. Its row stays in the database as a mark: without content while that lies in the archive.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import NamedTuple

from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame


class Chunk(NamedTuple):
    """All samples of one server in one hour, compressed by `domain.history.codec`.

    *hour*: hours since 1970. *samples*: how many it holds. *data*: empty if it lies in the archive. *raw_samples*: how
    many of the samples are also rows. *generation*: see `Block`, 0 if it was never offered to an archive.
    """

    server_id: ServerId
    hour: int
    samples: int
    data: bytes
    raw_samples: int = 0
    generation: int = 0


class Rollup(NamedTuple):
    """Rollups of one server that are stored together, compressed.

    *width*: seconds of each rollup. *period*: number since 1970 of the time span, see `ROLLUP_SPANS`. *data* and
    *generation*: as of a chunk.
    """

    server_id: ServerId
    width: int
    period: int
    data: bytes
    generation: int = 0


class Block(NamedTuple):
    """Name of a chunk (*width* 0, *period* an hour) or of rollups that are stored together.

    *generation*: number of its content, from 1. Another content has a higher one, since an archive changes nothing that
    it holds.
    """

    server_id: ServerId
    width: int
    period: int
    generation: int


def block_of(row: Chunk | Rollup) -> Block:
    if isinstance(row, Chunk):
        return Block(row.server_id, 0, row.hour, row.generation)
    return Block(row.server_id, row.width, row.period, row.generation)


def is_whole(row: Chunk | Rollup, frame: Frame | None) -> bool:
    """Whether the *frame* that an archive holds of a block can be all of it: the mark knows the number of samples."""
    return frame is not None and not (isinstance(row, Chunk) and len(frame) != row.samples)


class Archive(ABC):
    """Holds blocks outside of the database. Every call may raise HistoryUnavailable, after some seconds at most."""

    place = "database"
    """Where sealed hours lie, to be shown."""
    settles_after = timedelta(0)
    """Time after `store` from which on what `read` returns also survives a crash of the archive."""

    @abstractmethod
    def store(self, blocks: Mapping[Block, Frame]) -> None:
        """Write. Writing the same again does no harm, also if it was interrupted before."""

    @abstractmethod
    def read(self, blocks: Collection[Block], names: Collection[str] | None = None) -> dict[Block, Frame]:
        """Return the columns *names* (None: all) of each block that it holds, exact to the last bit.

        A block of which it holds a part may be missing or have fewer samples or columns.
        """

    @abstractmethod
    def forget(self, server_ids: Collection[ServerId]) -> None:
        """Delete everything of these servers. Ids that it does not know are ignored."""

    @abstractmethod
    def keeps(self) -> timedelta | None:
        """Return the age at which it deletes by itself; None: never, or unknown."""

    @abstractmethod
    def size(self) -> int:
        """Return the bytes on its disk."""

    @property
    @abstractmethod
    def answers(self) -> bool:
        """Whether it answered when it was last asked. Asks nothing."""

    @abstractmethod
    def close(self) -> None:
        """Close all connections."""


class NoArchive(Archive):
    """Stands for an archive that is not configured."""

    def store(self, blocks: Mapping[Block, Frame]) -> None:
        raise HistoryUnavailable("HISTORY_URL is not set")

    def read(self, blocks: Collection[Block], names: Collection[str] | None = None) -> dict[Block, Frame]:
        raise HistoryUnavailable("HISTORY_URL is not set, and this history lies in an archive")

    def forget(self, server_ids: Collection[ServerId]) -> None:
        raise HistoryUnavailable("HISTORY_URL is not set")

    def keeps(self) -> timedelta | None:
        return None

    def size(self) -> int:
        return 0

    @property
    def answers(self) -> bool:
        return True

    def close(self) -> None:
        pass


NO_ARCHIVE: Archive = NoArchive()

Place = tuple[int, ServerId]
"""Period and server of a block: their order."""


class BlockMarks(ABC):
    """Where blocks lie, in a unit of work."""

    @abstractmethod
    def take(self, width: int, before: int, after: Place | None, limit: int) -> list[Chunk | Rollup]:
        """Return the first *limit* blocks above *after* whose content is here, of periods before *before*, in order.

        Their content has a generation from now on, and every later content another one. *width* 0: chunks of which no
        sample is a row.
        """

    @abstractmethod
    def mark_moved(self, blocks: Collection[Block]) -> int:
        """Delete the content here of blocks that still have this generation. Returns how many."""

    @abstractmethod
    def renumber(self, blocks: Collection[Block]) -> None:
        """Give the next generation to those whose content is here: the archive holds something else under this one."""

    @abstractmethod
    def moved(self, width: int, after: Place | None, limit: int) -> list[Chunk | Rollup]:
        """Return the marks of the first *limit* blocks above *after* that lie in the archive, in order."""

    @abstractmethod
    def bring_back(self, contents: Mapping[Block, bytes]) -> int:
        """Put the content of blocks in the archive into their rows. Returns how many still were there."""

    @abstractmethod
    def count(self, width: int, before: int) -> tuple[int, int]:
        """Return how many blocks `take` would still return, and how many lie in the archive."""

    @abstractmethod
    def deleted_servers(self) -> list[ServerId]:
        """Return deleted servers of which an archive may still hold blocks."""

    @abstractmethod
    def forget_servers(self, server_ids: Collection[ServerId]) -> None:
        """Take them off the list of deleted servers."""
