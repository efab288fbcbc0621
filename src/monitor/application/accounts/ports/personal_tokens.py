"""Ports of personal tokens."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.application.accounts.ports.users import Owner
from monitor.domain.accounts.actors import Actor, PersonalTokenId, UserId
from monitor.domain.accounts.personal_tokens import PersonalToken, TokenScope, TokenUse


class PersonalTokens(ABC):
    @abstractmethod
    def add(self, token: PersonalToken) -> PersonalToken:
        """Store a new token and return it with its id. Raises ConstraintViolated if its user was deleted."""

    @abstractmethod
    def get(self, token_id: PersonalTokenId, *, user_id: UserId) -> PersonalToken:
        """Return the token, locked until the transaction ends. Raises NotFound unless it is that user's."""

    @abstractmethod
    def delete(self, token_id: PersonalTokenId) -> None:
        """Delete the token. Ignores an unknown one."""

    @abstractmethod
    def save_uses(self, uses: Mapping[PersonalTokenId, TokenUse]) -> None:
        """Store the newest uses. Ignores unknown tokens, and uses older than a stored one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOwner(Owner):
    """The user of a personal token, which may have expired."""

    token_id: PersonalTokenId
    scope: TokenScope
    expires_at: datetime | None


class PersonalTokenQueries(ABC):
    @abstractmethod
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[PersonalToken]:
        """Return the actor's own tokens by id; *after*: the last id of the previous page."""

    @abstractmethod
    def owner(self, wanted: bytes | PersonalTokenId) -> TokenOwner | None:
        """Return the owner of the token with that digest or id; None if there is no such token."""

    @abstractmethod
    def owners(self, token_ids: Collection[PersonalTokenId]) -> dict[PersonalTokenId, TokenOwner]:
        """Return the owner of each token that exists."""
