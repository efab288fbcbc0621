"""Changes that users make to their own account."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict, Unpack

from monitor.application.accounts.credentials import PasswordHasher
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.accounts.recording import Refusals, record, send_mail
from monitor.application.accounts.sessions import LoggedIn, Origin, SessionIssuer, own_session
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, entry
from monitor.domain.accounts.availability import QuietHours, Span, check_absences
from monitor.domain.accounts.errors import PasswordLoginDisabled
from monitor.domain.accounts.users import User, check_password
from monitor.domain.errors import InvalidInput, Problem, Unauthenticated
from monitor.domain.levels import Level


class ProfileChanges(TypedDict, total=False):
    """What people change of their own account."""

    email: str | None
    locale: str | None
    alert_level: Level
    quiet: QuietHours | None
    away: tuple[Span, ...]


def save_changed(uow: UnitOfWork, before: User, after: User, actor: Actor, action: str, at: datetime) -> None:
    """Store a changed account with its entry, and a mail to the former address if it has another one now."""
    uow.users.save(after)
    detail = changes(before.audit_details(), after.audit_details())
    uow.audit.add(entry(actor, at, action, after.username, detail))
    if after.email != before.email:
        send_mail(uow, before, AccountEvent.EMAIL_CHANGED, actor, at, after.email or "")


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, **given: Unpack[ProfileChanges]) -> User:
        """Raises InvalidInput."""
        with self.new_uow() as uow:
            before, now = uow.users.get(actor.user_id), self.clock.now()
            user = replace(before, **given)
            check_absences(user.away, before.away, now)
            save_changed(uow, before, user, actor, "user.update_profile", now)
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
            record(uow, actor, user, AccountEvent.PASSWORD_CHANGED, "user.change_password", self.clock.now())
            uow.commit()
        return logged_in
