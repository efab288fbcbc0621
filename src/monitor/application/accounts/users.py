"""Administration of accounts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from monitor.application.accounts.credentials import PasswordHasher
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.application.unchanged import UNCHANGED, Unchanged, either
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.audit import AuditEntry, changes, entry, gone, made
from monitor.domain.accounts.common_passwords import is_common
from monitor.domain.accounts.users import DEFAULT_PASSWORD, DEFAULT_USERNAME, User, check_password
from monitor.domain.errors import InvalidInput, LastAdmin, NotFound, OwnAccount, Problem, UsernameTaken
from monitor.domain.levels import Level

NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class CreateUser:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    hasher: PasswordHasher

    def __call__(
        self,
        actor: Actor,
        *,
        username: str,
        password: str,
        role: Role = Role.USER,
        email: str | None = None,
        is_temporary: bool = False,
    ) -> User:
        """*is_temporary*: the password has to be changed at its first use.

        Raises Forbidden, InvalidInput, UsernameTaken.
        """
        actor.must_be_admin()
        user = User(
            username=username,
            password_hash="",
            role=role,
            created_at=self.clock.now().replace(microsecond=0),
            token_version=self.secrets.version(),
            email=email,
            has_common_password=is_common(password),
            has_temporary_password=is_temporary,
        )
        check_password(password, username=user.username, role=role, is_given=True)
        return self._store(actor, replace(user, password_hash=self.hasher.hash(password)))

    @retried
    def _store(self, actor: Actor, user: User) -> User:
        with self.new_uow() as uow:
            stored = uow.users.add(user)
            uow.audit.add(entry(actor, self.clock.now(), "user.create", user.username, made(user.told())))
            uow.commit()
        return stored


@dataclass(frozen=True, slots=True)
class ChangeUser:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets

    @retried
    def __call__(
        self,
        actor: Actor,
        user_id: UserId,
        *,
        role: Role | Unchanged = UNCHANGED,
        email: str | Unchanged | None = UNCHANGED,
        alert_level: Level | Unchanged = UNCHANGED,
    ) -> User:
        """A new role ends the user's sessions. Raises Forbidden, NotFound, InvalidInput, LastAdmin."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            # Before locking one row: two who did it the other way round would wait for each other.
            admins = uow.users.count_admins()
            user = uow.users.get(user_id)
            wanted = either(role, user.role)
            if user.role is Role.ADMIN and wanted is not Role.ADMIN and admins == 1:
                raise LastAdmin
            if user.role is not Role.ADMIN and wanted is Role.ADMIN and user.has_common_password:
                raise InvalidInput({"role": Problem("common_password")})
            changed = replace(
                user.with_role(wanted, self.secrets.version()),
                email=either(email, user.email),
                alert_level=either(alert_level, user.alert_level),
            )
            uow.users.save(changed)
            if changed.role is not user.role:
                uow.sessions.delete_all(user_id)
            detail = changes(user.told(), changed.told())
            uow.audit.add(entry(actor, self.clock.now(), "user.update", user.username, detail))
            uow.commit()
        return changed


@dataclass(frozen=True, slots=True)
class ResetPassword:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    hasher: PasswordHasher

    def __call__(self, actor: Actor, *, username: str, password: str, is_temporary: bool = False) -> User:
        """Ends the user's sessions. *is_temporary*: it has to be changed at its first use, but for the actor's own.

        Raises Forbidden, NotFound, InvalidInput.
        """
        actor.must_be_admin()
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
            # Again: the role may have changed while the hash was made.
            check_password(password, username=user.username, role=user.role, is_given=True)
            user = user.with_password(password, password_hash, self.secrets.version(), is_temporary=is_temporary)
            uow.users.save(user)
            uow.sessions.delete_all(user_id)
            uow.audit.add(entry(actor, self.clock.now(), "user.reset_password", user.username))
            uow.commit()
        return user


@dataclass(frozen=True, slots=True)
class DeleteUser:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, user_id: UserId) -> None:
        """Their links go, and with them the fleet keys of who is no administrator, which reached nothing else.

        An administrator's go on. Raises Forbidden, NotFound, OwnAccount, LastAdmin.
        """
        actor.must_be_admin()
        with self.new_uow() as uow:
            admins = uow.users.count_admins()  # first, as above
            user = uow.users.get(user_id)
            if user_id == actor.user_id:
                raise OwnAccount
            if user.role is Role.ADMIN and admins == 1:
                raise LastAdmin
            if user.role is not Role.ADMIN:
                self._revoke_fleet_keys(uow, actor, user_id)
            uow.users.delete(user_id)
            uow.audit.add(entry(actor, self.clock.now(), "user.delete", user.username, gone(user.told())))
            uow.commit()

    def _revoke_fleet_keys(self, uow: UnitOfWork, actor: Actor, user_id: UserId) -> None:
        for key in uow.api_keys.fleet_keys_of(user_id):
            uow.api_keys.delete(key.id)
            uow.audit.add(entry(actor, self.clock.now(), "api_key.revoke", key.name, f"{key.prefix}…"))


@dataclass(frozen=True, slots=True)
class EnsureFirstAdmin:
    """A database without users gets its first administrator."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    hasher: PasswordHasher

    def __call__(self, password: str) -> bool:
        """Whether one was created, as "admin" with *password*. Raises InvalidInput for a password not good enough.

        Only the documented default is let through although it is a common one; it is marked, and opens nothing but
        "change password" except on a loopback `monitor up`.
        """
        with self.new_uow() as uow:
            if uow.users.count():
                return False
        if password != DEFAULT_PASSWORD:
            check_password(password, username=DEFAULT_USERNAME, role=Role.ADMIN)
        now = self.clock.now()
        user = User(
            username=DEFAULT_USERNAME,
            password_hash=self.hasher.hash(password),
            role=Role.ADMIN,
            created_at=now.replace(microsecond=0),
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
            except UsernameTaken:  # another process was first
                return False
            uow.audit.add(AuditEntry(at=self.clock.now(), action="user.create", target=user.username, detail="first"))
            uow.commit()
        return True
