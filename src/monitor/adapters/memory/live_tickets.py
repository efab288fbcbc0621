from datetime import datetime

from monitor.adapters.memory.state import Draft, LiveTicket
from monitor.application.ports.access_tokens import AccessClaims
from monitor.application.ports.live_tickets import LiveTickets


class MemoryLiveTickets(LiveTickets):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.live_tickets

    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None:
        self._rows[digest] = LiveTicket(claims=claims, expires_at=expires_at)

    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        ticket = self._rows.pop(digest, None)
        return ticket.claims if ticket is not None and now < ticket.expires_at else None

    def delete_expired(self, now: datetime) -> None:
        for digest in [digest for digest, ticket in self._rows.items() if ticket.expires_at <= now]:
            del self._rows[digest]
