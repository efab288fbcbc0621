"""How users prove who they are: the password, counted and verified, and the code of the second factor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.accounts.credentials import OneTimeCodes, PasswordHasher
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.accounts.recording import Refusals, record
from monitor.application.accounts.sessions import own_session
from monitor.application.ports import Clock
from monitor.application.transactions import retried
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
PASSWORD_LOGIN_DISABLED = "password log-in disabled"  # noqa: S105  # a word of the audit log too


@dataclass(frozen=True, slots=True)
class CheckCode:
    """Check a code of the second factor and take it, in the caller's transaction: no code is good twice."""

    clock: Clock
    codes: OneTimeCodes

    def at_password(self, uow: UnitOfWork, user: User, code: str | None, actor: Actor) -> None:
        """Check the code of an account whose password was right. Commit before asking for more: it is no failure.

        Passkeys do not make it ask for a code. But where the policy demands a second factor and there are only
        passkeys, the password alone is not enough. Raises CodeRequired, InvalidCode, PasskeyRequired, SecretUnreadable.
        """
        factors = uow.factors.of(user.id)
        if factors.has_totp and code is not None and code.strip():
            self(uow, user, code, actor)
        elif factors.has_totp or (factors.passkeys and uow.factors.policy().demands_of(user.role)):
            uow.commit()
            raise CodeRequired if factors.has_totp else PasskeyRequired

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
        detail = f"{uow.factors.of(user.id).recovery_codes_left} left"
        record(uow, actor, user, AccountEvent.RECOVERY_CODE_USED, "recovery_code.use", now, detail)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt of a logged-in user to prove who they are. *user*: as it was when the password was verified."""

    user: User
    id: int

    def present(self, uow: UnitOfWork) -> User:
        """Return the stored user with a row lock, and take back the failure that was counted. If the caller raises
        before its commit, for a wrong code say, the failure stays counted. Raises Unauthenticated if the password was
        changed, or the user logged out everywhere, meanwhile."""
        user = uow.users.get(self.user.id)
        if (user.password_hash, user.token_version) != (self.user.password_hash, self.user.token_version):
            raise Unauthenticated
        uow.login_attempts.forgive(self.id)
        return user


@dataclass(frozen=True, slots=True)
class ProveIdentity:
    """Count attempts of logged-in users to prove who they are, for each session, and verify the password."""

    new_uow: NewUow
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
            self.refusals.note_proof(actor, WRONG_PASSWORD)
            raise InvalidCredentials
        return attempt

    def with_password_if_any(self, actor: Actor, password: str | None) -> Attempt:
        """Begin; with the password where there is one and passwords are taken."""
        with self.new_uow() as uow:
            has_password = self.takes_passwords and uow.users.get(actor.user_id).has_password
        return self.with_password(actor, password or "") if has_password else self.begin(actor)

    @contextmanager
    def noting_wrong_codes(self, actor: Actor) -> Iterator[None]:
        try:
            yield
        except InvalidCode:
            self.refusals.note_proof(actor, WRONG_CODE)
            raise


def renew_proof(uow: UnitOfWork, actor: Actor, now: datetime, detail: str = "") -> None:
    """Note that the session's user has just proved who they are. Raises Unauthenticated if it has ended."""
    session = own_session(uow, actor)
    if session is None:
        raise Unauthenticated
    uow.sessions.save(replace(session, authenticated_at=now))
    uow.audit.add(entry(actor, now, "session.reauthenticate", actor.username, detail))


@dataclass(frozen=True, slots=True)
class Reauthenticate:
    """Renew the proof of a session with what a log-in asks for."""

    new_uow: NewUow
    clock: Clock
    prove: ProveIdentity
    check_code: CheckCode

    def __call__(self, actor: Actor, password: str, code: str | None = None) -> datetime:
        """Return the time of the proof.

        Raises PasswordLoginDisabled, InvalidCredentials, CodeRequired, InvalidCode, PasskeyRequired, TooManyAttempts.
        """
        attempt = self.prove.with_password(actor, password)
        with self.prove.noting_wrong_codes(actor):
            return self._store(actor, attempt, code)

    @retried
    def _store(self, actor: Actor, attempt: Attempt, code: str | None) -> datetime:
        now = self.clock.now()
        with self.new_uow() as uow:
            self.check_code.at_password(uow, attempt.present(uow), code, actor)
            renew_proof(uow, actor, now)
            uow.commit()
        return now
