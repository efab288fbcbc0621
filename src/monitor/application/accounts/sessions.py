"""Sessions: log in, renew, log out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.application.accounts.credentials import (
    AccessClaims,
    AccessTokens,
    DeviceTokens,
    KnownDevice,
    PasswordHasher,
    RefreshTokens,
)
from monitor.application.accounts.identity_provider import NO_PROVIDER, IdentityProvider
from monitor.application.accounts.limits import LoginLimits, Refusals
from monitor.application.accounts.ports.unit_of_work import UnitOfWork
from monitor.application.accounts.proving import WRONG_CODE, WRONG_PASSWORD, CheckCode
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, SessionId, UserId, fresh_until
from monitor.domain.accounts.audit import AuditEntry, entry
from monitor.domain.accounts.errors import (
    CodeRequired,
    InvalidCode,
    InvalidCredentials,
    PasskeyRequired,
    PasswordLoginDisabled,
)
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.sessions import (
    ACCESS_TTL,
    DEVICE_TTL,
    MAX_SESSIONS,
    Ended,
    Refresh,
    Session,
    SignIn,
    expiry,
    token_digest,
)
from monitor.domain.accounts.users import User, must_change_password, username_key
from monitor.domain.errors import NotFound, Unauthenticated

NewUow = Callable[[], UnitOfWork]
MAX_USER_AGENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from."""

    address: str
    user_agent: str = ""
    device_tokens: Mapping[str, str] = field(default_factory=dict)
    """By user id."""


def as_actor(user: User, origin: Origin) -> Actor:
    """Return the actor of a log-in from *origin*."""
    return Actor(user_id=user.id, username=user.username, role=user.role, address=origin.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """New tokens of a session. *device_token* None: the client keeps the one it has.

    *fresh_until*: until then the proof of who the user is counts as fresh; None if it does not.
    """

    user: User
    access_token: str
    refresh_token: str
    expires_at: datetime
    must_change_password: bool
    must_set_up_second_factor: bool
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

    def open(
        self,
        uow: UnitOfWork,
        user: User,
        origin: Origin,
        sign_in: SignIn = SignIn.PASSWORD,
        *,
        proved_at: datetime | None = None,
        id_token: str | None = None,
    ) -> LoggedIn:
        """Open a session of the user, who proved who they are *proved_at* (None: just now)."""
        now, session_id = self.clock.now(), SessionId(self.secrets.token())
        token = self.refresh_tokens.first(session_id)
        session = Session(
            id=session_id,
            user_id=user.id,
            token_digest=token_digest(token),
            created_at=now,
            last_used_at=now,
            expires_at=expiry(sign_in, now, now),
            authenticated_at=min(proved_at or now, now),
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
            factors=factors,
            fresh_until=fresh_until(session.authenticated_at, now),
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
    check_code: CheckCode
    takes_passwords: bool = True

    def __call__(self, username: str, password: str, origin: Origin, code: str | None = None) -> LoggedIn:
        """Look at the *code* only if the password is right, so that nothing else tells whether an account asks for one.

        Raises PasswordLoginDisabled, InvalidCredentials (the same for a wrong name and a wrong password), CodeRequired,
        InvalidCode, PasskeyRequired, TooManyAttempts.
        """
        if not self.takes_passwords:
            raise PasswordLoginDisabled
        with self.new_uow() as uow:
            user = uow.users.by_username(username)
        device = self._known(user, origin)
        if device is None:
            attempt = self.limits.attempt(username_key(username), origin.address)
        else:
            attempt = self.limits.attempt_on_device(device)
        if not self.hasher.verify(password, user.password_hash if user else None) or user is None:
            self._note_failure(user, origin, WRONG_PASSWORD)
            raise InvalidCredentials
        try:
            logged_in = self._open(user, attempt, origin, code)
        except InvalidCode:
            self._note_failure(user, origin, WRONG_CODE)
            raise
        device = device or KnownDevice(user_id=user.id, id=self.issuer.secrets.token())
        token = self.devices.issue(device, self.clock.now() + DEVICE_TTL)
        return replace(logged_in, device_token=token)

    def _known(self, user: User | None, origin: Origin) -> KnownDevice | None:
        if user is None:
            return None
        device = self.devices.read(origin.device_tokens.get(str(user.id), ""), self.clock.now())
        return device if device is not None and device.user_id == user.id else None

    @retried
    def _open(self, user: User, attempt: int, origin: Origin, code: str | None) -> LoggedIn:
        actor = as_actor(user, origin)
        with self.new_uow() as uow:
            try:
                present = uow.users.get(user.id)
            except NotFound:
                raise InvalidCredentials from None
            if present.password_hash != user.password_hash:  # changed during the verification
                raise InvalidCredentials
            uow.login_attempts.forgive(attempt)
            try:
                self.check_code.at_password(uow, present, code, actor)
            except (CodeRequired, PasskeyRequired):
                uow.commit()  # the password was right: no failure
                raise
            logged_in = self.issuer.open(uow, present, origin)
            uow.audit.add(entry(actor, self.clock.now(), "session.login", user.username))
            uow.commit()
        return logged_in

    def _note_failure(self, user: User | None, origin: Origin, detail: str) -> None:
        """Note the failure, without an unknown name: people type passwords in its place."""
        name, detail = (user.username, detail) if user else ("", "unknown user")
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
                    return self.issuer.renewed(uow, user, session, following)
                case Refresh.ROTATE:
                    uow.sessions.save(session.rotated(token_digest(following), now))
                    logged_in = self.issuer.renewed(uow, user, session, following)
                    uow.commit()
                    return logged_in


@dataclass(frozen=True, slots=True)
class LogOut:
    """End all sessions and tokens of the user."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    provider: IdentityProvider = NO_PROVIDER

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
            session = None if actor.session_id is None else uow.sessions.get(actor.session_id)
            user = uow.users.get(actor.user_id)
            uow.users.save(replace(user, token_version=self.secrets.version()))
            uow.sessions.delete_all(actor.user_id)
            uow.audit.add(entry(actor, self.clock.now(), "session.logout", user.username))
            uow.commit()
        return session


@dataclass(frozen=True, slots=True)
class EndSession:
    """End one of the actor's own sessions. Raises NotFound."""

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
class EndSessions:
    """End the sessions of a user, except the one that asks for it."""

    new_uow: NewUow
    clock: Clock

    @retried
    def of_actor(self, actor: Actor) -> None:
        """End all other sessions of the actor."""
        with self.new_uow() as uow:
            self._end(uow, actor, actor.user_id, actor.username, "session.end_others")
            uow.commit()

    @retried
    def of_user(self, actor: Actor, user_id: UserId) -> None:
        """End all sessions of any user. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            user = uow.users.get(user_id)
            self._end(uow, actor, user.id, user.username, "session.end_all")
            uow.commit()

    def _end(self, uow: UnitOfWork, actor: Actor, user_id: UserId, username: str, action: str) -> None:
        ended = uow.sessions.delete_all(user_id, but=actor.session_id)
        uow.audit.add(entry(actor, self.clock.now(), action, username, f"{ended} sessions"))
