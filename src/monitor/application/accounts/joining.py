"""Joining an identity of single sign-on to one's account, and parting them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.application.accounts.account_mails import send_mail
from monitor.application.accounts.identity_provider import Proof
from monitor.application.accounts.issuing import Origin, as_actor
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor, SessionId, UserId
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.challenges import Challenge
from monitor.domain.accounts.errors import IdentityTaken, LastWayIn, SignOnFailed
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.users import User
from monitor.domain.errors import NotFound

NewUow = Callable[[], UnitOfWork]


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
        user_id, session_id = UserId(challenge.user_id or 0), SessionId(challenge.data["session"])
        with self.new_uow() as uow:
            user = _owner(uow, user_id, session_id, now)
            held = uow.identities.find(identity.issuer, identity.subject)
            if held is not None and held.user_id == user_id:
                return
            try:
                check_not_joined(uow, user_id, identity.issuer)
                uow.identities.add(JoinedIdentity.of(identity, user_id, now))
            except IdentityTaken as error:
                raise SignOnFailed("taken", "the identity or the account is joined already") from error
            actor = as_actor(user, origin)
            uow.login_attempts.forgive(int(challenge.data["attempt"]))
            uow.audit.add(entry(actor, now, "user.join_sso", user.username, identity.shown_name))
            send_mail(uow, user, AccountEvent.SSO_JOINED, actor, now, identity.shown_name)
            uow.commit()


def _owner(uow: UnitOfWork, user_id: UserId, session_id: SessionId, now: datetime) -> User:
    """Return the owner of the session that began. Raises SignOnFailed if it has ended."""
    session = uow.sessions.get(session_id)
    if session is None or session.user_id != user_id or session.expires_at <= now:
        raise SignOnFailed("expired", "the session has ended")
    return uow.users.get(user_id)


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
            uow.audit.add(entry(actor, now, "user.part_sso", user.username, names))
            send_mail(uow, user, AccountEvent.SSO_PARTED, actor, now, names[:255])
            uow.commit()
