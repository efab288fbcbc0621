"""Everything the core can refuse to do. Adapters translate these; nothing else catches them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one field was refused: a code that a catalogue turns into a sentence, and the figures it mentions."""

    code: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


class MonitorError(Exception):
    """Base of every expected failure.

    *reason* is a stable slug that programs may react to.
    """

    reason = "error"


class InvalidInput(MonitorError):
    """One or more fields hold something that can't be accepted."""

    reason = "invalid_input"

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(f"{name}: {problem.code}" for name, problem in problems.items()))
        self.problems = dict(problems)


class Unauthenticated(MonitorError):
    """No credential, or one that is not, or no longer, good. *ended*: what ended the session, where that is known."""

    reason = "unauthenticated"

    def __init__(self, ended: str | None = None) -> None:
        super().__init__()
        self.ended = ended


class InvalidCredentials(Unauthenticated):
    reason = "invalid_credentials"


class InvalidApiKey(Unauthenticated):
    reason = "invalid_api_key"


class Forbidden(MonitorError):
    """The caller is known and may not do this."""

    reason = "forbidden"


class PasswordChangeRequired(Forbidden):
    """The account has the default password, or one set by somebody else: it opens nothing but "change password"."""

    reason = "password_change_required"


class ForeignAddress(Forbidden):
    """A server's own key was used with another server's address."""

    reason = "foreign_address"


class HostReports(Forbidden):
    """An unregistered host reports from this address: only administrators register it."""

    reason = "unregistered_host"


class QuotaReached(Forbidden):
    """The caller has made as many of *what* (see `Quota`) as one person may."""

    reason = "quota_reached"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{limit} {what}")
        self.what = what
        self.limit = limit


class NotFound(MonitorError):
    """Not there, or not the caller's to see: the two are told apart nowhere."""

    reason = "not_found"


class UnknownHost(NotFound):
    """A report from an address that no server has."""

    reason = "unknown_host"


class Conflict(MonitorError):
    reason = "conflict"


class UsernameTaken(Conflict):
    reason = "username_taken"


class AddressTaken(Conflict):
    reason = "ip_address_taken"


class ChannelExists(Conflict):
    """Another channel goes to the same place: everything would be told there twice."""

    reason = "channel_exists"


class PolicyExists(Conflict):
    """One policy for each metric and scope."""

    reason = "policy_exists"


class LastAdmin(Conflict):
    reason = "last_admin"


class OwnAccount(Conflict):
    """Nobody deletes themselves."""

    reason = "own_account"


class TooManyAttempts(MonitorError):
    """Raised with the whole seconds to wait before the next try."""

    reason = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class TooManyAtOnce(MonitorError):
    """The caller has as many of *what* (see `Quota`) going on as one person may."""

    reason = "too_many_at_once"
    retry_after = 10

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{limit} {what}")
        self.what = what
        self.limit = limit


class Unavailable(MonitorError):
    """Not now: the same request may succeed in *retry_after* seconds."""

    reason = "unavailable"
    retry_after = 2


class StorageUnavailable(Unavailable):
    """The database did not answer."""

    reason = "storage_unavailable"


class Overloaded(Unavailable):
    """The intake queue is full."""

    reason = "overloaded"


class TransactionConflict(Unavailable):
    """Two transactions met (deadlock, lock wait); the whole transaction may simply run again."""

    reason = "transaction_conflict"


class ConstraintViolated(MonitorError):
    """Storage refused a row that is already there, or whose parent is gone."""

    reason = "conflict"


class SecretUnreadable(Conflict):
    """A stored secret does not decrypt: another key, or a changed row."""

    reason = "secret_unreadable"
