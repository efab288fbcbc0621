"""Personal tokens: with one, a script may do what its owner may, or only read it. One is a wallboard's link."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.accounts.actors import PersonalTokenId, UserId
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import checked_name

MAX_TOKEN_NAME = 100
MAX_YEARS = 10
LONGEST_LIFE = timedelta(days=365 * MAX_YEARS + 3)
"""With at most three leap days: ten years from today in any calendar."""
TOKEN_PREFIX = "mon_"  # noqa: S105  # not a token, but how each begins
_SHOWN = 8
_NOT_STORED = PersonalTokenId(0)
_TEXT = re.compile(r"mon_[A-Za-z0-9_-]{32,128}", re.ASCII)


class TokenScope(StrEnum):
    """What a token may do: READ is GET alone, WALLBOARD opens the wallboard and nothing else."""

    READ = "read"
    WRITE = "write"
    WALLBOARD = "wallboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUse:
    """The newest use of a token: when, and from which address."""

    at: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalToken:
    """Token of a user, stored as its SHA-256 digest. *expires_at*: None if it never does."""

    user_id: UserId
    name: str
    scope: TokenScope
    digest: bytes
    prefix: str
    created_at: datetime
    id: PersonalTokenId = _NOT_STORED
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    last_address: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_TOKEN_NAME))

    def used(self, use: TokenUse) -> "PersonalToken":
        """Return the token with its newest use, which may be one that is known already."""
        if self.last_used_at is not None and use.at <= self.last_used_at:
            return self
        return replace(self, last_used_at=use.at, last_address=use.address)


def token_text(secret: str) -> str:
    """Return the text of a new token. *secret*: at least 32 random characters."""
    return TOKEN_PREFIX + secret


def looks_like_token(text: str) -> bool:
    """Return whether *text* is to be looked for among the personal tokens: access tokens begin otherwise."""
    return text.startswith(TOKEN_PREFIX)


def is_well_formed(text: str) -> bool:
    """Return whether *text* can be a personal token at all."""
    return _TEXT.fullmatch(text) is not None


def shown_prefix(text: str) -> str:
    """Return the start of a token: enough to recognise it in a list, too little to use it."""
    return text[: len(TOKEN_PREFIX) + _SHOWN]


def check_expiry(expires_at: datetime | None, now: datetime) -> None:
    """Raises InvalidInput unless a new token expires in the future and within MAX_YEARS, or never."""
    if expires_at is None:
        return
    if expires_at <= now:
        raise InvalidInput({"expires_at": Problem("not_in_future")})
    if expires_at > now + LONGEST_LIFE:
        raise InvalidInput({"expires_at": Problem("too_far", {"years": MAX_YEARS})})
