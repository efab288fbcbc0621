"""Log-ins: who holds a session, how it is renewed, and what ends it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.application.accounts.credentials import (
    AccessClaims,
    AccessTokens,
    DeviceTokens,
    KnownDevice,
    PasswordHasher,
    RefreshTokens,
)
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.ports import Queries, UnitOfWork
from monitor.application.accounts.refusals import Refusals
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, SessionId, UserId
from monitor.domain.accounts.audit import ENDED_SESSIONS, PASSWORD_CHANGES, STOLEN_SESSIONS, AuditEntry, entry
from monitor.domain.accounts.sessions import ACCESS_TTL, DEVICE_TTL, REFRESH_TTL, Ended, Refresh, Session, token_digest
from monitor.domain.accounts.users import User, username_key
from monitor.domain.errors import InvalidCredentials, NotFound, Unauthenticated

NewUow = Callable[[], UnitOfWork]
MAX_USER_AGENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from."""

    address: str
    user_agent: str = ""
    device_tokens: Mapping[str, str] = field(default_factory=dict)
    """By the id of the user that each is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """*device_token* is None where the client is to keep the one it has."""

    user: User
    access_token: str
    refresh_token: str
    expires_at: datetime
    device_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    actor: Actor
    claims: AccessClaims
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class SessionIssuer:
    """Opens a session inside somebody else's unit of work."""

    clock: Clock
    secrets: Secrets
    tokens: AccessTokens
    refresh_tokens: RefreshTokens

    def open(self, uow: UnitOfWork, user: User, origin: Origin) -> LoggedIn:
        now, session_id = self.clock.now(), SessionId(self.secrets.token())
        token = self.refresh_tokens.first(session_id)
        session = Session(
            id=session_id,
            user_id=user.id,
            token_digest=token_digest(token),
            created_at=now,
            last_used_at=now,
            expires_at=now + REFRESH_TTL,
            user_agent=origin.user_agent[:MAX_USER_AGENT],
            address=origin.address,
        )
        uow.sessions.add(session)
        return self.renewed(user, session.id, token)

    def renewed(self, user: User, session_id: SessionId, refresh_token: str) -> LoggedIn:
        now = self.clock.now()
        claims = AccessClaims(
            user_id=user.id, session_id=session_id, token_version=user.token_version, expires_at=now + ACCESS_TTL
        )
        return LoggedIn(
            user=user,
            access_token=self.tokens.issue(claims, now),
            refresh_token=refresh_token,
            expires_at=claims.expires_at,
        )


@dataclass(frozen=True, slots=True)
class LogIn:
    new_uow: NewUow
    clock: Clock
    hasher: PasswordHasher
    issuer: SessionIssuer
    limits: LoginLimits
    devices: DeviceTokens
    refusals: Refusals

    def __call__(self, username: str, password: str, origin: Origin) -> LoggedIn:
        """Raises InvalidCredentials (the same for a wrong name and a wrong password), TooManyAttempts."""
        with self.new_uow() as uow:
            user = uow.users.by_username(username)
        device = self._known(user, origin)
        if device is None:
            attempt = self.limits.attempt(username_key(username), origin.address)
        else:
            attempt = self.limits.attempt_on_device(device)
        if not self.hasher.verify(password, user.password_hash if user else None) or user is None:
            self._note_failure(user, origin)
            raise InvalidCredentials
        device = device or KnownDevice(user_id=user.id, id=self.issuer.secrets.token())
        token = self.devices.issue(device, self.clock.now() + DEVICE_TTL)
        return replace(self._open(user, attempt, origin), device_token=token)

    def _known(self, user: User | None, origin: Origin) -> KnownDevice | None:
        if user is None:
            return None
        device = self.devices.read(origin.device_tokens.get(str(user.id), ""), self.clock.now())
        return device if device is not None and device.user_id == user.id else None

    @retried
    def _open(self, user: User, attempt: int, origin: Origin) -> LoggedIn:
        with self.new_uow() as uow:
            try:
                present = uow.users.get(user.id)
            except NotFound:
                raise InvalidCredentials from None
            if present.password_hash != user.password_hash:  # changed while we verified the old one
                raise InvalidCredentials
            uow.login_attempts.forgive(attempt)
            logged_in = self.issuer.open(uow, present, origin)
            actor = Actor(user_id=user.id, username=user.username, role=user.role, address=origin.address)
            uow.audit.add(entry(actor, self.clock.now(), "session.login", user.username))
            uow.commit()
        return logged_in

    def _note_failure(self, user: User | None, origin: Origin) -> None:
        """An unknown name is not stored: people type passwords there."""
        name, detail = (user.username, "") if user else ("", "unknown user")
        at, action = self.clock.now(), "session.login_failed"
        self.refusals.note(AuditEntry(at=at, action=action, target=name, detail=detail, address=origin.address))


