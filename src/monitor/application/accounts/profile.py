"""Changes that users make to their own account."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict, Unpack

from monitor.application.accounts.account_mails import send_mail
from monitor.application.accounts.credentials import PasswordHasher
from monitor.application.accounts.issuing import LoggedIn, Origin, SessionIssuer, own_session
from monitor.application.accounts.limits import LoginLimits, Refusals
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, entry
from monitor.domain.accounts.errors import PasswordLoginDisabled
from monitor.domain.accounts.users import User, check_password
from monitor.domain.errors import InvalidInput, Problem, Unauthenticated
from monitor.domain.levels import Level

NewUow = Callable[[], UnitOfWork]


class ProfileChanges(TypedDict, total=False):
    email: str | None
    locale: str
    alert_level: Level


def announce_address(uow: UnitOfWork, before: User, after: User, actor: Actor, at: datetime) -> None:
    """Write a mail to the former address if the user has another one now."""
    if after.email == before.email:
        return
    send_mail(uow, before, AccountEvent.EMAIL_CHANGED, actor, at, after.email or "")


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, **given: Unpack[ProfileChanges]) -> User:
        """Raises InvalidInput."""
        with self.new_uow() as uow:
            before = uow.users.get(actor.user_id)
            user = replace(before, **given)
            uow.users.save(user)
            detail = changes(before.audit_details(), user.audit_details())
            uow.audit.add(entry(actor, self.clock.now(), "user.update_profile", user.username, detail))
            announce_address(uow, before, user, actor, self.clock.now())
            uow.commit()
        return user


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """End every session of the user and open a new one for the caller."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    hasher: PasswordHasher
    issuer: SessionIssuer
    limits: LoginLimits
    refusals: Refusals
    takes_passwords: bool

    def __call__(self, actor: Actor, *, old_password: str, new_password: str, origin: Origin) -> LoggedIn:
        """Raises PasswordLoginDisabled, ReauthenticationRequired, InvalidInput that names old_password or
        new_password, TooManyAttempts, Unauthenticated for an ended session.
        """
        if not self.takes_passwords:
            raise PasswordLoginDisabled
        actor.must_be_fresh(self.clock.now())
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
        # Checked first: with a bad new password this does not count as a guess of the old one.
        check_password(new_password, username=user.username, role=user.role, field="new_password")
        if new_password == old_password:
            raise InvalidInput({"new_password": Problem("same_password")})
        attempt = self.limits.attempt_to_change(user.id, actor.session_id)
        if not self.hasher.verify(old_password, user.password_hash):
            self.refusals.note(entry(actor, self.clock.now(), "user.change_password_failed", user.username))
            raise InvalidInput({"old_password": Problem("wrong_password")})
        return self._store(actor, user, attempt, new_password, self.hasher.hash(new_password), origin)

    @retried
    def _store(
        self, actor: Actor, verified: User, attempt: int, password: str, password_hash: str, origin: Origin
    ) -> LoggedIn:
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
            if user.password_hash != verified.password_hash:  # reset meanwhile
                raise InvalidInput({"old_password": Problem("wrong_password")})
            if user.token_version != verified.token_version:  # logged out everywhere, or the role was changed
                raise Unauthenticated
            session = own_session(uow, actor)
            if session is None and actor.session_id is not None:  # ended by a second factor that was turned on, say
                raise Unauthenticated
            user = user.with_password(password, password_hash, self.secrets.version())
            uow.users.save(user)
            uow.login_attempts.forgive(attempt)
            logged_in = self.issuer.replace(uow, user, origin, session)
            uow.audit.add(entry(actor, self.clock.now(), "user.change_password", user.username))
            send_mail(uow, user, AccountEvent.PASSWORD_CHANGED, actor, self.clock.now())
            uow.commit()
        return logged_in
