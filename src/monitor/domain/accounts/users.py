"""People: names, roles, and what a password must be."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.common_passwords import is_common
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.levels import Level
from monitor.domain.text import checked_email, checked_name

MAX_USERNAME = 50
MIN_PASSWORD = 8
MAX_PASSWORD = 128
LOCALES = ("zh-CN", "en")
EXAMPLE_PASSWORDS = ("password123", "newpassword123")
"""In the documentation an administrator gives these to a plain user."""
DEFAULT_USERNAME = "admin"
DEFAULT_PASSWORD = "admin123"  # noqa: S105 - the documented first password; it opens only "change password" in production.


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """*token_version* is checked on every request: a new one ends every older token at once."""

    username: str
    password_hash: str
    role: Role
    created_at: datetime
    token_version: int
    id: UserId = UserId(0)  # 0 until stored
    email: str | None = None
    locale: str = "zh-CN"
    alert_level: Level = Level.WARNING  # they are mailed about alerts of this level and above
    has_default_password: bool = False
    has_common_password: bool = False
    has_temporary_password: bool = False  # somebody else set it: it opens nothing but "change password"

    def __post_init__(self) -> None:
        object.__setattr__(self, "username", checked_name("username", self.username, longest=MAX_USERNAME))
        object.__setattr__(self, "email", checked_email(self.email))
        if self.locale not in LOCALES:
            raise InvalidInput({"locale": Problem("not_one_of", {"choices": ", ".join(LOCALES)})})

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

    def with_token_version(self, token_version: int) -> "User":
        return replace(self, token_version=token_version)

    def with_role(self, role: Role, token_version: int) -> "User":
        return self if role is self.role else replace(self, role=role, token_version=token_version)

    def told(self) -> dict[str, object]:
        """What the audit log may say of it."""
        return {
            "role": str(self.role),
            "email": self.email,
            "locale": self.locale,
            "alert_level": self.alert_level.name.lower(),
        }


def username_key(username: str) -> str:
    """What must be unique: user names are compared without regard to case or to Unicode look-alike forms."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())


def check_password(
    password: str, *, username: str, role: Role, field: str = "password", is_given: bool = False
) -> None:
    """Raises InvalidInput naming *field*: 8 to 128 characters, not the user's name, not a common one.

    *is_given*: by an administrator, who may give a plain user one of the documented examples.
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


def _is_encodable(password: str) -> bool:
    """No NUL, which hash functions refuse, and no lone surrogate, which no encoding has."""
    return "\0" not in password and not any(unicodedata.category(c) == "Cs" for c in password)
