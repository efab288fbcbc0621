"""Logging in with an identity: the account, its role and its teams."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from monitor.application.accounts.identity_provider import Proof
from monitor.application.accounts.issuing import LoggedIn, Origin, SessionIssuer
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.audit import changes, created_values, entry
from monitor.domain.accounts.errors import IdentityTaken, SignOnFailed, UsernameTaken
from monitor.domain.accounts.identities import Identity, JoinedIdentity, SignOnRules, numbered
from monitor.domain.accounts.sessions import SignIn
from monitor.domain.accounts.users import User, username_key
from monitor.domain.errors import NotFound, TransactionConflict

NewUow = Callable[[], UnitOfWork]
_NAMES = 1_000
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class EnterByIdentity:
    """Open a session for the account of an identity. Create the account first if the rules allow it."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    issuer: SessionIssuer
    rules: SignOnRules

    @retried
    def __call__(self, proof: Proof, origin: Origin, attempt: int) -> LoggedIn:
        """Raises SignOnFailed."""
        identity = proof.identity
        with self.new_uow() as uow:
            admins = uow.users.count_admins() if self.rules.admin_groups else 0  # first, like ChangeUser
            joined = uow.identities.find(identity.issuer, identity.subject)
            if joined is None:
                user = self._create(uow, identity, origin)
            else:
                user = self._known(uow, joined, identity)
                user = self._with_role(uow, user, identity, admins, origin)
            self._follow_groups(uow, user, identity, origin)
            uow.login_attempts.forgive(attempt)
            logged_in = self.issuer.log_in(
                uow, user, origin, SignIn.SSO, proved_at=proof.authenticated_at, id_token=proof.id_token
            )
            uow.commit()
        return logged_in

    def _known(self, uow: UnitOfWork, joined: JoinedIdentity, identity: Identity) -> User:
        shown = replace(joined, username=identity.shown_name, email=identity.own_email, last_used_at=self.clock.now())
        try:
            user = uow.users.get(joined.user_id)
        except NotFound as error:
            raise TransactionConflict("the account was deleted") from error
        if not uow.identities.save(shown):
            raise TransactionConflict("the identity was parted")
        return user

    def _create(self, uow: UnitOfWork, identity: Identity, origin: Origin) -> User:
        if not self.rules.creates_users:
            raise SignOnFailed("not_allowed", "no account, and none is created")
        now = self.clock.now()
        try:
            user = uow.users.add(
                User(
                    username=_free_name(uow, identity.own_name),
                    password_hash="",
                    role=self.rules.role(identity.groups) or Role.USER,
                    created_at=now.replace(microsecond=0),
                    token_version=self.secrets.version(),
                    email=identity.own_email,
                )
            )
            uow.identities.add(JoinedIdentity.of(identity, user.id, now))
        except (UsernameTaken, IdentityTaken) as error:  # by another log-in of the same moment
            raise TransactionConflict("taken meanwhile") from error
        detail = created_values(user.audit_details())
        uow.audit.add(entry(_by_groups(origin), now, "user.create", user.username, detail))
        return user

    def _with_role(self, uow: UnitOfWork, user: User, identity: Identity, admins: int, origin: Origin) -> User:
        role, actor, now = self.rules.role(identity.groups), _by_groups(origin), self.clock.now()
        if role is None or role is user.role:
            return user
        kept = ""
        if user.role is Role.ADMIN and admins == 1:
            kept = "last_admin"
        elif role is Role.ADMIN and user.has_common_password:
            kept = "common_password"
        if kept:
            uow.audit.add(entry(actor, now, "user.role_kept", user.username, kept))
            return user
        changed = replace(user, role=role, token_version=self.secrets.version())
        uow.users.save(changed)
        uow.sessions.delete_all(user.id)
        detail = changes(user.audit_details(), changed.audit_details())
        uow.audit.add(entry(actor, now, "user.update", user.username, detail))
        return changed

    def _follow_groups(self, uow: UnitOfWork, user: User, identity: Identity, origin: Origin) -> None:
        with_group = uow.teams.with_group()
        before = sorted(team.name for team in with_group if user.id in team.user_ids)
        after = sorted(team.name for team in with_group if team.oidc_group in identity.groups)
        if before != after:
            for team in with_group:
                if (team.name in before) != (team.name in after):
                    held = uow.teams.get(team.id)
                    uow.teams.save(held.with_member(user.id, is_in=team.name in after))
            detail = changes({"teams": before}, {"teams": after})
            uow.audit.add(entry(_by_groups(origin), self.clock.now(), "user.teams", user.username, detail))


def _free_name(uow: UnitOfWork, name: str) -> str:
    """Return the first of NAME, NAME-2, NAME-3 … that no account has."""
    for first in range(1, _NAMES, _AT_ONCE):
        names = [numbered(name, number) for number in range(first, first + _AT_ONCE)]
        taken = {username_key(user.username) for user in uow.users.by_usernames(names)}
        if free := [each for each in names if username_key(each) not in taken]:
            return free[0]
    raise SignOnFailed("not_allowed", "too many accounts of this name")


def _by_groups(origin: Origin) -> Actor:
    """Return the actor of what the issuer's groups decide."""
    return Actor(user_id=UserId(0), username="single sign-on", role=Role.ADMIN, address=origin.address)
