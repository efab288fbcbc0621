"""Log in with a password, and a code where the account has a second factor; or with a link that works once."""

from dataclasses import dataclass, replace

from monitor.application.accounts.credentials import DeviceTokens, KnownDevice, PasswordHasher
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.ports import NewUow
from monitor.application.accounts.proving import PASSWORD_LOGIN_DISABLED, WRONG_CODE, WRONG_PASSWORD, CheckCode
from monitor.application.accounts.recording import Refusals, record
from monitor.application.accounts.sessions import LoggedIn, Origin, SessionIssuer, as_actor
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import InvalidCode, InvalidCredentials, InvalidLink, PasswordLoginDisabled
from monitor.domain.accounts.sessions import DEVICE_TTL, Challenge, Purpose, SignIn, token_digest
from monitor.domain.accounts.users import User, username_key
from monitor.domain.errors import NotFound


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
    takes_passwords: bool

    def __call__(self, username: str, password: str, origin: Origin, code: str | None = None) -> LoggedIn:
        """Look at the *code* only if the password is right, so that nothing else tells whether an account asks for one.

        Raises PasswordLoginDisabled, InvalidCredentials (the same for a wrong name and a wrong password), CodeRequired,
        InvalidCode, PasskeyRequired, TooManyAttempts.
        """
        if not self.takes_passwords:
            self.refusals.note_log_in(origin.address, PASSWORD_LOGIN_DISABLED)
            raise PasswordLoginDisabled
        with self.new_uow() as uow:
            user = uow.users.by_username(username)
        device = self._known(user, origin)
        if device is None:
            attempt = self.limits.attempt(username_key(username), origin.address)
        else:
            attempt = self.limits.attempt_on_device(device)
        if not self.hasher.verify(password, user.password_hash if user else None) or user is None:
            # Without an unknown name: people type passwords in its place.
            known = (WRONG_PASSWORD, user.username) if user else ("unknown user",)
            self.refusals.note_log_in(origin.address, *known)
            raise InvalidCredentials
        try:
            logged_in = self._open(user, attempt, origin, code)
        except InvalidCode:
            self.refusals.note_log_in(origin.address, WRONG_CODE, user.username)
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
        with self.new_uow() as uow:
            present = uow.users.find(user.id)
            if present is None or present.password_hash != user.password_hash:  # changed during the verification
                raise InvalidCredentials
            uow.login_attempts.forgive(attempt)
            self.check_code.at_password(uow, present, code, as_actor(user, origin))
            logged_in = self.issuer.log_in(uow, present, origin, SignIn.PASSWORD)
            uow.commit()
        return logged_in


@dataclass(frozen=True, slots=True)
class IssueLoginLink:
    """Make a link that logs in once: the operator's way to help somebody back in."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets

    @retried
    def __call__(self, actor: Actor, username: str) -> str:
        """Return a token that logs the user in once, within CHALLENGE_TTL. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        token, now = self.secrets.token(), self.clock.now()
        with self.new_uow() as uow:
            user = uow.users.by_username(username)
            if user is None:
                raise NotFound
            uow.challenges.add(Challenge.of(token, Purpose.LINK, now, user.id))
            record(uow, actor, user, AccountEvent.LOGIN_LINK, "user.login_link", now)
            uow.commit()
        return token


@dataclass(frozen=True, slots=True)
class LogInByLink:
    new_uow: NewUow
    clock: Clock
    issuer: SessionIssuer
    refusals: Refusals

    def __call__(self, token: str, origin: Origin) -> LoggedIn:
        """Raises InvalidLink."""
        try:
            return self._open(token, origin)
        except InvalidLink:
            self.refusals.note_log_in(origin.address, "link")
            raise

    @retried
    def _open(self, token: str, origin: Origin) -> LoggedIn:
        if not token.isascii():  # lone surrogates have no digest
            raise InvalidLink
        with self.new_uow() as uow:
            challenge = uow.challenges.take(token_digest(token), Purpose.LINK, self.clock.now())
            if challenge is None or challenge.user_id is None:
                raise InvalidLink
            user = uow.users.find(challenge.user_id)
            if user is None:
                raise InvalidLink
            logged_in = self.issuer.log_in(uow, user, origin, SignIn.LINK)
            uow.commit()
        return logged_in
