"""What checks and check-ins ask for: their storage, claims on those that are due, a prober, and ticks of schedules."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from monitor.application.alerts import ports as alerts
from monitor.application.notifications.ports import NotifiedChecks
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.check_ins import CheckIn, NextDue, Ping
from monitor.domain.checks.checks import Check, CheckKind, CheckState, Result, StoredCheck
from monitor.domain.fleet.servers import ServerId


class Prober(ABC):
    @abstractmethod
    def __call__(self, check: Check, now: datetime) -> Result:
        """Run *check* once and return what came of it, at the latest when its timeout is over.

        *now*: what the result has as its time. Whatever goes wrong is a failed result, and no exception.
        """


class Checks(ABC):
    """Checks in a unit of work. `Servers.delete` deletes them."""

    @abstractmethod
    def count(self) -> int:
        """Return how many there are. Units of work that call this run one after the other, until each ends."""

    @abstractmethod
    def add(self, check: Check, ip_address: str, due_at: datetime) -> Check:
        """Store a new one, with its row among the servers, and return it with its id. *ip_address*: that nobody has.

        Raises ConstraintViolated if its host is deleted.
        """

    @abstractmethod
    def get(self, check_id: ServerId) -> StoredCheck:
        """Return one, locked. Raises NotFound."""

    @abstractmethod
    def save(self, stored: StoredCheck) -> None:
        """Replace it, but for when it was created, and end its lease. Raises NotFound."""

    @abstractmethod
    def claim(self, now: datetime, holder: str, *, most: int, most_failing: int) -> list[StoredCheck]:
        """Lease to *holder* those that are due, as `domain.checks.schedule.plan` chooses, and say when they run next.

        Those that wait longest come first. A check whose lease has not ended is not due.
        """

    @abstractmethod
    def bring_forward(self, now: datetime) -> None:
        """Let those run within a minute whose next run is too far ahead, since the clock was set back."""

    @abstractmethod
    def claim_one(self, check_id: ServerId, now: datetime, holder: str) -> bool:
        """Lease this one to *holder*, whether due or not, and say when it runs next.

        False if it has a lease. Raises NotFound.
        """

    @abstractmethod
    def record(self, results: Sequence[tuple[Check, Result]], holder: str) -> list[tuple[Check, Result]]:
        """Store the results of checks that *holder* still has a lease on, and end the leases.

        Return these results with the checks as they are now. One that asks for something else meanwhile has none.
        """

    @abstractmethod
    def free(self, holder: str) -> None:
        """End the leases of *holder*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFilter:
    """*text*: in the name or the target, in any case. *after*: the last id of the previous page."""

    host_id: ServerId | None = None
    kind: CheckKind | None = None
    state: CheckState | None = None
    up: bool | None = None
    text: str | None = None
    after: int | None = None
    limit: int | None = None


class CheckQueries(NotifiedChecks):
    @abstractmethod
    def find(self, actor: Actor, wanted: CheckFilter) -> list[StoredCheck]:
        """Return those that the actor may see, in id order."""

    @abstractmethod
    def get(self, actor: Actor, check_id: ServerId) -> StoredCheck:
        """Raises NotFound, also if the actor may not see it."""


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
    """Transaction on checks and check-ins, with their alerts."""

    check_ins: CheckIns
    checks: Checks


class Queries(alerts.Queries):
    check_ins: CheckInQueries
    checks: CheckQueries
