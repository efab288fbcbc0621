"""Mails to people about changes of their own account, so that a change by somebody else is noticed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.domain.accounts.actors import UserId


class AccountEvent(StrEnum):
    """What changed in an account."""

    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # not a password, but the word for its change
    PASSWORD_RESET = "password_reset"  # noqa: S105  # not a password, but the word for a new one
    EMAIL_CHANGED = "email_changed"
    TOTP_ON = "totp_on"
    TOTP_OFF = "totp_off"
    FACTORS_RESET = "factors_reset"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_CLONED = "passkey_cloned"
    SSO_JOINED = "sso_joined"
    SSO_PARTED = "sso_parted"
    TOKEN_CREATED = "token_created"  # noqa: S105  # not a token, but the word for its creation
    LOGIN_LINK = "login_link"
    ON_CALL_SOON = "on_call_soon"
    HANDED_OVER = "handed_over"
    STORING_FAILS = "storing_fails"
    STORING_WORKS = "storing_works"
    BACKUP_OVERDUE = "backup_overdue"


ABOUT_THE_SERVER = (AccountEvent.STORING_FAILS, AccountEvent.STORING_WORKS, AccountEvent.BACKUP_OVERDUE)
"""Sent to administrators, and not about their accounts."""
ABOUT_TURNS = (AccountEvent.ON_CALL_SOON, AccountEvent.HANDED_OVER)
"""Sent to the person who comes on call, and to the one before, by a way of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMail:
    """One mail that is to be sent.

    *email*: of the owner at the time of the change; "": none, so it goes by another way. *name*: of the passkey or
    token, or the new e-mail address. *changed_by*, *address*: who made the change and from where. Of what is about the
    server, *name* is the error, and *address* its machine. Of what is about turns on call, *name* is the rota,
    *changed_by* who comes on call, *at* when, and *address* what is open.
    """

    user_id: UserId
    username: str
    email: str
    locale: str
    event: AccountEvent
    name: str
    changed_by: str
    address: str
    at: datetime
    id: int = 0  # 0 until stored
    attempts: int = 0
    not_before: datetime | None = None  # None: at once
    last_error: str = ""
