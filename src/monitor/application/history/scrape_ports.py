"""Ports for scrapes of Prometheus, which are stored until they are samples."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime

from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.scrapes import Kept, Key, Scrape


class Scrapes(ABC):
    """Scrapes of Prometheus that may still lack something; see `domain.intake.scrapes`."""

    @abstractmethod
    def take_turn(self, after: int, *, is_sure: bool = False) -> int:
        """Let units of work that call this run one after the other, in all processes. Return the number of this turn.

        *after*: what seems to be the number of the turn before. *is_sure*: with another number, an adapter may raise
        TransactionConflict, at the commit at the latest.
        """

    @abstractmethod
    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        """Return the scrapes with first <= at <= last of these servers, by server, source and time."""

    @abstractmethod
    def save(self, scrapes: Sequence[Scrape]) -> None:
        """Insert or replace. Raises ConstraintViolated if a server does not exist."""

    @abstractmethod
    def save_inner(self, scrapes: Sequence[Scrape]) -> None:
        """Mark stored scrapes as inner ones: they are edges no more. Nothing else of them is saved."""

    @abstractmethod
    def delete(self, server_id: ServerId, keys: Sequence[Key]) -> None:
        """Delete scrapes. Missing ones are ignored."""

    @abstractmethod
    def prune(self, before: datetime, limit: int, *, edges: bool) -> int:
        """Delete at most *limit* scrapes received before a time, only edges or only others. Returns how many."""


class ScrapeQueries(ABC):
    """Reads committed scrapes."""

    @abstractmethod
    def turn(self) -> int:
        """Return the number of the last turn that was committed, 0 before the first."""

    @abstractmethod
    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        """Return the same scrapes as `Scrapes.around`."""

    @abstractmethod
    def newest(self, server_ids: Collection[ServerId]) -> dict[ServerId, int]:
        """Return the time of the newest scrape of each server that has one."""

    @abstractmethod
    def kept(self, server_id: ServerId) -> list[Kept]:
        """Return all scrapes of a server, the last received first."""
