"""Blocks: chunks and rollups as they are stored, and the archive into which they may leave the database.

A chunk holds all samples of one server in one hour. A block is in one place. Its row stays in the database as a mark:
without content while that lies in the archive.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import NamedTuple

from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import encode
from monitor.domain.history.frames import Frame


class Block(NamedTuple):
    """Name of a chunk (*width* 0, *period* an hour) or of rollups that are stored together.

    *width*: seconds of each rollup. *period*: number since 1970 of the time span, see `ROLLUP_SPANS`. *generation*:
    number of its content, from 1. Another content has a higher one, since an archive changes nothing that it holds.
    """

    server_id: ServerId
    width: int
    period: int
    generation: int


class StoredBlock(NamedTuple):
    """A block as its row. `domain.history.codec` compresses the content.

    *data*: empty if it lies in the archive. *samples*: how many a chunk holds. *raw_samples*: how many of them are
    also rows; below zero if rows were amended since, once for each time. *generation*: see `Block`, 0 if it was never
    offered to an archive.
    """

    server_id: ServerId
    width: int
    period: int
    data: bytes
    samples: int = 0
    raw_samples: int = 0
    generation: int = 0

    @property
    def block(self) -> Block:
        return Block(self.server_id, self.width, self.period, self.generation)

    @property
    def is_amended(self) -> bool:
        """True if, of a row and a sealed sample of one time, the row counts."""
        return self.raw_samples < 0

    @property
    def place(self) -> "Place":
        return self.period, self.server_id

    def is_whole(self, frame: Frame | None) -> bool:
        """True if *frame*, as an archive holds it, can be the whole content: of a chunk the size is known."""
        return frame is not None and (self.width > 0 or len(frame) == self.samples)


def amended_chunk(server_id: ServerId, hour: int) -> StoredBlock:
    """Return the chunk of an hour in which a row was amended before any was sealed."""
    return StoredBlock(server_id, 0, hour, encode(Frame()), raw_samples=-1)


Place = tuple[int, ServerId]
"""Period and server of a block: their order."""


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
        """Return the columns *names* (None: all) of blocks, exact to the last bit. Parts may be missing."""

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
        """True if the last request was answered. Sends none."""

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


class BlockMarks(ABC):
    """Where blocks lie, in a unit of work."""

    @abstractmethod
    def take(self, width: int, before: int, after: Place | None, limit: int) -> list[StoredBlock]:
        """Return, in order, the first *limit* blocks above *after* and before *before* that hold content and no rows.

        Their content has a generation from now on, and every later content another one.
        """

    @abstractmethod
    def mark_moved(self, blocks: Collection[Block]) -> int:
        """Delete the content of blocks that still have this generation. Return how many."""

    @abstractmethod
    def renumber(self, blocks: Collection[Block]) -> None:
        """Give content the next generation: the archive holds something else under this one."""

    @abstractmethod
    def moved(self, width: int, after: Place | None, limit: int) -> list[StoredBlock]:
        """Return the marks of the first *limit* blocks above *after* that lie in the archive, in order."""

    @abstractmethod
    def bring_back(self, contents: Mapping[Block, bytes]) -> int:
        """Put content from the archive back into the blocks' rows. Return how many lay in the archive until now."""

    @abstractmethod
    def count(self, width: int, before: int) -> tuple[int, int]:
        """Return how many blocks `take` would still return, and how many lie in the archive."""

    @abstractmethod
    def deleted_servers(self) -> list[ServerId]:
        """Return deleted servers whose blocks an archive may still hold."""

    @abstractmethod
    def forget_servers(self, server_ids: Collection[ServerId]) -> None:
        """Take them off the list of deleted servers."""
