"""Stored samples: raw rows, compressed chunks of an hour, and rollups.

`domain.history.codec` writes and reads the bytes of chunks and rollups.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import NamedTuple

from monitor.application.fleet import ports as fleet
from monitor.application.history.blocks import NO_ARCHIVE, Archive, BlockMarks, StoredBlock
from monitor.application.history.scrape_ports import ScrapeQueries, Scrapes
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.intake.samples import Sample


class RawSpan(NamedTuple):
    """Times of a server's oldest and newest raw samples."""

    server_id: ServerId
    oldest: datetime
    newest: datetime


class RawHour(NamedTuple):
    """How many *rows* a server has in an hour, and how many of them its chunk holds (None: no chunk)."""

    hour: int
    rows: int
    known_rows: int | None

    @property
    def is_open(self) -> bool:
        """True if the chunk lacks rows: it held all when it was written, and its count falls with each deleted row."""
        return self.rows != self.known_rows


class OpenHour(NamedTuple):
    """An hour of a server with *rows* that its chunk lacks. No value of these is beyond *least* and *greatest*."""

    hour: int
    rows: int
    least: float = -inf
    greatest: float = inf


class RawRows(NamedTuple):
    """Raw samples, oldest first, with the ids of their rows."""

    ids: Sequence[int]
    frame: Frame


class TierSize(NamedTuple):
    """Size of one tier: *rows*, *samples*, and *bytes* on disk, from *first* to before *last* (None: empty).

    *is_estimate*: *bytes* counts the content alone, or is the database's own estimate.
    """

    rows: int
    samples: int
    bytes: int
    is_estimate: bool
    first: datetime | None
    last: datetime | None


class HistoryWriter(ABC):
    """Changes to the sealed history in a unit of work."""

    @abstractmethod
    def sealed(self, server_id: ServerId, hours: Collection[int]) -> dict[int, tuple[int, int]]:
        """Return (samples, raw samples) of each of these *hours* that has a chunk."""

    @abstractmethod
    def save(self, blocks: Sequence[StoredBlock]) -> None:
        """Insert or replace, whatever their generation. Raises ConstraintViolated if a server does not exist."""

    @abstractmethod
    def set_raw_samples(self, server_id: ServerId, hours: Mapping[int, int]) -> None:
        """Set the number of raw samples of each hour's chunk. Hours without a chunk are ignored."""

    @abstractmethod
    def note_amended(self, server_id: ServerId, hours: Collection[int]) -> None:
        """Open these hours, which have ended, since rows of them were amended; see `StoredBlock.is_amended`.

        Of an hour that is being sealed by another process the rows are read again. Raises ConstraintViolated if the
        server does not exist.
        """

    @abstractmethod
    def rollups(self, server_id: ServerId, width: int, periods: Collection[int]) -> list[StoredBlock]:
        """Return the existing rollups of these *periods*, in order."""

    @abstractmethod
    def remove_rows(self, ids: Collection[int]) -> int:
        """Delete raw samples. Returns how many existed."""

    @abstractmethod
    def prune(self, width: int, before: int, limit: int) -> int:
        """Delete at most *limit* blocks of *width* (0: chunks) of periods before *before*. Returns how many."""

    @abstractmethod
    def prune_rows(self, before: datetime, limit: int) -> int:
        """Delete at most *limit* raw samples from before *before*, sealed or not. Returns how many."""


class HistoryQueries(ABC):
    """Reads of raw and sealed samples. Callers check who may see a server."""

    @abstractmethod
    def raw_spans(self, after: ServerId, limit: int) -> list[RawSpan]:
        """Return the spans of the first *limit* servers with ids above *after* that have raw samples, by id."""

    @abstractmethod
    def raw_hours(self, server_id: ServerId, first: int, last: int) -> list[RawHour]:
        """Return the hours with rows, first <= hour < last, in order, as of one moment."""

    @abstractmethod
    def open_hours(self, server_id: ServerId, first: int, last: int, metric: str) -> list[OpenHour]:
        """Return the hours with rows that their chunk lacks (`RawHour.is_open`), first <= hour < last, in order.

        With the least and greatest value of *metric*, if that is one of COLUMN_METRICS. What is sealed meanwhile may be
        missing.
        """

    @abstractmethod
    def open_hours_of_all(self, metric: str, report: Callable[[float], None]) -> dict[ServerId, list[OpenHour]]:
        """Return the open hours of all servers that have any. For many servers this is faster than `open_hours`.

        *report* is called with the progress (0 to 1), and may raise an error to end it.
        """

    @abstractmethod
    def raw_rows(self, server_id: ServerId, hour: int) -> RawRows:
        """Return all raw samples of that hour."""

    @abstractmethod
    def blocks(self, server_ids: Collection[ServerId], width: int, first: int, last: int) -> list[StoredBlock]:
        """Return the blocks of *width* (0: chunks) of first <= period < last, by server and period."""

    def chunks(self, server_id: ServerId, first: int, last: int) -> list[StoredBlock]:
        """Return the chunks of first <= hour < last, in order."""
        return self.blocks([server_id], 0, first, last)

    def rollups(self, server_id: ServerId, width: int, first: int, last: int) -> list[StoredBlock]:
        """Return the rollups of first <= period < last, in order."""
        return self.blocks([server_id], width, first, last)

    @abstractmethod
    def chunks_at(self, server_id: ServerId, hours: Collection[int]) -> list[StoredBlock]:
        """Return the chunks of these hours, in order."""

    @abstractmethod
    def newest_hour(self, server_ids: Collection[ServerId] | None, before: int) -> int | None:
        """Return the last hour before *before* that has a chunk of one of these servers (None: of any)."""

    @abstractmethod
    def chunks_of_hour(self, server_ids: Collection[ServerId] | None, hour: int) -> list[StoredBlock]:
        """Return chunks of these servers (None: of all), by server id, without those whose samples are all rows."""

    @abstractmethod
    def sizes(self) -> dict[str, TierSize]:
        """Return the sizes of "samples", "chunks", "600", "3600" and "43200". Slow: it reads whole tables."""


