"""How users prove who they are: the password, counted and verified, and the code of the second factor."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.accounts.account_mails import send_mail
from monitor.application.accounts.credentials import OneTimeCodes, PasswordHasher
from monitor.application.accounts.limits import LoginLimits, Refusals
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.errors import (
    CodeRequired,
    InvalidCode,
    InvalidCredentials,
    PasskeyRequired,
    PasswordLoginDisabled,
    SecondFactorOff,
)
from monitor.domain.accounts.factors import as_compared, is_totp_code, recovery_digest
from monitor.domain.accounts.users import User
from monitor.domain.errors import SecretUnreadable, Unauthenticated

WRONG_PASSWORD = "wrong password"  # noqa: S105  # not a password, but a word of the audit log
WRONG_CODE = "wrong code"
PASSWORD_LOGIN_DISABLED = "password log-in disabled"  # noqa: S105  # likewise


@dataclass(frozen=True, slots=True)
class CheckCode:
    """Check a code of the second factor and take it, in the caller's transaction: no code is good twice."""

    clock: Clock
    codes: OneTimeCodes

    def at_password(self, uow: UnitOfWork, user: User, code: str | None, actor: Actor) -> None:
        """Check what is asked for besides the password.

        Passkeys don't make it ask for a code. But where a second factor is demanded and there are only passkeys, the
        password alone is not enough. Raises CodeRequired, InvalidCode, PasskeyRequired, SecretUnreadable.
        """
        factors = uow.factors.of(user.id)
        if factors.has_totp:
            if code is None or not code.strip():
                raise CodeRequired
            self(uow, user, code, actor)
        elif factors.passkeys and uow.factors.policy().demands_of(user.role):
            raise PasskeyRequired

    def __call__(self, uow: UnitOfWork, user: User, code: str, actor: Actor) -> None:
        """Raises InvalidCode, SecondFactorOff, SecretUnreadable."""
        totp = uow.factors.totp(user.id)
        if totp is None or not totp.is_on:
            raise SecondFactorOff
        if not is_totp_code(as_compared(code)):
            self._take_recovery_code(uow, user, code, actor)
            return
        if totp.secret is None:
            raise SecretUnreadable("the secret of the second factor cannot be decrypted")
        taken = totp.after(as_compared(code), self.clock.now(), self.codes.code)
        if taken is None:
            raise InvalidCode
        uow.factors.save_totp(taken)

    def _take_recovery_code(self, uow: UnitOfWork, user: User, code: str, actor: Actor) -> None:
        now = self.clock.now()
        if not uow.factors.use_recovery_code(user.id, recovery_digest(code), now):
            raise InvalidCode
        left = uow.factors.of(user.id).recovery_codes_left
        uow.audit.add(entry(actor, now, "recovery_code.use", user.username, f"{left} left"))
        send_mail(uow, user, AccountEvent.RECOVERY_CODE_USED, actor, now)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt of a logged-in user to prove who they are. *user*: as it was when the password was verified."""

    user: User
    id: int

    def present(self, uow: UnitOfWork) -> User:
        """Return the user, locked; the attempt is no failure. Raises Unauthenticated if the password was changed, or
        the user logged out everywhere, meanwhile."""
        user = uow.users.get(self.user.id)
        if (user.password_hash, user.token_version) != (self.user.password_hash, self.user.token_version):
            raise Unauthenticated
        uow.login_attempts.forgive(self.id)
        return user


@dataclass(frozen=True, slots=True)
class ProveIdentity:
    """Count attempts of logged-in users to prove who they are, for each session, and verify the password."""

    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    hasher: PasswordHasher
    limits: LoginLimits
    refusals: Refusals
    takes_passwords: bool

    def begin(self, actor: Actor) -> Attempt:
        """Raises TooManyAttempts."""
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
        return Attempt(user, self.limits.attempt_to_change(user.id, actor.session_id))

    def with_password(self, actor: Actor, password: str) -> Attempt:
        """Raises PasswordLoginDisabled, InvalidCredentials, TooManyAttempts."""
        if not self.takes_passwords:
            raise PasswordLoginDisabled
        attempt = self.begin(actor)
        if not self.hasher.verify(password, attempt.user.password_hash):
            self.note_failure(actor, WRONG_PASSWORD)
            raise InvalidCredentials
        return attempt

    def with_password_if_any(self, actor: Actor, password: str | None) -> Attempt:
        """The same, but an account needs none that has none, or where no passwords are taken."""
        with self.new_uow() as uow:
            has_password = self.takes_passwords and uow.users.get(actor.user_id).has_password
        return self.with_password(actor, password or "") if has_password else self.begin(actor)

    def note_failure(self, actor: Actor, detail: str) -> None:
        failure = entry(actor, self.clock.now(), "session.reauthenticate_failed", actor.username, detail)
        self.refusals.note(failure)
