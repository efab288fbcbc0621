"""Ports of checks and check-ins: storage, claims on checks that are due, a prober, and ticks of schedules."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from monitor.application.incidents import ports as incidents
from monitor.application.notifications.ports import NotifiedChecks
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.check_ins import CheckIn, NextDue, Ping
from monitor.domain.checks.checks import Check, CheckState, Result, StoredCheck
from monitor.domain.checks.kinds import CheckKind
from monitor.domain.checks.schedule import MISSED_AFTER
from monitor.domain.fleet.servers import ServerId


class Trial(NamedTuple):
    """A run that is not stored. *status*: of an HTTP answer. *matched*: what was found, by the expectation's name."""

    result: Result
    status: int | None = None
    matched: Mapping[str, str] = {}


class Prober(ABC):
    @abstractmethod
    def __call__(self, check: Check, now: datetime) -> Result:
        """Run *check* once and return the result, at the latest after its timeout.

        *now*: the time of the result. A failure is a failed result, never an exception.
        """

    def attempt(self, check: Check, now: datetime) -> Trial:
        """Run it in the same way, and return more of what was found."""
        return Trial(self(check, now))

    def verify(self, check: Check) -> None:  # noqa: B027 (an embedder's probe may well use all)
        """Raises InvalidInput for a pattern or certificates that no run could use."""


class Checks(ABC):
    """Checks in a unit of work. `Servers.delete` deletes them."""

    @abstractmethod
    def count(self) -> int:
        """Return how many there are. Units of work that call this run one after the other."""

    @abstractmethod
    def add(self, check: Check, ip_address: str, due_at: datetime) -> Check:
        """Store a new check with its row in `servers`, and return it with its id. *ip_address*: one that nobody has.

        Raises ConstraintViolated if its host is deleted.
        """

    @abstractmethod
    def get(self, check_id: ServerId) -> StoredCheck:
        """Return one, locked. Raises NotFound."""

    @abstractmethod
    def save(self, stored: StoredCheck) -> None:
        """Replace all but the time of creation, and end its lease. Raises NotFound."""

    @abstractmethod
    def claim(
        self, now: datetime, holder: str, *, most: int, most_failing: int, missed_after: timedelta = MISSED_AFTER
    ) -> list[StoredCheck]:
        """Lease due checks to *holder*, as `domain.checks.schedule.plan` chooses, and set their next run.

        *missed_after*: a run that is due for longer is left out, and one follows within a minute.

        The longest waiting come first. A check that is paused, or has a lease in force, is not due. Raises
        TransactionConflict if another claimed one meanwhile.
        """

    @abstractmethod
    def bring_forward(self, now: datetime) -> None:
        """Move runs that are too far ahead to the next minute: the clock was set back."""

    @abstractmethod
    def claim_one(self, check_id: ServerId, now: datetime, holder: str) -> bool:
        """Lease this check to *holder*, due or not, and set its next run. False if it has a lease. Raises NotFound."""

    @abstractmethod
    def record(self, results: Sequence[tuple[Check, Result]], holder: str) -> list[tuple[Check, Result]]:
        """Store results of checks that *holder* still leases, and end the leases.

        Return these results with the checks as they are now. A check that asks for something else by now gets none.
        """

    @abstractmethod
    def free(self, holder: str) -> None:
        """End the leases of *holder*."""

    @abstractmethod
    def reencrypt(self) -> None:
        """Encrypt anew what is stored under an older key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFilter:
    """*text*: in the name or the target, in any case. *down_first*: else in id order. *after*: the `place` of
    the last one of the previous page."""

    host_id: ServerId | None = None
    kind: CheckKind | None = None
    state: CheckState | None = None
    up: bool | None = None
    text: str | None = None
    down_first: bool = False
    after: Sequence[int] | None = None
    limit: int | None = None

    def place(self, stored: StoredCheck) -> tuple[int, int]:
        """Return what *after* says of a check."""
        is_down = stored.state is CheckState.DOWN
        return int(self.down_first and not is_down), stored.id


class CheckQueries(NotifiedChecks):
    @abstractmethod
    def find(self, actor: Actor, wanted: CheckFilter) -> list[StoredCheck]:
        """Return checks that the actor may see."""

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
    """Check-ins. Their ids, names and servers are those of their rows in `servers`."""

    @abstractmethod
    def add(self, check_in: CheckIn) -> None:
        """Store a new check-in whose row in `servers` exists already."""

    @abstractmethod
    def count(self) -> int:
        """Return how many there are. Units of work that call this run one after the other."""

    @abstractmethod
    def get(self, check_in_id: ServerId) -> CheckIn:
        """Return one, locked until the transaction ends. Raises NotFound."""

    @abstractmethod
    def get_many(self, ids: Collection[ServerId]) -> list[CheckIn]:
        """Return the existing ones in id order, locked."""

    @abstractmethod
    def by_keys(self, ping_keys: Collection[str]) -> dict[str, CheckIn]:
        """Return check-ins with these secrets, by secret, locked."""

    @abstractmethod
    def save(self, check_ins: Collection[CheckIn]) -> None:
        """Replace all but name, server and secret. Skips deleted ones."""

    @abstractmethod
    def rename(self, check_in: CheckIn) -> None:
        """Replace its name and server, which are part of the fleet. Raises NotFound."""

    @abstractmethod
    def note(self, pings: Sequence[tuple[ServerId, Ping]]) -> None:
        """Store pings. At least the last MAX_PINGS_KEPT of each check-in stay."""

    @abstractmethod
    def last_failure(self, check_in_id: ServerId) -> Ping | None:
        """Return the last kept ping that reported a failure."""


class CheckInQueries(ABC):
    """Reads for anybody: the directory decides who sees what."""

    @abstractmethod
    def of(self, ids: Collection[ServerId]) -> list[CheckIn]:
        """Return the existing ones, in id order."""

    @abstractmethod
    def ping_keys(self) -> list[str]:
        """Return all secrets."""

    @abstractmethod
    def pings(self, check_in_id: ServerId, *, before: int | None, limit: int) -> list[Ping]:
        """Return pings, the newest first. *before*: the last number of the page before."""

    @abstractmethod
    def overdue(self, now: datetime) -> dict[ServerId, datetime]:
        """Return overdue check-ins that are still UP, with their due time."""

    @abstractmethod
    def down(self) -> dict[ServerId, bool]:
        """Return check-ins that are DOWN or have a new failure; True if they have one."""


class UnitOfWork(incidents.UnitOfWork):
    """Transaction on checks and check-ins, with their alerts."""

    check_ins: CheckIns
    checks: Checks


class Queries(incidents.Queries):
    check_ins: CheckInQueries
    checks: CheckQueries
