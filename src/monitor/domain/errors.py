"""Errors that the core expects. Adapters translate them for clients.

`accounts.errors` and `fleet.errors` have those of one concept.
"""

from collections.abc import Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field was refused: a code, which adapters turn into a sentence, and the values in that sentence."""

    code: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


class MonitorError(Exception):
    """Base of every expected error. *reason* is a stable name for programs."""

    reason = "error"

    def __init_subclass__(cls, reason: str = "") -> None:
        cls.reason = reason or cls.reason


class InvalidInput(MonitorError, reason="invalid_input"):
    """One or more fields have values that can't be accepted."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(f"{name}: {problem.code}" for name, problem in problems.items()))
        self.problems = dict(problems)


@contextmanager
def gathered(problems: dict[str, Problem]) -> Iterator[None]:
    """Add what is refused within to *problems*, so that all of it is said at once."""
    try:
        yield
    except InvalidInput as error:
        problems.update(error.problems)


@contextmanager
def within(place: str) -> Iterator[None]:
    """Have what is refused name its place: "from" within "hours.0" is "hours.0.from"."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput({f"{place}.{name}": problem for name, problem in error.problems.items()}) from None


def check_range(field: str, value: int, low: int, high: int) -> None:
    """Raises InvalidInput."""
    if not low <= value <= high:
        raise InvalidInput({field: Problem("out_of_range", {"low": low, "high": high})})


def check_list(field: str, items: Sized, most: int, least: int = 0) -> None:
    """Raises InvalidInput."""
    if len(items) < least:
        raise InvalidInput({field: Problem("empty")})
    if len(items) > most:
        raise InvalidInput({field: Problem("too_many", {"limit": most})})


class RefusedTime(InvalidInput):
    """The time of a sample can't be accepted: *reason* is why. One that is in the future may be sent again later."""

    def __init__(self, at: datetime, reason: str) -> None:
        super().__init__({"recorded_at": Problem(reason)})
        self.at = at
        self.reason = reason


class Unauthenticated(MonitorError, reason="unauthenticated"):
    """There is no valid credential. *ended*: what ended the session, if known."""

    def __init__(self, ended: str | None = None) -> None:
        super().__init__()
        self.ended = ended


class Forbidden(MonitorError, reason="forbidden"):
    """The caller is known and may not do this."""


class NotFound(MonitorError, reason="not_found"):
    """The thing does not exist, or the caller may not see it. The caller cannot tell which."""


class Conflict(MonitorError, reason="conflict"):
    """What is asked for does not go together with what is stored."""


class NotBegun(Conflict, reason="not_begun"):
    """A silence that has not begun cannot be ended, only deleted."""


class ChannelExists(Conflict, reason="channel_exists"):
    """Another channel has the same destination, which would get every message twice."""


class PolicyExists(Conflict, reason="policy_exists"):
    """The scope has a policy for this metric already."""


class Unavailable(MonitorError, reason="unavailable"):
    """The same request may succeed in *retry_after* seconds."""

    retry_after = 2


class StorageUnavailable(Unavailable, reason="storage_unavailable"):
    """The database did not answer."""


class HistoryUnavailable(Unavailable, reason="history_unavailable"):
    """The archive of the history did not answer, or does not hold what it should. The database is not affected."""

    retry_after = 10


class TransactionLost(StorageUnavailable):
    """The database was lost before the commit: nothing was kept, and the whole transaction may run again."""


class Overloaded(Unavailable, reason="overloaded"):
    """The intake queue is full."""


class TransactionConflict(Unavailable, reason="transaction_conflict"):
    """Two transactions conflict (deadlock, lock timeout). The whole transaction may run again."""


class ConstraintViolated(MonitorError, reason="conflict"):
    """The database refused a row that exists already, or whose parent is missing."""


class SecretUnreadable(Conflict, reason="secret_unreadable"):
    """A stored secret can't be decrypted: it has another key, or its row was changed."""
