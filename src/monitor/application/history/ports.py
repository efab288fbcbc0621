"""The sealed history: every sample in compressed chunks, and summaries. What the bytes say, `domain.history` knows."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet import ports as fleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.intake.samples import Sample


class Chunk(NamedTuple):
    """One hour of one server, *hour* since the epoch; *samples*: how many it holds, *at_hand*: how many of them are
    rows as well."""

    server_id: ServerId
    hour: int
    samples: int
    data: bytes
    at_hand: int = 0


class Block(NamedTuple):
    """Summaries of one server, of *width* seconds each: number *period* since the epoch, of the spans that a block of
    this width covers."""

    server_id: ServerId
    width: int
    period: int
    data: bytes


class HotSpan(NamedTuple):
    """The times of a server's oldest and newest samples that are rows."""

    server_id: ServerId
    oldest: datetime
    newest: datetime


class HotHour(NamedTuple):
    """How many *rows* a server has in an hour, and how many its chunk says that it has (None: there is none)."""

    hour: int
    rows: int
    at_hand: int | None

    @property
    def is_open(self) -> bool:
        """Whether it has rows that its chunk lacks. A chunk holds what was there when it was written, and rows only
        go where it is told of it: so the numbers differ exactly when others have come."""
        return self.rows != self.at_hand


class HotRows(NamedTuple):
    """Samples that are rows, the oldest first, and the ids of these."""

    ids: Sequence[int]
    frame: Frame


class TierSize(NamedTuple):
    """*rows* and *samples* that a tier holds, from *first* to before *last* (None: nothing). *bytes*: of the file, else
    *is_estimate*: of its content alone, or the database's own guess."""

    rows: int
    samples: int
    bytes: int
    is_estimate: bool
    first: datetime | None
    last: datetime | None


class HistoryWriter(ABC):
    """In a unit of work."""

    @abstractmethod
    def sealed(self, server_id: ServerId, hours: Collection[int]) -> dict[int, tuple[int, int]]:
        """Of those of its *hours* that are sealed: how many samples each holds, and how many of them at hand."""

    @abstractmethod
    def save_chunks(self, chunks: Sequence[Chunk]) -> None:
        """New ones, or instead of those that are there. Raises ConstraintViolated where a server is gone."""

    @abstractmethod
    def set_at_hand(self, server_id: ServerId, hours: Mapping[int, int]) -> None:
        """How many of their samples are rows from now on. Hours without a chunk are passed over."""

    @abstractmethod
    def blocks(self, server_id: ServerId, width: int, periods: Collection[int]) -> list[Block]:
        """Those there are, in order."""

    @abstractmethod
    def save_blocks(self, blocks: Sequence[Block]) -> None:
        """Likewise. Raises ConstraintViolated where a server is gone."""

    @abstractmethod
    def remove_rows(self, ids: Collection[int]) -> int:
        """Of samples that are sealed, or due to go; returns how many were still there."""

    @abstractmethod
    def prune_chunks(self, before: int, limit: int) -> int:
        """Of earlier hours than *before*, at most *limit*; returns how many went."""

    @abstractmethod
    def prune_blocks(self, width: int, before: int, limit: int) -> int:
        """Of earlier periods than *before*; likewise."""

    @abstractmethod
    def prune_rows(self, before: datetime, limit: int) -> int:
        """Samples that were never sealed; likewise."""


