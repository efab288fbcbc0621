"""The check of every request: by its access token or personal token, or for a live stream by a ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.application.accounts.credential_ports import Owner, TokenOwner
from monitor.application.accounts.credentials import AccessClaims, AccessTokens
from monitor.application.accounts.personal_tokens import TokenUses
from monitor.application.accounts.ports import NewUow, Queries
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, SessionId
from monitor.domain.accounts.audit import ENDED_SESSIONS, PASSWORD_CHANGES, STOLEN_SESSIONS
from monitor.domain.accounts.errors import NotForTokens
from monitor.domain.accounts.personal_tokens import TokenScope, is_well_formed, looks_like_token
from monitor.domain.accounts.sessions import ACCESS_TTL, Ended, token_digest
from monitor.domain.accounts.users import must_change_password
from monitor.domain.errors import Unauthenticated

TICKET_TTL = timedelta(seconds=30)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When a token without an expiry expires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The user of a request, and the token that proves it.

    *takes_passwords*: false with single sign-on alone. *reads_only*: a personal token that may change nothing.
    """

    actor: Actor
    claims: AccessClaims
    must_change_password: bool
    must_set_up_second_factor: bool
    takes_passwords: bool
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Find the caller of a request. It asks the database every time, so that a session can end at once."""

    queries: Queries
    clock: Clock
    tokens: AccessTokens
    allows_default_password: bool
    takes_passwords: bool
    uses: TokenUses

    def __call__(self, access_token: str, address: str, is_wallboard: bool = False) -> Caller:
        """*is_wallboard*: what is asked for is what the link of a wallboard opens.

        Raises NotForTokens for such a link otherwise, and Unauthenticated, with what ended the session.
        """
        if looks_like_token(access_token):
            return self._by_token(access_token, address, is_wallboard)
        try:
            return self.by_claims(self.tokens.read(access_token, self.clock.now()), address)
        except Unauthenticated:
            raise Unauthenticated(self._ended(self.tokens.read_of_any_age(access_token))) from None

    def _ended(self, claims: AccessClaims) -> Ended | None:
        """Return what ended the session, or None if it is still open and can be renewed."""
        now, issued_at = self.clock.now(), claims.expires_at - ACCESS_TTL
        owner = self.queries.users.session_owner(claims.user_id, claims.session_id, now)
        if owner is not None:
            return None if owner.is_let_in(takes_passwords=self.takes_passwords) else Ended.EXPIRED
        # Users who change their own password get a new session within the same second.
        was_done_to = self.queries.users.was_done_to
        if was_done_to(claims.user_id, PASSWORD_CHANGES, issued_at + timedelta(seconds=1)):
            return Ended.PASSWORD
        if was_done_to(claims.user_id, STOLEN_SESSIONS, issued_at):
            return Ended.STOLEN
        return Ended.ELSEWHERE if was_done_to(claims.user_id, ENDED_SESSIONS, issued_at) else Ended.EXPIRED

    def ended(self, held: Collection[AccessClaims]) -> set[AccessClaims]:
        """Return the claims whose session or token has ended, or whose user must now set up a second factor."""
        now = self.clock.now()
        sessions = self.queries.users.session_owners({c.session_id for c in held if c.token_id is None}, now)
        tokens = self.queries.personal_tokens.owners({c.token_id for c in held if c.token_id is not None})

        def has_ended(claims: AccessClaims) -> bool:
            owner = sessions.get(claims.session_id) if claims.token_id is None else tokens.get(claims.token_id)
            return owner is None or not self._is_open(owner, claims, now) or owner.must_set_up_second_factor

        return {claims for claims in held if has_ended(claims)}

    def _is_open(self, owner: Owner, claims: AccessClaims, now: datetime) -> bool:
        """Return whether claims of a stored session or token count."""
        if owner.token_version != claims.token_version or claims.expires_at <= now:
            return False
        return owner.is_let_in(takes_passwords=self.takes_passwords)

    def by_claims(self, claims: AccessClaims, address: str) -> Caller:
        """Raises Unauthenticated."""
        if claims.token_id is not None:
            token_owner = self.queries.personal_tokens.owner(claims.token_id)
            if token_owner is None or token_owner.token_version != claims.token_version:
                raise Unauthenticated
            return self._with_token(token_owner, address)
        now = self.clock.now()
        owner = self.queries.users.session_owner(claims.user_id, claims.session_id, now)
        if owner is None or not self._is_open(owner, claims, now):
            raise Unauthenticated
        return self._caller(owner, claims, address, authenticated_at=owner.authenticated_at)

    def _by_token(self, text: str, address: str, is_wallboard: bool) -> Caller:
        owner = self.queries.personal_tokens.owner(token_digest(text)) if is_well_formed(text) else None
        if owner is None:
            raise Unauthenticated
        return self._with_token(owner, address, is_wallboard)

    def _with_token(self, owner: TokenOwner, address: str, is_wallboard: bool = False) -> Caller:
        expires_at = owner.expires_at or NEVER
        if expires_at <= self.clock.now():
            raise Unauthenticated(Ended.EXPIRED)
        if owner.scope is TokenScope.WALLBOARD and not is_wallboard:
            raise NotForTokens
        self.uses.note(owner.token_id, address)
        claims = AccessClaims(
            user_id=owner.user_id,
            session_id=SessionId(""),
            token_version=owner.token_version,
            expires_at=expires_at,
            token_id=owner.token_id,
        )
        return self._caller(owner, claims, address, reads_only=owner.scope is not TokenScope.WRITE)

    def _caller(
        self,
        owner: Owner,
        claims: AccessClaims,
        address: str,
        *,
        authenticated_at: datetime | None = None,
        reads_only: bool = False,
    ) -> Caller:
        actor = Actor(
            user_id=owner.user_id,
            username=owner.username,
            role=owner.role,
            session_id=claims.session_id or None,
            token_id=claims.token_id,
            authenticated_at=authenticated_at,
            address=address,
        )
        return Caller(
            actor=actor,
            claims=claims,
            reads_only=reads_only,
            must_change_password=must_change_password(
                is_default=owner.has_default_password,
                is_temporary=owner.has_temporary_password,
                allows_default=self.allows_default_password,
                sign_in=owner.sign_in,
            ),
            must_set_up_second_factor=owner.must_set_up_second_factor,
            takes_passwords=self.takes_passwords,
        )


@dataclass(frozen=True, slots=True)
class LiveTicketOffice:
    """Issue and redeem tickets for the live stream: an EventSource can't send a token in a header."""

    new_uow: NewUow
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
        """Return what the ticket stands for. It works once, within TICKET_TTL. Raises Unauthenticated."""
        with self.new_uow() as uow:
            claims = uow.live_tickets.take(token_digest(ticket), self.clock.now())
            uow.commit()
        if claims is None:
            raise Unauthenticated
        return claims
