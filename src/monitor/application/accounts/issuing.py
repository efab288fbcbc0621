"""Open and renew sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.application.accounts.credentials import AccessClaims, AccessTokens, RefreshTokens
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.domain.accounts.actors import Actor, SessionId, fresh_until
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.sessions import ACCESS_TTL, MAX_SESSIONS, Session, SignIn, expiry, token_digest
from monitor.domain.accounts.users import User, must_change_password

MAX_USER_AGENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from. *locale*: the language that the browser asked for; None if there is none of ours."""

    address: str
    user_agent: str = ""
    locale: str | None = None
    device_tokens: Mapping[str, str] = field(default_factory=dict)
    """By user id."""


def as_actor(user: User, origin: Origin) -> Actor:
    """Return the actor of a log-in from *origin*."""
    return Actor(user_id=user.id, username=user.username, role=user.role, address=origin.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """New tokens of a session. *device_token* None: the client keeps the one it has.

    *takes_passwords*: false with single sign-on alone. *fresh_until*: until then the proof of who the user is counts as
    fresh; None if it does not.
    """

    user: User
    access_token: str
    refresh_token: str
    expires_at: datetime
    must_change_password: bool
    must_set_up_second_factor: bool
    takes_passwords: bool
    factors: OwnFactors
    fresh_until: datetime | None
    device_token: str | None = None


@dataclass(frozen=True, slots=True)
class SessionIssuer:
    """Open and renew sessions, in the caller's unit of work."""

    clock: Clock
    secrets: Secrets
    tokens: AccessTokens
    refresh_tokens: RefreshTokens
    allows_default_password: bool
    takes_passwords: bool

    def log_in(
        self,
        uow: UnitOfWork,
        user: User,
        origin: Origin,
        sign_in: SignIn,
        *,
        proved_at: datetime | None = None,
        id_token: str | None = None,
    ) -> LoggedIn:
        """Open a session of the user, who proved who they are *proved_at* (None: just now), and note it.

        If their language is not known yet, it is the browser's.
        """
        now = self.clock.now()
        if user.locale is None and origin.locale is not None:
            user = replace(user, locale=origin.locale)
            uow.users.save(user)
        detail = "" if sign_in is SignIn.PASSWORD else sign_in.value
        uow.audit.add(entry(as_actor(user, origin), now, "session.login", user.username, detail))
        return self._open(uow, user, origin, sign_in, now, min(proved_at or now, now), id_token)

    def replace(self, uow: UnitOfWork, user: User, origin: Origin, session: Session | None) -> LoggedIn:
        """End all sessions of the user, and open one in the place of *session*: no younger, no better proved."""
        uow.sessions.delete_all(user.id)
        now = self.clock.now()
        if session is None:
            return self._open(uow, user, origin, SignIn.PASSWORD, now, now)
        old = session
        return self._open(uow, user, origin, old.sign_in, old.created_at, old.authenticated_at, old.id_token)

    def _open(
        self,
        uow: UnitOfWork,
        user: User,
        origin: Origin,
        sign_in: SignIn,
        created_at: datetime,
        authenticated_at: datetime | None,
        id_token: str | None = None,
    ) -> LoggedIn:
        now, session_id = self.clock.now(), SessionId(self.secrets.token())
        token = self.refresh_tokens.first(session_id)
        session = Session(
            id=session_id,
            user_id=user.id,
            token_digest=token_digest(token),
            created_at=created_at,
            last_used_at=now,
            expires_at=expiry(sign_in, created_at, now),
            authenticated_at=authenticated_at,
            sign_in=sign_in,
            user_agent=origin.user_agent[:MAX_USER_AGENT],
            address=origin.address,
            id_token=id_token,
        )
        uow.sessions.add(session)
        uow.sessions.keep_latest(user.id, MAX_SESSIONS)
        return self.renewed(uow, user, session, token)

    def renewed(self, uow: UnitOfWork, user: User, session: Session, refresh_token: str) -> LoggedIn:
        now, factors = self.clock.now(), uow.factors.of(user.id)
        claims = AccessClaims(
            user_id=user.id, session_id=session.id, token_version=user.token_version, expires_at=now + ACCESS_TTL
        )
        must_set_up = uow.factors.policy().locks_out(user.role, session.sign_in, has_factor=factors.is_any)
        return LoggedIn(
            user=user,
            access_token=self.tokens.issue(claims, now),
            refresh_token=refresh_token,
            expires_at=claims.expires_at,
            must_change_password=must_change_password(
                is_default=user.has_default_password,
                is_temporary=user.has_temporary_password,
                allows_default=self.allows_default_password,
                sign_in=session.sign_in,
            ),
            must_set_up_second_factor=must_set_up,
            takes_passwords=self.takes_passwords,
            factors=factors,
            fresh_until=fresh_until(session.authenticated_at, now),
        )


def own_session(uow: UnitOfWork, actor: Actor) -> Session | None:
    """Return the actor's session; None if it has ended, or on the command line."""
    return None if actor.session_id is None else uow.sessions.get(actor.session_id)
