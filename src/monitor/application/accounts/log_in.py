"""Log in with a password, and a code where the account has a second factor."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from monitor.application.accounts.credentials import DeviceTokens, KnownDevice, PasswordHasher
from monitor.application.accounts.issuing import LoggedIn, Origin, SessionIssuer, as_actor
from monitor.application.accounts.limits import LoginLimits, Refusals
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.accounts.proving import PASSWORD_LOGIN_DISABLED, WRONG_CODE, WRONG_PASSWORD, CheckCode
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.errors import (
    CodeRequired,
    InvalidCode,
    InvalidCredentials,
    PasskeyRequired,
    PasswordLoginDisabled,
)
from monitor.domain.accounts.sessions import DEVICE_TTL, SignIn
from monitor.domain.accounts.users import User, username_key
from monitor.domain.errors import NotFound

NewUow = Callable[[], UnitOfWork]


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
            self._note_failure(None, origin, PASSWORD_LOGIN_DISABLED)
            raise PasswordLoginDisabled
        with self.new_uow() as uow:
            user = uow.users.by_username(username)
        device = self._known(user, origin)
        if device is None:
            attempt = self.limits.attempt(username_key(username), origin.address)
        else:
            attempt = self.limits.attempt_on_device(device)
        if not self.hasher.verify(password, user.password_hash if user else None) or user is None:
            self._note_failure(user, origin, WRONG_PASSWORD if user else "unknown user")
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
            logged_in = self.issuer.log_in(uow, present, origin, SignIn.PASSWORD)
            uow.commit()
        return logged_in

    def _note_failure(self, user: User | None, origin: Origin, detail: str) -> None:
        """Note the failure, without an unknown name: people type passwords in its place."""
        name = user.username if user else ""
        at, action = self.clock.now(), "session.login_failed"
        self.refusals.note(AuditEntry(at=at, action=action, target=name, detail=detail, address=origin.address))
