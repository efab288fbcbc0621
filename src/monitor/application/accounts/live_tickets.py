"""Tickets for the live stream: an EventSource can't send a token in a header."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from monitor.application.accounts.credentials import AccessClaims
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.sessions import token_digest
from monitor.domain.errors import Unauthenticated

TICKET_TTL = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class LiveTicketOffice:
    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    secrets: Secrets

    @retried
    def issue(self, claims: AccessClaims) -> str:
        ticket = self.secrets.token()
        with self.new_uow() as uow:
            uow.live_tickets.add(token_digest(ticket), claims, self.clock.now() + TICKET_TTL)
            uow.commit()
        return ticket

    @retried
    def redeem(self, ticket: str) -> AccessClaims:
        """Good once and for 30 s. Raises Unauthenticated."""
        with self.new_uow() as uow:
            claims = uow.live_tickets.take(token_digest(ticket), self.clock.now())
            uow.commit()
        if claims is None:
            raise Unauthenticated
        return claims
