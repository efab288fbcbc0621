"""Errors that the core expects. Adapters translate them for clients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field was refused: a code, which adapters turn into a sentence, and the values in that sentence."""

    code: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


class MonitorError(Exception):
    """Base of every expected error. *reason* is a stable name for programs."""

    reason = "error"


class InvalidInput(MonitorError):
    """One or more fields have values that can't be accepted."""

    reason = "invalid_input"

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(f"{name}: {problem.code}" for name, problem in problems.items()))
        self.problems = dict(problems)


class Unauthenticated(MonitorError):
    """There is no valid credential. *ended*: what ended the session, if known."""

    reason = "unauthenticated"

    def __init__(self, ended: str | None = None) -> None:
        super().__init__()
        self.ended = ended


class InvalidCredentials(Unauthenticated):
    reason = "invalid_credentials"


class CodeRequired(Unauthenticated):
    """The password is right, and the account asks for a code of its second factor besides."""

    reason = "code_required"


class InvalidCode(Unauthenticated):
    """The code of the second factor is wrong, too old, or was used before."""

    reason = "invalid_code"


class PasskeyRequired(Unauthenticated):
    """The account must use a second factor, and a passkey is the only one that it has."""

    reason = "passkey_required"


class InvalidPasskey(Unauthenticated):
    """The passkey is unknown, its signature is wrong, or it looks copied."""

    reason = "invalid_passkey"


class InvalidLink(Unauthenticated):
    """The link to log in is unknown, was used, or is too old."""

    reason = "invalid_link"


class SignOnFailed(Unauthenticated):
    """Single sign-on opened no session.

    *reason*: the slug that the screen explains. *why*: for the audit log, without anything secret.
    """

    reason = "failed"

    def __init__(self, reason: str = "failed", why: str = "") -> None:
        super().__init__()
        self.reason = reason
        self.why = why


class InvalidApiKey(Unauthenticated):
    reason = "invalid_api_key"


class Forbidden(MonitorError):
    """The caller is known and may not do this."""

    reason = "forbidden"


class PasswordChangeRequired(Forbidden):
    """The account must first change its password: it is the default one, or somebody else set it."""

    reason = "password_change_required"


class SecondFactorRequired(Forbidden):
    """The account must first set up a second factor."""

    reason = "second_factor_required"


class ReauthenticationRequired(Forbidden):
    """The user must prove again who they are: the last log-in of this session is too old for this change."""

    reason = "reauthentication_required"


class NotForTokens(Forbidden):
    """A personal token may not do this."""

    reason = "not_for_tokens"


class ReadOnlyToken(Forbidden):
    """A personal token that only reads may not change anything."""

    reason = "read_only_token"


class PasswordLoginDisabled(Forbidden):
    """This server takes single sign-on alone: neither passwords nor passkeys log in."""

    reason = "password_login_disabled"


class ForeignAddress(Forbidden):
    """A server's own key was used with another server's address."""

    reason = "foreign_address"


class HostReports(Forbidden):
    """An unregistered host reports from this address; only administrators may register it."""

    reason = "unregistered_host"


class TeamTag(Forbidden):
    """A team carries *tag*, so that only its members with write access, and administrators, may give it to a server."""

    reason = "team_tag"

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


class QuotaReached(Forbidden):
    """The caller has created as many of *what* (see `Quota`) as allowed."""

    reason = "quota_reached"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{limit} {what}")
        self.what = what
        self.limit = limit


class NotFound(MonitorError):
    """It does not exist, or the caller may not see it. No caller can tell which."""

    reason = "not_found"


class UnknownHost(NotFound):
    """A report from an address that no server has."""

    reason = "unknown_host"


class Conflict(MonitorError):
    reason = "conflict"


class UsernameTaken(Conflict):
    reason = "username_taken"


class TeamNameTaken(Conflict):
    reason = "team_name_taken"


class IdentityTaken(Conflict):
    """The identity belongs to an account already, or the account has another one."""

    reason = "identity_taken"


class LastWayIn(Conflict):
    """Nobody could log in to the account any more."""

    reason = "last_way_in"


class AddressTaken(Conflict):
    reason = "ip_address_taken"


class ChannelExists(Conflict):
    """Another channel has the same destination, which would get every message twice."""

    reason = "channel_exists"


class PolicyExists(Conflict):
    """The scope has a policy for this metric already."""

    reason = "policy_exists"


class SecondFactorOn(Conflict):
    """The account has an authenticator already, which must be turned off first."""

    reason = "second_factor_on"


class SecondFactorOff(Conflict):
    """The account has no authenticator, or did not begin to set one up."""

    reason = "second_factor_off"


class PasskeyExists(Conflict):
    """The passkey is registered already."""

    reason = "passkey_exists"


class PasskeysUnavailable(Conflict):
    """Browsers offer no passkeys at the address under which this server is reached."""

    reason = "passkeys_unavailable"


class LastAdmin(Conflict):
    reason = "last_admin"


class OwnAccount(Conflict):
    """Administrators can't delete their own account."""

    reason = "own_account"


class TooManyAttempts(MonitorError):
    """Too many wrong passwords. *retry_after*: whole seconds to wait before the next attempt."""

    reason = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class TooManyAtOnce(MonitorError):
    """The caller runs as many of *what* (see `Quota`) at once as allowed."""

    reason = "too_many_at_once"
    retry_after = 10

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{limit} {what}")
        self.what = what
        self.limit = limit


class Unavailable(MonitorError):
    """The same request may succeed in *retry_after* seconds."""

    reason = "unavailable"
    retry_after = 2


class StorageUnavailable(Unavailable):
    """The database did not answer."""

    reason = "storage_unavailable"


class HistoryUnavailable(Unavailable):
    """The archive of the history did not answer, or does not hold what it should. The database is not affected."""

    reason = "history_unavailable"
    retry_after = 10


class IssuerUnavailable(Unavailable):
    """The issuer of single sign-on does not answer, or not as it should."""

    reason = "issuer_unavailable"


class TransactionLost(StorageUnavailable):
    """The database was lost before the commit: nothing was kept, and the whole transaction may run again."""


class Overloaded(Unavailable):
    """The intake queue is full."""

    reason = "overloaded"


class TransactionConflict(Unavailable):
    """Two transactions conflict (deadlock, lock timeout). The whole transaction may run again."""

    reason = "transaction_conflict"


class ConstraintViolated(MonitorError):
    """The database refused a row that exists already, or whose parent is missing."""

    reason = "conflict"


class SecretUnreadable(Conflict):
    """A stored secret can't be decrypted: it has another key, or its row was changed."""

    reason = "secret_unreadable"
