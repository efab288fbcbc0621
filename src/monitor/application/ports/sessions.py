from abc import ABC, abstractmethod
from datetime import datetime

from monitor.domain.actors import SessionId, UserId
from monitor.domain.sessions import Session


class Sessions(ABC):
    @abstractmethod
    def add(self, session: Session) -> None: ...

    @abstractmethod
    def get(self, session_id: SessionId) -> Session | None:
        """The session, expired or not; locked against other transactions' changes. None once it has ended."""

    @abstractmethod
    def save(self, session: Session) -> None: ...

    @abstractmethod
    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        """Whether that user had that session."""

    @abstractmethod
    def delete_all(self, user_id: UserId) -> None: ...

    @abstractmethod
    def delete_expired(self, now: datetime) -> None: ...
