"""Identities: who somebody is at the issuer of single sign-on, and what follows from it for their account."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.users import MAX_USERNAME
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import checked_email, has_control_characters, has_invisible_characters

MAX_SUBJECT = 255
MAX_SHOWN = 255
_FALLBACK_NAME = "user"
_LONGEST_PATH = 2_000
_KEPT_IN_PATHS = "/?#[]@!$&'()*+,;=:%~-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the issuer says about a person. *username*, *email*: "" if it does not say.

    Only issuer and subject say who it is. Everything else may be changed by the person or be another's tomorrow.
    """

    issuer: str
    subject: str
    username: str = ""
    email: str = ""
    email_verified: bool = False
    groups: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        # MySQL ignores spaces at the end when it compares, so that two such subjects would be one.
        subject = self.subject
        if not subject or subject != subject.strip() or has_control_characters(subject) or len(subject) > MAX_SUBJECT:
            raise InvalidInput({"subject": Problem("invalid_choice")})

    @property
    def own_email(self) -> str | None:
        """The address, if it is verified and valid."""
        try:
            return checked_email(self.email) if self.email_verified else None
        except InvalidInput:
            return None

    @property
    def own_name(self) -> str:
        """A valid user name that resembles theirs."""
        return _visible(self.username).strip()[:MAX_USERNAME].strip() or _FALLBACK_NAME

    @property
    def shown_name(self) -> str:
        """What the account's owner sees of it: the user name there, or else the e-mail address."""
        return (_visible(self.username) or _visible(self.email) or self.subject)[:MAX_SHOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedIdentity:
    """An identity that opens an account. *username*, *email*: as of the last use, only shown."""

    issuer: str
    subject: str
    user_id: UserId
    username: str
    email: str | None
    created_at: datetime
    last_used_at: datetime
    id: int = 0  # 0 until stored

    @classmethod
    def of(cls, identity: Identity, user_id: UserId, at: datetime) -> "JoinedIdentity":
        return cls(
            issuer=identity.issuer,
            subject=identity.subject,
            user_id=user_id,
            username=identity.shown_name,
            email=identity.own_email,
            created_at=at,
            last_used_at=at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnRules:
    """What the operator decided. *admin_groups*: empty if groups decide nothing about roles."""

    creates_users: bool = True
    admin_groups: frozenset[str] = frozenset()

    def role(self, groups: Collection[str]) -> Role | None:
        """Return the role that the groups give; None if they decide nothing."""
        if not self.admin_groups:
            return None
        return Role.USER if self.admin_groups.isdisjoint(groups) else Role.ADMIN


def _visible(text: str) -> str:
    """Return *text* without invisible characters. Some, such as lone surrogates, cannot be stored."""
    return "".join(c for c in text if not has_invisible_characters(c))


def numbered(name: str, number: int) -> str:
    """Return NAME, NAME-2, NAME-3 …, cut to the length of a user name."""
    if number == 1:
        return name
    ending = f"-{number}"
    return name[: MAX_USERNAME - len(ending)].strip() + ending


def own_path(text: str) -> str:
    """Return *text* if it is the path of a page of ours, else "/".

    Browsers take `//host`, `/\\host` and, since they drop tabs and line ends, `/<tab>/host` for another host.
    """
    is_own = text.startswith("/") and not text.startswith(("//", "/api/"))
    if not is_own or "\\" in text or has_control_characters(text) or len(text) > _LONGEST_PATH:
        return "/"
    return quote(text, safe=_KEPT_IN_PATHS)
