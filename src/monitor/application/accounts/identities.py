"""What single sign-on opens for an identity: a session, and before it perhaps an account; or a join with one."""

from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.accounts.credentials import Proof
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.accounts.recording import record
from monitor.application.accounts.sessions import LoggedIn, Origin, SessionIssuer, as_actor
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor, Role, SessionId, UserId
from monitor.domain.accounts.audit import changes, created_values, entry
from monitor.domain.accounts.errors import IdentityTaken, LastWayIn, SignOnFailed, UsernameTaken
from monitor.domain.accounts.identities import Identity, JoinedIdentity, SignOnRules, numbered
from monitor.domain.accounts.sessions import Challenge, SignIn
from monitor.domain.accounts.users import User, username_key
from monitor.domain.errors import NotFound, TransactionConflict

_NAMES = 1_000
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class EnterByIdentity:
    """Open a session for the account of an identity. Create the account first if the rules allow it.

    The issuer's groups decide the role of the account and its teams.
    """

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    issuer: SessionIssuer
    rules: SignOnRules

    @retried
    def __call__(self, proof: Proof, origin: Origin, attempt: int) -> LoggedIn:
        """Raises SignOnFailed."""
        identity, actor = proof.identity, _by_groups(origin)
        with self.new_uow() as uow:
            admins = uow.users.count_admins() if self.rules.admin_groups else 0  # first, like ChangeUser
            joined = uow.identities.find(identity.issuer, identity.subject)
            if joined is None:
                user = self._create(uow, identity, actor)
            else:
                user = self._with_role(uow, self._known(uow, joined, identity), identity, admins, actor)
            self._follow_groups(uow, user, identity, actor)
            uow.login_attempts.forgive(attempt)
            logged_in = self.issuer.log_in(
                uow, user, origin, SignIn.SSO, proved_at=proof.authenticated_at, id_token=proof.id_token
            )
            uow.commit()
        return logged_in

    def _known(self, uow: UnitOfWork, joined: JoinedIdentity, identity: Identity) -> User:
        user = uow.users.find(joined.user_id)
        used = replace(joined, username=identity.shown_name, email=identity.own_email, last_used_at=self.clock.now())
        if user is None or not uow.identities.save(used):
            raise TransactionConflict("the account was deleted, or parted from the identity")
        return user

    def _create(self, uow: UnitOfWork, identity: Identity, actor: Actor) -> User:
        if not self.rules.creates_users:
            raise SignOnFailed("not_allowed", "no account, and none is created")
        now = self.clock.now()
        new = User(
            username=_free_name(uow, identity.own_name),
            password_hash="",
            role=self.rules.role(identity.groups) or Role.USER,
            created_at=now.replace(microsecond=0),
            token_version=self.secrets.version(),
            email=identity.own_email,
        )
        try:
            user = uow.users.add(new)
            uow.identities.add(JoinedIdentity.of(identity, user.id, now))
        except (UsernameTaken, IdentityTaken) as error:  # by another log-in of the same moment
            raise TransactionConflict("taken meanwhile") from error
        uow.audit.add(entry(actor, now, "user.create", user.username, created_values(user.audit_details())))
        return user

    def _with_role(self, uow: UnitOfWork, user: User, identity: Identity, admins: int, actor: Actor) -> User:
        role, now = self.rules.role(identity.groups), self.clock.now()
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

    def _follow_groups(self, uow: UnitOfWork, user: User, identity: Identity, actor: Actor) -> None:
        with_group = uow.teams.with_group()
        before = sorted(team.name for team in with_group if user.id in team.user_ids)
        after = sorted(team.name for team in with_group if team.oidc_group in identity.groups)
        if before != after:
            for team in with_group:
                if (team.name in before) != (team.name in after):
                    held = uow.teams.get(team.id)
                    uow.teams.save(held.with_member(user.id, is_in=team.name in after))
            detail = changes({"teams": before}, {"teams": after})
            uow.audit.add(entry(actor, self.clock.now(), "user.teams", user.username, detail))


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


def check_not_joined(uow: UnitOfWork, user_id: UserId, issuer: str) -> None:
    """Raises IdentityTaken if the account has an identity of this issuer."""
    if any(identity.issuer == issuer for identity in uow.identities.of_user(user_id)):
        raise IdentityTaken


@dataclass(frozen=True, slots=True)
class JoinIdentity:
    """Add an identity to the account of somebody who is logged in."""

    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, proof: Proof, origin: Origin, challenge: Challenge) -> None:
        """Raises SignOnFailed."""
        identity, now = proof.identity, self.clock.now()
        with self.new_uow() as uow:
            user = _owner(uow, challenge, now)
            held = uow.identities.find(identity.issuer, identity.subject)
            if held is not None and held.user_id == user.id:
                return
            try:
                check_not_joined(uow, user.id, identity.issuer)
                uow.identities.add(JoinedIdentity.of(identity, user.id, now))
            except IdentityTaken as error:
                raise SignOnFailed("taken", "the identity or the account is joined already") from error
            uow.login_attempts.forgive(int(challenge.data["attempt"]))
            actor, name = as_actor(user, origin), identity.shown_name
            record(uow, actor, user, AccountEvent.SSO_JOINED, "user.join_sso", now, name, name)
            uow.commit()


def _owner(uow: UnitOfWork, challenge: Challenge, now: datetime) -> User:
    """Return the owner of the session that began. Raises SignOnFailed if it has ended."""
    session = uow.sessions.get(SessionId(challenge.data["session"]))
    if session is None or session.user_id != challenge.user_id or session.expires_at <= now:
        raise SignOnFailed("expired", "the session has ended")
    return uow.users.get(session.user_id)


@dataclass(frozen=True, slots=True)
class PartIdentity:
    """Take the actor's identities from their account, and end its other sessions.

    *takes_passwords*: whether there is another way in than single sign-on.
    """

    new_uow: NewUow
    clock: Clock
    takes_passwords: bool

    @retried
    def __call__(self, actor: Actor) -> None:
        """Raises ReauthenticationRequired, NotFound if there is none, LastWayIn."""
        now = self.clock.now()
        actor.must_be_fresh(now)
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
            held = uow.identities.of_user(user.id)
            if not held:
                raise NotFound
            has_passkey = any(passkey.is_usable for passkey in uow.passkeys.of_user(user.id))
            if not (self.takes_passwords and (user.has_password or has_passkey)):
                raise LastWayIn
            uow.identities.delete_all(user.id)
            uow.sessions.delete_all(user.id, but=actor.session_id)
            names = ", ".join(identity.username for identity in held)
            record(uow, actor, user, AccountEvent.SSO_PARTED, "user.part_sso", now, names, names[:255])
            uow.commit()
