"""Errors of accounts: ways in, second factors, tokens and limits."""

from monitor.domain.errors import Conflict, Forbidden, MonitorError, Unauthenticated, Unavailable


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


class _TooMany(MonitorError):
    """*what*: a `Quota`."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{limit} {what}")
        self.what = what
        self.limit = limit


class QuotaReached(_TooMany, Forbidden):
    """The caller has created as many as allowed."""

    reason = "quota_reached"


class UsernameTaken(Conflict):
    reason = "username_taken"


class IdentityTaken(Conflict):
    """The identity belongs to an account already, or the account has another one."""

    reason = "identity_taken"


class LastWayIn(Conflict):
    """Nobody could log in to the account any more."""

    reason = "last_way_in"


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


class TooManyAtOnce(_TooMany):
    """The caller runs as many at once as allowed."""

    reason = "too_many_at_once"
    retry_after = 10


class IssuerUnavailable(Unavailable):
    """The issuer of single sign-on does not answer, or not as it should."""

    reason = "issuer_unavailable"
