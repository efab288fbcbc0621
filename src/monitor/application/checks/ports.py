"""What checks ask for: their storage, claims on those that are due, and a prober."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.application.alerts import ports as alerts
from monitor.application.notifications.ports import NotifiedChecks
from monitor.domain.accounts.actors import Actor
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


class UnitOfWork(alerts.UnitOfWork):
    """Transaction on checks, with their alerts."""

    checks: Checks


class Queries(alerts.Queries):
    checks: CheckQueries
