from datetime import datetime

from monitor.adapters.memory.state import Draft
from monitor.application.ports.sessions import Sessions
from monitor.domain.actors import SessionId, UserId
from monitor.domain.errors import ConstraintViolated
from monitor.domain.sessions import Session


class MemorySessions(Sessions):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.sessions
        self._users = draft.users

    def add(self, session: Session) -> None:
        if session.user_id not in self._users:
            raise ConstraintViolated("the user is gone")
        if session.id in self._rows:
            raise ConstraintViolated("a session with this id is stored already")
        self._rows[session.id] = session

    def get(self, session_id: SessionId) -> Session | None:
        return self._rows.get(session_id)

    def save(self, session: Session) -> None:
        if session.id in self._rows:  # one that was ended meanwhile stays ended
            self._rows[session.id] = session

    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        session = self._rows.get(session_id)
        if session is None or session.user_id != user_id:
            return False
        del self._rows[session_id]
        return True

    def delete_all(self, user_id: UserId) -> None:
        for session in [s for s in self._rows.values() if s.user_id == user_id]:
            del self._rows[session.id]

    def delete_expired(self, now: datetime) -> None:
        for session in [s for s in self._rows.values() if s.expires_at <= now]:
            del self._rows[session.id]
