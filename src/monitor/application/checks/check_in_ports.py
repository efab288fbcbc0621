"""What check-ins ask for: storage of them and their pings, and the ticks of schedules."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from monitor.application.alerts import ports as alerts
from monitor.domain.checks.check_ins import CheckIn, NextDue, Ping
from monitor.domain.fleet.servers import ServerId


class Schedules(ABC):
    @abstractmethod
    def next_after(self, schedule: str, timezone: str, at: datetime) -> datetime:
        """Return the first tick of a cron expression of five fields after *at*, in UTC.

        Where clocks change, it is as with Debian's cron: a job for a fixed time runs once, also if that time is skipped
        or comes twice; one with `*` for its minute or hour runs as clocks show it.

        Raises InvalidInput naming "schedule" if it is none, or never comes.
        """

    def next_due(self, check_in: CheckIn) -> NextDue:
        """Return the function that finds when *check_in* is due next."""
        if check_in.schedule is None:
            period = timedelta(seconds=check_in.period or 0.0)
            return lambda at: at + period
        return partial(self.next_after, check_in.schedule, check_in.timezone)


class CheckIns(ABC):
    """Check-ins, whose ids, names and servers are those of their rows among the servers."""

    @abstractmethod
    def add(self, check_in: CheckIn) -> None:
        """Store what its row among the servers, which is there already, does not hold."""

    @abstractmethod
    def count(self) -> int:
        """Return how many there are. Units of work that call this run one after the other, until each ends."""

    @abstractmethod
    def get(self, check_in_id: ServerId) -> CheckIn:
        """Return one, locked until the transaction ends. Raises NotFound."""

    @abstractmethod
    def get_many(self, ids: Collection[ServerId]) -> list[CheckIn]:
        """Return those that exist in id order, locked."""

    @abstractmethod
    def by_keys(self, ping_keys: Collection[str]) -> dict[str, CheckIn]:
        """Return those with these secrets, by secret, locked."""

    @abstractmethod
    def save(self, check_ins: Collection[CheckIn]) -> None:
        """Replace all but name, server and secret. Skips deleted ones."""

    @abstractmethod
    def rename(self, check_in: CheckIn) -> None:
        """Replace its name and server, which are part of the fleet. Raises NotFound."""

    @abstractmethod
    def note(self, pings: Sequence[tuple[ServerId, Ping]]) -> None:
        """Store pings of these check-ins. Of each at least the last MAX_PINGS_KEPT stay."""

    @abstractmethod
    def last_failure(self, check_in_id: ServerId) -> Ping | None:
        """Return the last that is kept."""


class CheckInQueries(ABC):
    """Reads without regard to who asks: the directory says who sees what."""

    @abstractmethod
    def of(self, ids: Collection[ServerId]) -> list[CheckIn]:
        """Return those that exist, in id order."""

    @abstractmethod
    def ping_keys(self) -> list[str]:
        """Return the secrets of all."""

    @abstractmethod
    def pings(self, check_in_id: ServerId, *, before: int | None, limit: int) -> list[Ping]:
        """Return pings, the newest first. *before*: the last number of the page before."""

    @abstractmethod
    def overdue(self, now: datetime) -> dict[ServerId, datetime]:
        """Return those that are UP though it is too late, with the time at which they were due."""

    @abstractmethod
    def down(self) -> set[ServerId]:
        """Return those that are DOWN."""

    @abstractmethod
    def failed(self) -> set[ServerId]:
        """Return those with a failure that is new."""


class UnitOfWork(alerts.UnitOfWork):
    """Transaction on check-ins, and on the alerts about them."""

    check_ins: CheckIns


class Queries(alerts.Queries):
    check_ins: CheckInQueries
