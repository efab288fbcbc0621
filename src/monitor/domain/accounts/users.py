"""Users, and the rules for their names and passwords."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.audit import values_of
from monitor.domain.accounts.availability import MAX_ABSENCES, QuietHours, Span, check_period
from monitor.domain.accounts.sessions import SignIn
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.levels import Level
from monitor.domain.text import checked_email, checked_name

MAX_USERNAME = 50
MIN_PASSWORD = 8
MAX_PASSWORD = 128
LOCALES = ("zh-CN", "en")
DEFAULT_LOCALE = LOCALES[0]
UNKNOWN_LOCALE = Problem("not_one_of", {"choices": ", ".join(LOCALES)})
EXAMPLE_PASSWORDS = ("password123", "newpassword123")
"""Passwords that the documentation gives to users without administrator rights."""
DEFAULT_USERNAME = "admin"
DEFAULT_PASSWORD = "admin123"  # noqa: S105 - documented; in production it only lets itself be changed
_COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")
_COMMON_ENDINGS = "0123456789!?"
_OF_PRODUCT = re.compile(
    r"(?:(?:monitor(?:ing)?|servers?|alerts?|alarms?|agents?|admin|user|login|password|监控|服务器|告警)[-_. @]*)+"
)
"""Words that somebody would guess here first, one or more of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. A new *token_version* ends all older tokens at once, since every request checks it.

    *password_hash*: "" if it has no password. *locale*: the language of what is sent to them; None until they choose it
    or log in from a browser, and meanwhile it is the installation's.
    """

    username: str
    password_hash: str
    role: Role
    created_at: datetime
    token_version: int
    id: UserId = UserId(0)  # 0 until stored
    email: str | None = None
    locale: str | None = None
    alert_level: Level = Level.WARNING  # the lowest level of alerts that they get mails about
    has_default_password: bool = False
    has_common_password: bool = False
    has_temporary_password: bool = False  # somebody else set it
    quiet: QuietHours | None = None
    away: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "username", checked_name("username", self.username, longest=MAX_USERNAME))
        object.__setattr__(self, "email", checked_email(self.email))
        if self.locale is not None and self.locale not in LOCALES:
            raise InvalidInput({"locale": UNKNOWN_LOCALE})
        if len(self.away) > MAX_ABSENCES:
            raise InvalidInput({"away": Problem("too_many", {"limit": MAX_ABSENCES})})
        for place, span in enumerate(self.away):
            check_period(f"away.{place}.ends_at", *span)

    @property
    def has_password(self) -> bool:
        """Return False for an account that logs in elsewhere."""
        return self.password_hash != ""

    def with_password(
        self, password: str, password_hash: str, token_version: int, *, is_temporary: bool = False
    ) -> "User":
        return replace(
            self,
            password_hash=password_hash,
            token_version=token_version,
            has_default_password=False,
            has_common_password=is_common(password),
            has_temporary_password=is_temporary,
        )

    def audit_details(self) -> dict[str, object]:
        """Return the values that the audit log shows."""
        away = [f"{span.starts_at} - {span.ends_at}".replace("+00:00", "") for span in self.away]
        quiet = None if self.quiet is None else str(self.quiet)
        return values_of(self, "role", "email", "locale", "alert_level") | {"quiet": quiet, "away": away}


def locale_or_default(stored: object) -> str:
    """Return a stored default of the installation; for any other value the product's own."""
    return stored if isinstance(stored, str) and stored in LOCALES else DEFAULT_LOCALE


def must_change_password(
    *, is_default: bool, is_temporary: bool, allows_default: bool, sign_in: SignIn = SignIn.PASSWORD
) -> bool:
    """Return whether the account may do nothing before it changes its password.

    *allows_default*: the server accepts the default password, as on a loopback `monitor up`. *sign_in*: how the session
    was begun; who came by single sign-on or a link perhaps never had the password.
    """
    if sign_in in (SignIn.SSO, SignIn.LINK):
        return False
    return is_temporary or (is_default and not allows_default)


def username_key(username: str) -> str:
    """Return the form in which names are compared and unique: without case and Unicode compatibility variants."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())


def check_password(
    password: str, *, username: str, role: Role, field: str = "password", is_given: bool = False
) -> None:
    """Check the length, 8 to 128 characters, and that it is neither the user's name nor a common password.

    *is_given*: an administrator sets it, who may give users one of the documented examples. Raises InvalidInput that
    names *field*.
    """
    if len(password) < MIN_PASSWORD:
        problem = Problem("too_short", {"limit": MIN_PASSWORD})
    elif len(password) > MAX_PASSWORD:
        problem = Problem("too_long", {"limit": MAX_PASSWORD})
    elif not _is_encodable(password):
        problem = Problem("control_characters")
    elif username_key(password) == username_key(username):
        problem = Problem("password_is_username")
    elif is_common(password) and not (is_given and role is Role.USER and password in EXAMPLE_PASSWORDS):
        problem = Problem("common_password")
    else:
        return
    raise InvalidInput({field: problem})


def is_common(password: str) -> bool:
    """Return whether it is on the list, in any case, or would be without digits, "!" and "?" at its end.

    So is one that is made of the product's own words.

    Reading the list takes a millisecond each time. Passwords are set rarely, and keeping it would take a megabyte.
    """
    listed = _COMMON_PASSWORDS.read_text(encoding="ascii")
    folded = password.casefold()
    bare = folded.rstrip(_COMMON_ENDINGS)
    return any(f"\n{form}\n" in listed for form in (folded, bare)) or _OF_PRODUCT.fullmatch(bare) is not None


def _is_encodable(password: str) -> bool:
    """Return whether it has neither NUL, which hash functions refuse, nor lone surrogates, which have no encoding."""
    return "\0" not in password and not any(unicodedata.category(c) == "Cs" for c in password)