@dataclass(frozen=True, slots=True)
class RefreshSession:
    new_uow: NewUow
    clock: Clock
    tokens: RefreshTokens
    issuer: SessionIssuer

    @retried
    def __call__(self, token: str) -> LoggedIn:
        """A new access token and a new refresh token: the same one for a call that is repeated soon.

        Raises Unauthenticated; any refresh token but the newest ends the session, since one of the two is stolen.
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
            try:
                user = uow.users.get(session.user_id)
            except NotFound:
                raise Unauthenticated from None
            match session.judge(digest, now):
                case Refresh.STOLEN:
                    uow.sessions.delete(session.id, user_id=user.id)
                    uow.audit.add(AuditEntry(at=now, action="session.refresh_reused", target=user.username))
                    uow.commit()
                    raise Unauthenticated(Ended.STOLEN)
                case Refresh.REPEAT:
                    return self.issuer.renewed(user, session.id, following)
                case Refresh.ROTATE:
                    uow.sessions.save(session.rotated(token_digest(following), now))
                    uow.commit()
                    return self.issuer.renewed(user, session.id, following)


@dataclass(frozen=True, slots=True)
class LogOut:
    """Ends every token of the user, everywhere."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets

    @retried
    def __call__(self, actor: Actor) -> None:
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
            uow.users.save(user.with_token_version(self.secrets.version()))
            uow.sessions.delete_all(actor.user_id)
            uow.audit.add(entry(actor, self.clock.now(), "session.logout", user.username))
            uow.commit()


@dataclass(frozen=True, slots=True)
class EndSession:
    """Ends one of the actor's own sessions. Raises NotFound."""

    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, session_id: SessionId) -> None:
        with self.new_uow() as uow:
            if not uow.sessions.delete(session_id, user_id=actor.user_id):
                raise NotFound
            uow.audit.add(entry(actor, self.clock.now(), "session.end", actor.username))
            uow.commit()


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Who a request comes from, checked against the database every time, so that an ended session ends at once."""

    queries: Queries
    clock: Clock
    tokens: AccessTokens
    default_password_opens_all: bool

    def __call__(self, access_token: str, address: str) -> Caller:
        """Raises Unauthenticated, which tells what ended the session."""
        try:
            return self.by_claims(self.tokens.read(access_token, self.clock.now()), address)
        except Unauthenticated:
            raise Unauthenticated(self._ended(self.tokens.read_of_any_age(access_token))) from None

    def _ended(self, claims: AccessClaims) -> Ended | None:
        """None where a session that lives may be renewed."""
        now, issued_at = self.clock.now(), claims.expires_at - ACCESS_TTL
        if self.queries.users.session_owner(claims.user_id, claims.session_id, now) is not None:
            return None
        # Who changes a password themselves gets a new session in the same second.
        happened_to = self.queries.users.happened_to
        if happened_to(claims.user_id, PASSWORD_CHANGES, issued_at + timedelta(seconds=1)):
            return Ended.PASSWORD
        if happened_to(claims.user_id, STOLEN_SESSIONS, issued_at):
            return Ended.STOLEN
        return Ended.ELSEWHERE if happened_to(claims.user_id, ENDED_SESSIONS, issued_at) else Ended.EXPIRED

    def no_longer_good(self, held: Collection[AccessClaims]) -> set[AccessClaims]:
        """Those of *held* whose session or token has ended."""
        now = self.clock.now()
        versions = self.queries.users.token_versions({claims.session_id for claims in held}, now)
        return {c for c in held if c.expires_at <= now or versions.get(c.session_id) != c.token_version}

    def by_claims(self, claims: AccessClaims, address: str) -> Caller:
        """Raises Unauthenticated."""
        now = self.clock.now()
        owner = self.queries.users.session_owner(UserId(claims.user_id), claims.session_id, now)
        if owner is None or owner.token_version != claims.token_version or claims.expires_at <= now:
            raise Unauthenticated
        actor = Actor(
            user_id=owner.user_id,
            username=owner.username,
            role=owner.role,
            session_id=claims.session_id,
            address=address,
        )
        return Caller(
            actor=actor,
            claims=claims,
            must_change_password=owner.has_temporary_password
            or (owner.has_default_password and not self.default_password_opens_all),
        )