class HistoryQueries(ABC):
    """For the process itself: who may see a server, its callers have checked."""

    @abstractmethod
    def hot_spans(self, after: ServerId, limit: int) -> list[HotSpan]:
        """Of the first *limit* servers with greater ids that have such samples; in id order."""

    @abstractmethod
    def hot_hours(self, server_id: ServerId, first: int, last: int) -> list[HotHour]:
        """Those that have rows, first <= hour < last, in order; all as of one moment."""

    @abstractmethod
    def hot_rows(self, server_id: ServerId, hour: int) -> HotRows:
        """All of that hour."""

    @abstractmethod
    def chunks(self, server_id: ServerId, first: int, last: int) -> list[Chunk]:
        """first <= hour < last, in order."""

    @abstractmethod
    def blocks(self, server_id: ServerId, width: int, first: int, last: int) -> list[Block]:
        """first <= period < last, in order."""

    @abstractmethod
    def newest_hour(self, server_ids: Collection[ServerId] | None, before: int) -> int | None:
        """The last hour before *before* that has a chunk, of these servers or (None) of any."""

    @abstractmethod
    def chunks_of_hour(self, server_ids: Collection[ServerId] | None, hour: int) -> list[Chunk]:
        """Of these servers or (None) of all, in id order; those alone that hold more samples than are rows."""

    @abstractmethod
    def sizes(self) -> dict[str, TierSize]:
        """By tier: "samples", "chunks", "600", "3600", "43200" (seconds of a summary). It reads whole tables, for an
        administrator who asks."""


class Samples(ABC):
    @abstractmethod
    def add(self, samples: Sequence[Sample]) -> None:
        """Raises ConstraintViolated where a (server, time) is stored already or a server is gone, and
        TransactionConflict where another changes servers meanwhile; nothing is kept then once the unit of work ends.

        Here or later, at the commit at the latest: nobody waits for what is stored to be checked.
        """

    @abstractmethod
    def existing(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        """Those of the (server, recorded_at) pairs that are stored."""

    @abstractmethod
    def last_received(self, server_ids: Collection[ServerId]) -> dict[ServerId, datetime]:
        """When the sample with each server's newest time was received; servers without samples are left out."""

    @abstractmethod
    def recent_times(self, server_id: ServerId, until: datetime, count: int) -> list[datetime]:
        """The last *count* times of that server's samples, at or before *until*, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFilter:
    """Of one server or of all; start <= recorded_at < end; *before* is the last (recorded_at, server) of the page
    before."""

    server_id: ServerId | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: tuple[datetime, ServerId] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSample:
    """*id* is None for one that was sealed into the compressed history."""

    id: int | None
    server_name: str
    ip_address: str
    sample: Sample


MinuteAverages = dict[ServerId, dict[str, list[float | None]]]
"""Of each server, by metric, an average for each minute; None for one without samples."""


class SampleQueries(fleet.LatestSamples):
    """Of those that are rows: `application.history.tiers` reads all."""

    @abstractmethod
    def newest(self, actor: Actor, wanted: SampleFilter) -> list[StoredSample]:
        """Newest first, by (recorded_at, server id). Raises NotFound for a server the actor may not see."""

    @abstractmethod
    def between(self, actor: Actor, server_id: ServerId, start: datetime, end: datetime) -> list[Sample]:
        """start <= recorded_at < end, oldest first. Raises NotFound for a server the actor may not see."""

    @abstractmethod
    def frame(
        self, actor: Actor, server_id: ServerId, start: datetime, end: datetime, metrics: Sequence[str] | None = None
    ) -> Frame:
        """start <= recorded_at < end, these *metrics* of them or (None) all; only of hours that have rows which their
        chunk lacks (`HotHour.is_open`). A metric that no sample has may be left out. Raises NotFound like `between`.
        """

    @abstractmethod
    def minutes(
        self, actor: Actor, server_ids: Collection[ServerId], metrics: Sequence[str], start: datetime, count: int
    ) -> MinuteAverages:
        """*count* minutes from the whole minute *start* on, of *metrics* (of COLUMN_METRICS), to two decimals. Of those
        servers that the actor may see, in id order; the others are left out. For a few hundred servers and an hour.
        """


class UnitOfWork(fleet.UnitOfWork):
    """A transaction on stored samples."""

    history: HistoryWriter
    samples: Samples


class Queries(fleet.Queries):
    history: HistoryQueries
    samples: SampleQueries
