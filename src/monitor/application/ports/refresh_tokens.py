from abc import ABC, abstractmethod

from monitor.domain.actors import SessionId


class RefreshTokens(ABC):
    """Each token of a session follows from the one before, for whoever knows the server's secret alone: a call that is
    repeated gets the same answer."""

    @abstractmethod
    def first(self, session_id: SessionId) -> str: ...

    @abstractmethod
    def following(self, token: str) -> str:
        """The one that replaces *token*, which is ours."""

    @abstractmethod
    def session_of(self, token: str) -> SessionId | None:
        """None for any token that is not ours and whole."""
