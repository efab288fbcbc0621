"""Sessions: open, renew and end them, and log out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.application.accounts.credentials import AccessClaims, AccessTokens, IdentityProvider, RefreshTokens
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, SessionId, UserId, fresh_until
from monitor.domain.accounts.audit import AuditEntry, entry
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.sessions import (
    ACCESS_TTL,
    MAX_SESSIONS,
    Ended,
    Refresh,
    Session,
    SignIn,
    expiry,
    is_let_in,
    token_digest,
)
from monitor.domain.accounts.users import User, must_change_password
from monitor.domain.errors import NotFound, Unauthenticated

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
        uow.sessions.keep_latest(user.id, MAX_SESSIONS - 1)  # before: the new one is never the one that goes
        uow.sessions.add(session)
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


@dataclass(frozen=True, slots=True)
class RefreshSession:
    new_uow: NewUow
    clock: Clock
    tokens: RefreshTokens
    issuer: SessionIssuer
    takes_passwords: bool

    @retried
    def __call__(self, token: str) -> LoggedIn:
        """Return a new access token and a new refresh token: the same one if the call is repeated soon.

        An older refresh token ends the session, since the token was stolen. Raises Unauthenticated.
        """
        now, digest = self.clock.now(), token_digest(token)
        session_id = self.tokens.session_of(token)
        if session_id is None:
            raise Unauthenticated
        following = self.tokens.following(token)
        with self.new_uow() as uow:
            session = uow.sessions.get(session_id)
            if session is None or session.expires_at <= now:
                raise Unauthenticated
            user = uow.users.find(session.user_id)
            if user is None or not self._counts(uow, session):
                raise Unauthenticated
            match session.judge(digest, now):
                case Refresh.STOLEN:
                    uow.sessions.delete(session.id, user_id=user.id)
                    uow.audit.add(AuditEntry(at=now, action="session.refresh_reused", target=user.username))
                    uow.commit()
                    raise Unauthenticated(Ended.STOLEN)
                case Refresh.REPEAT:
                    return self.issuer.renewed(uow, user, session, following)
                case Refresh.ROTATE:
                    uow.sessions.save(session.rotated(token_digest(following), now))
                    logged_in = self.issuer.renewed(uow, user, session, following)
                    uow.commit()
                    return logged_in

    def _counts(self, uow: UnitOfWork, session: Session) -> bool:
        return is_let_in(
            session.sign_in,
            session.authenticated_at,
            has_second_factor=uow.factors.of(session.user_id).is_any,
            takes_passwords=self.takes_passwords,
        )


@dataclass(frozen=True, slots=True)
class LogOut:
    """End all sessions and tokens of the user."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    provider: IdentityProvider

    def __call__(self, actor: Actor) -> str | None:
        """Return where the browser goes on, to end its session at the issuer too; None if there is none."""
        session = self._end(actor)
        if session is None or session.sign_in is not SignIn.SSO:
            return None
        return self.provider.log_out_address(session.id_token)

    @retried
    def _end(self, actor: Actor) -> Session | None:
        """Return the actor's own session, which has ended."""
        with self.new_uow() as uow:
            session = own_session(uow, actor)
            user = uow.users.get(actor.user_id)
            uow.users.save(replace(user, token_version=self.secrets.version()))
            uow.sessions.delete_all(actor.user_id)
            uow.audit.add(entry(actor, self.clock.now(), "session.logout", user.username))
            uow.commit()
        return session


@dataclass(frozen=True, slots=True)
class EndSessions:
    """End sessions. Several end but for the one that asks for it."""

    new_uow: NewUow
    clock: Clock

    @retried
    def one(self, actor: Actor, session_id: SessionId) -> None:
        """End one of the actor's own. Raises NotFound."""
        with self.new_uow() as uow:
            if not uow.sessions.delete(session_id, user_id=actor.user_id):
                raise NotFound
            uow.audit.add(entry(actor, self.clock.now(), "session.end", actor.username))
            uow.commit()

    @retried
    def of_actor(self, actor: Actor) -> None:
        with self.new_uow() as uow:
            self._end(uow, actor, actor.user_id, actor.username, "session.end_others")
            uow.commit()

    @retried
    def of_user(self, actor: Actor, user_id: UserId) -> None:
        """End the sessions of any user. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            user = uow.users.get(user_id)
            self._end(uow, actor, user.id, user.username, "session.end_all")
            uow.commit()

    def _end(self, uow: UnitOfWork, actor: Actor, user_id: UserId, username: str, action: str) -> None:
        ended = uow.sessions.delete_all(user_id, but=actor.session_id)
        uow.audit.add(entry(actor, self.clock.now(), action, username, f"{ended} sessions"))
