from abc import ABC, abstractmethod
from collections.abc import Collection

from monitor.domain.actors import UserId
from monitor.domain.users import User


class Users(ABC):
    @abstractmethod
    def add(self, user: User) -> User:
        """Store a new one and return it with its id. Raises UsernameTaken (compared by `username_key`)."""

    @abstractmethod
    def get(self, user_id: UserId) -> User:
        """The user, locked against other transactions' changes. Raises NotFound."""

    @abstractmethod
    def by_username(self, username: str) -> User | None:
        """Compared by `username_key`."""

    @abstractmethod
    def by_usernames(self, usernames: Collection[str]) -> list[User]:
        """Those that exist, compared by `username_key`, in no particular order."""

    @abstractmethod
    def save(self, user: User) -> None:
        """Replace the stored one. Raises NotFound."""

    @abstractmethod
    def delete(self, user_id: UserId) -> None:
        """With the links and sessions; keys stay, without their owner. Raises NotFound."""

    @abstractmethod
    def existing(self, user_ids: Collection[UserId]) -> set[UserId]:
        """Those of *user_ids* that exist."""

    @abstractmethod
    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        """Of those of *user_ids* that exist."""

    @abstractmethod
    def count(self) -> int: ...

    @abstractmethod
    def count_admins(self) -> int:
        """Locks the admins' rows: two transactions can't both take the last but one away."""
