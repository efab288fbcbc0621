"""Errors of accounts: ways in, second factors, tokens and limits."""

from monitor.domain.errors import Conflict, Forbidden, MonitorError, Unauthenticated, Unavailable


class InvalidCredentials(Unauthenticated, reason="invalid_credentials"):
    """The name or the password is wrong."""


class CodeRequired(Unauthenticated, reason="code_required"):
    """The password is right, but a code of the second factor is missing."""


class InvalidCode(Unauthenticated, reason="invalid_code"):
    """The code of the second factor is wrong, too old, or was used before."""


class PasskeyRequired(Unauthenticated, reason="passkey_required"):
    """The account must use a second factor, and a passkey is the only one that it has."""


class InvalidPasskey(Unauthenticated, reason="invalid_passkey"):
    """The passkey is unknown, its signature is wrong, or it looks copied."""


class InvalidLink(Unauthenticated, reason="invalid_link"):
    """The link to log in is unknown, was used, or is too old."""


class SignOnFailed(Unauthenticated, reason="failed"):
    """Single sign-on opened no session.

    *reason*: the slug that the screen explains. *why*: for the audit log, without anything secret.
    """

    def __init__(self, reason: str = "failed", why: str = "") -> None:
        super().__init__()
        self.reason = reason
        self.why = why


class PasswordChangeRequired(Forbidden, reason="password_change_required"):
    """The account must first change its password: it is the default one, or somebody else set it."""


class SecondFactorRequired(Forbidden, reason="second_factor_required"):
    """The account must first set up a second factor."""


class ReauthenticationRequired(Forbidden, reason="reauthentication_required"):
    """The user must prove again who they are: the last log-in of this session is too old for this change."""


class NotForTokens(Forbidden, reason="not_for_tokens"):
    """A personal token may not do this."""


class ReadOnlyToken(Forbidden, reason="read_only_token"):
    """A personal token that only reads may not change anything."""


class PasswordLoginDisabled(Forbidden, reason="password_login_disabled"):
    """This server takes single sign-on alone: neither passwords nor passkeys log in."""


class _TooMany(MonitorError):
    """*what*: a `Quota`."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{limit} {what}")
        self.what = what
        self.limit = limit


class QuotaReached(_TooMany, Forbidden, reason="quota_reached"):
    """The caller has created as many as allowed."""


class UsernameTaken(Conflict, reason="username_taken"):
    """Another account has this name, or one that compares equal."""


class IdentityTaken(Conflict, reason="identity_taken"):
    """The identity belongs to an account already, or the account has another one."""


class LastWayIn(Conflict, reason="last_way_in"):
    """Nobody could log in to the account any more."""


class SecondFactorOn(Conflict, reason="second_factor_on"):
    """The account has an authenticator already, which must be turned off first."""


class SecondFactorOff(Conflict, reason="second_factor_off"):
    """The account has no authenticator, or did not begin to set one up."""


class PasskeyExists(Conflict, reason="passkey_exists"):
    """The passkey is registered already."""


class PasskeysUnavailable(Conflict, reason="passkeys_unavailable"):
    """Browsers offer no passkeys at the address under which this server is reached."""


class LastAdmin(Conflict, reason="last_admin"):
    """No administrator would be left."""


class OwnAccount(Conflict, reason="own_account"):
    """Administrators can't delete their own account."""


class TooManyAttempts(MonitorError, reason="too_many_attempts"):
    """Too many wrong passwords. *retry_after*: whole seconds to wait before the next attempt."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class TooManyAtOnce(_TooMany, reason="too_many_at_once"):
    """The caller runs as many at once as allowed."""

    retry_after = 10


class IssuerUnavailable(Unavailable, reason="issuer_unavailable"):
    """The issuer of single sign-on does not answer, or not as it should."""