class Samples(ABC):
    """Raw samples in a unit of work."""

    @abstractmethod
    def add(self, samples: Sequence[Sample]) -> None:
        """Insert. The errors below may come only at the commit, since an adapter may pipeline the statement.

        Raises ConstraintViolated if a (server, time) exists already or a server does not exist, and
        TransactionConflict if another transaction changes servers meanwhile; nothing is kept then.
        """

    @abstractmethod
    def existing(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        """Return the (server, recorded_at) pairs that have a row."""

    @abstractmethod
    def later(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        """Return the (server, recorded_at) pairs of rows that are later than a server's pair in *keys*."""

    @abstractmethod
    def last_received(self, server_ids: Collection[ServerId]) -> dict[ServerId, datetime]:
        """Return when each server's newest sample was received, without servers that have none."""

    @abstractmethod
    def recent_times(
        self, server_ids: Collection[ServerId], until: datetime, count: int
    ) -> dict[ServerId, list[datetime]]:
        """Return each server's last *count* times of raw samples at or before *until*, oldest first, without servers
        that have none."""

    @abstractmethod
    def amend(self, samples: Sequence[Sample]) -> None:
        """Replace the values of raw samples by server and time. Samples without a row are ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFilter:
    """Samples of start <= recorded_at < end. *before*: last (recorded_at, server) of the previous page."""

    server_id: ServerId | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: tuple[datetime, ServerId] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSample:
    """*id* is None if the sample has no row any more, only a chunk."""

    id: int | None
    server_name: str
    ip_address: str
    sample: Sample


MinuteAverages = dict[ServerId, dict[str, list[float | None]]]
"""Per server and metric one average for each minute; None for a minute without samples."""


class SampleQueries(fleet.LatestSamples):
    """Reads of raw samples only. `application.history.tiers` reads sealed ones as well."""

    @abstractmethod
    def newest(self, actor: Actor, wanted: SampleFilter) -> list[StoredSample]:
        """Return samples by (recorded_at, server id), newest first. Raises NotFound for a server not to be seen."""

    @abstractmethod
    def frame(
        self, actor: Actor, server_id: ServerId, start: datetime, end: datetime, metrics: Sequence[str] | None = None
    ) -> Frame:
        """Return start <= recorded_at < end, only of hours with rows that their chunk lacks (`RawHour.is_open`).

        *metrics*: the columns; None: all. A metric that no sample has may be missing.

        Raises NotFound for a server, check or check-in the actor may not see.
        """

    @abstractmethod
    def frames(
        self, server_ids: Collection[ServerId], start: datetime, end: datetime, metrics: Sequence[str]
    ) -> dict[ServerId, Frame]:
        """Return each server's `frame`, without servers that have no such sample. Callers check who may see them."""

    @abstractmethod
    def minutes(
        self, actor: Actor, server_ids: Collection[ServerId], metrics: Sequence[str], start: datetime, count: int
    ) -> MinuteAverages:
        """Return averages of *count* minutes from *start*, a whole minute, to two decimals, by server id.

        *metrics*: some of COLUMN_METRICS. Servers that the actor may not see are left out.
        """


class UnitOfWork(fleet.UnitOfWork):
    """A transaction on stored samples."""

    blocks: BlockMarks
    history: HistoryWriter
    samples: Samples
    scrapes: Scrapes


class Queries(fleet.Queries):
    """*archive*: where chunks and rollups without data lie."""

    archive: Archive = NO_ARCHIVE
    history: HistoryQueries
    samples: SampleQueries
    scrapes: ScrapeQueries
