"""Administration of users."""

from dataclasses import dataclass, replace
from typing import Unpack

from monitor.application.accounts.credentials import PasswordHasher
from monitor.application.accounts.ports import NewUow
from monitor.application.accounts.profile import ProfileChanges, save_changed
from monitor.application.accounts.recording import record
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.audit import AuditEntry, created_values, entry
from monitor.domain.accounts.errors import LastAdmin, PasswordLoginDisabled, UsernameTaken
from monitor.domain.accounts.users import DEFAULT_PASSWORD, DEFAULT_USERNAME, User, check_password, is_common
from monitor.domain.errors import InvalidInput, NotFound, Problem


@dataclass(frozen=True, slots=True)
class CreateUser:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    hasher: PasswordHasher
    takes_passwords: bool

    def __call__(
        self,
        actor: Actor,
        *,
        username: str,
        password: str | None,
        role: Role = Role.USER,
        email: str | None = None,
        locale: str | None = None,
        is_temporary: bool = False,
    ) -> User:
        """*password*: None where single sign-on alone is taken. *is_temporary*: it must be changed at the first log-in.

        Raises Forbidden, ReauthenticationRequired, InvalidInput, UsernameTaken.
        """
        actor.must_be_admin()
        actor.must_be_fresh(self.clock.now())
        user = User(
            username=username,
            password_hash="",
            role=role,
            created_at=self.clock.now().replace(microsecond=0),
            token_version=self.secrets.version(),
            email=email,
            locale=locale,
        )
        if password is None:
            if self.takes_passwords:
                raise InvalidInput({"password": Problem("required")})
            return self._store(actor, user)
        check_password(password, username=user.username, role=role, is_given=True)
        hashed = self.hasher.hash(password)
        return self._store(actor, user.with_password(password, hashed, user.token_version, is_temporary=is_temporary))

    @retried
    def _store(self, actor: Actor, user: User) -> User:
        with self.new_uow() as uow:
            stored = uow.users.add(user)
            detail = created_values(user.audit_details())
            uow.audit.add(entry(actor, self.clock.now(), "user.create", user.username, detail))
            uow.commit()
        return stored


class UserChanges(ProfileChanges, total=False):
    role: Role


@dataclass(frozen=True, slots=True)
class ChangeUser:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets

    @retried
    def __call__(self, actor: Actor, user_id: UserId, **given: Unpack[UserChanges]) -> User:
        """A new role ends the user's sessions.

        Raises Forbidden, NotFound, ReauthenticationRequired for a new role, InvalidInput, LastAdmin.
        """
        actor.must_be_admin()
        with self.new_uow() as uow:
            # Lock the administrators before one row; in another order two transactions would deadlock.
            admins = uow.users.count_admins()
            user = uow.users.get(user_id)
            changed = replace(user, **given)
            if changed.role is not user.role:
                actor.must_be_fresh(self.clock.now())
                if user.role is Role.ADMIN and admins == 1:
                    raise LastAdmin
                if changed.role is Role.ADMIN and user.has_common_password:
                    raise InvalidInput({"role": Problem("common_password")})
                changed = replace(changed, token_version=self.secrets.version())
                uow.sessions.delete_all(user_id)
            save_changed(uow, user, changed, actor, "user.update", self.clock.now())
            uow.commit()
        return changed


@dataclass(frozen=True, slots=True)
class ResetPassword:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    hasher: PasswordHasher
    takes_passwords: bool

    def __call__(self, actor: Actor, *, username: str, password: str, is_temporary: bool = False) -> User:
        """Set a new password and end the user's sessions.

        *is_temporary*: the user must change it at the first log-in, unless it is the actor's own.

        Raises Forbidden, ReauthenticationRequired, NotFound, InvalidInput; PasswordLoginDisabled except on the command
        line, which prepares for the time when passwords are taken again.
        """
        actor.must_be_admin()
        if not self.takes_passwords and actor.session_id is not None:
            raise PasswordLoginDisabled
        actor.must_be_fresh(self.clock.now())
        with self.new_uow() as uow:
            user = uow.users.by_username(username)
        if user is None:
            raise NotFound
        check_password(password, username=user.username, role=user.role, is_given=True)
        is_temporary = is_temporary and user.id != actor.user_id
        return self._store(actor, user.id, password, self.hasher.hash(password), is_temporary)

    @retried
    def _store(self, actor: Actor, user_id: UserId, password: str, password_hash: str, is_temporary: bool) -> User:
        with self.new_uow() as uow:
            user = uow.users.get(user_id)
            # Check again: the role may have changed meanwhile.
            check_password(password, username=user.username, role=user.role, is_given=True)
            user = user.with_password(password, password_hash, self.secrets.version(), is_temporary=is_temporary)
            uow.users.save(user)
            uow.sessions.delete_all(user_id)
            record(uow, actor, user, AccountEvent.PASSWORD_RESET, "user.reset_password", self.clock.now())
            uow.commit()
        return user


@dataclass(frozen=True, slots=True)
class EnsureFirstAdmin:
    """Create the first administrator in a database without users."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    hasher: PasswordHasher

    def __call__(self, password: str) -> bool:
        """Create "admin" with *password* if there are no users; return whether it was created.

        The documented default is accepted although it is common. It only lets itself be changed, except on a loopback
        `monitor up`. Raises InvalidInput for any other weak password.
        """
        with self.new_uow() as uow:
            if uow.users.count():
                return False
        if password != DEFAULT_PASSWORD:
            check_password(password, username=DEFAULT_USERNAME, role=Role.ADMIN)
        user = User(
            username=DEFAULT_USERNAME,
            password_hash=self.hasher.hash(password),
            role=Role.ADMIN,
            created_at=self.clock.now().replace(microsecond=0),
            token_version=self.secrets.version(),
            has_default_password=password == DEFAULT_PASSWORD,
            has_common_password=is_common(password),
        )
        return self._store(user)

    @retried
    def _store(self, user: User) -> bool:
        with self.new_uow() as uow:
            if uow.users.count():
                return False
            try:
                uow.users.add(user)
            except UsernameTaken:  # another process was faster
                return False
            uow.audit.add(AuditEntry(at=self.clock.now(), action="user.create", target=user.username, detail="first"))
            uow.commit()
        return True
