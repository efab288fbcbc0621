"""Sessions, challenges and live tickets in memory."""

from datetime import datetime

from monitor.adapters.memory.database import MemoryRepository
from monitor.adapters.memory.state import LiveTicket
from monitor.application.accounts.credentials import AccessClaims
from monitor.application.accounts.ports.sessions import Challenges, LiveTickets, Sessions
from monitor.domain.accounts.actors import SessionId, UserId
from monitor.domain.accounts.challenges import Challenge, Purpose
from monitor.domain.accounts.sessions import Session
from monitor.domain.errors import ConstraintViolated


class MemorySessions(MemoryRepository, Sessions):
    def add(self, session: Session) -> None:
        self._draft.check_user(session.user_id)
        if session.id in self._draft.sessions:
            raise ConstraintViolated("a session with this id is stored already")
        self._draft.sessions[session.id] = session

    def get(self, session_id: SessionId) -> Session | None:
        return self._draft.sessions.get(session_id)

    def save(self, session: Session) -> None:
        if session.id in self._draft.sessions:  # an ended session stays ended
            self._draft.sessions[session.id] = session

    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        session = self._draft.sessions.get(session_id)
        if session is None or session.user_id != user_id:
            return False
        del self._draft.sessions[session_id]
        return True

    def delete_all(self, user_id: UserId, *, but: SessionId | None = None) -> int:
        before = len(self._draft.sessions)
        self._draft.sessions.remove(lambda id_, session: session.user_id == user_id and id_ != but)
        return before - len(self._draft.sessions)

    def keep_latest(self, user_id: UserId, number: int) -> None:
        mine = [session for session in self._draft.sessions.values() if session.user_id == user_id]
        mine.sort(key=lambda session: (-session.last_used_at.timestamp(), session.id))
        for session in mine[number:]:
            del self._draft.sessions[session.id]

    def delete_expired(self, now: datetime) -> None:
        self._draft.sessions.remove(lambda _, session: session.expires_at <= now)


class MemoryChallenges(MemoryRepository, Challenges):
    def add(self, challenge: Challenge) -> None:
        self._draft.challenges[challenge.digest] = challenge

    def take(self, digest: bytes, purpose: Purpose, now: datetime) -> Challenge | None:
        challenge = self._draft.challenges.get(digest)
        if challenge is None or challenge.purpose is not purpose:
            return None
        del self._draft.challenges[digest]
        return challenge if now < challenge.expires_at else None

    def delete_expired(self, now: datetime) -> None:
        self._draft.challenges.remove(lambda _, challenge: challenge.expires_at <= now)


class MemoryLiveTickets(MemoryRepository, LiveTickets):
    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None:
        self._draft.live_tickets[digest] = LiveTicket(claims=claims, expires_at=expires_at)

    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        ticket = self._draft.live_tickets.pop(digest, None)
        return ticket.claims if ticket is not None and now < ticket.expires_at else None

    def delete_expired(self, now: datetime) -> None:
        self._draft.live_tickets.remove(lambda _, ticket: ticket.expires_at <= now)
