"""Users add and remove their own passkeys."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from monitor.application.accounts.credentials import Answer, Options, PasskeyProtocol
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.accounts.recording import record
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import InvalidPasskey, LastWayIn
from monitor.domain.accounts.passkeys import MOST_PASSKEYS, Passkey, PasskeyId, Site, checked_passkey_name
from monitor.domain.accounts.sessions import Challenge, Purpose, token_digest
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput, NotFound, Problem


@dataclass(frozen=True, slots=True)
class BeginPasskey:
    """Return what a browser needs to make a passkey."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    protocol: PasskeyProtocol

    @retried
    def __call__(self, actor: Actor, site: Site) -> Options:
        """Raises ReauthenticationRequired, PasskeysUnavailable, InvalidInput if there are MOST_PASSKEYS."""
        now, challenge = self.clock.now(), self.secrets.token()
        actor.must_be_fresh(now)
        site.must_allow_passkeys()
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
            known = uow.passkeys.of_user(user.id)
            _check_room(known)
            # The same for all, or a device would list the account once for each.
            handle = known[0].user_handle if known else token_digest(self.secrets.token())
            purpose = Purpose.PASSKEY_REGISTRATION
            uow.challenges.add(Challenge.of(challenge, purpose, now, user.id, user_handle=handle.hex()))
            uow.commit()
        return self.protocol.creation_options(site, challenge, user=user, user_handle=handle, known=known)


@dataclass(frozen=True, slots=True)
class AddPasskey:
    new_uow: NewUow
    clock: Clock
    protocol: PasskeyProtocol

    def __call__(self, actor: Actor, site: Site, *, name: str, answer: Answer) -> Passkey:
        """Raises ReauthenticationRequired, PasskeyExists, and InvalidInput that names name, credential or passkeys."""
        now = self.clock.now()
        actor.must_be_fresh(now)
        name = checked_passkey_name(name)  # first: with a bad name the same answer may be sent again
        try:
            challenge = self.protocol.claim(answer).challenge
            begun = self._take(actor, challenge)
            made = self.protocol.created(answer, site, challenge)
        except InvalidPasskey as error:
            raise InvalidInput({"credential": Problem("invalid_passkey")}) from error
        passkey = Passkey(
            user_id=actor.user_id,
            name=name,
            user_handle=bytes.fromhex(begun.data["user_handle"]),
            created_at=now,
            **asdict(made),
        )
        return self._store(actor, passkey)

    @retried
    def _take(self, actor: Actor, challenge: str) -> Challenge:
        with self.new_uow() as uow:
            begun = uow.challenges.take(token_digest(challenge), Purpose.PASSKEY_REGISTRATION, self.clock.now())
            uow.commit()
        if begun is None or begun.user_id != actor.user_id:
            raise InvalidPasskey
        return begun

    @retried
    def _store(self, actor: Actor, passkey: Passkey) -> Passkey:
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
            _check_room(uow.passkeys.of_user(user.id))
            if not uow.factors.of(user.id).is_any:
                uow.sessions.delete_all(user.id, but=actor.session_id)
            stored = uow.passkeys.add(passkey)
            at, name = stored.created_at, stored.name
            record(uow, actor, user, AccountEvent.PASSKEY_ADDED, "passkey.add", at, name, name)
            uow.commit()
        return stored


@dataclass(frozen=True, slots=True)
class RemovePasskey:
    """Remove one of the actor's own passkeys, and end the actor's other sessions.

    *issuer*: of single sign-on; "" without. *takes_passwords*: whether there is another way in.
    """

    new_uow: NewUow
    clock: Clock
    issuer: str
    takes_passwords: bool

    @retried
    def __call__(self, actor: Actor, passkey_id: PasskeyId) -> None:
        """Raises ReauthenticationRequired, NotFound, LastWayIn."""
        now = self.clock.now()
        actor.must_be_fresh(now)
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
            known = {passkey.id: passkey for passkey in uow.passkeys.of_user(user.id)}
            if passkey_id not in known:
                raise NotFound
            passkey = known.pop(passkey_id)
            opens = self.takes_passwords and passkey.is_usable
            has_another = user.has_password or self._can_sign_on(uow, user)
            if opens and not has_another and not any(other.is_usable for other in known.values()):
                raise LastWayIn
            uow.passkeys.delete(passkey.id)
            uow.sessions.delete_all(user.id, but=actor.session_id)
            name = passkey.name
            record(uow, actor, user, AccountEvent.PASSKEY_REMOVED, "passkey.remove", now, name, name)
            uow.commit()

    def _can_sign_on(self, uow: UnitOfWork, user: User) -> bool:
        """A former issuer lets nobody in."""
        return any(identity.issuer == self.issuer for identity in uow.identities.of_user(user.id))


def _check_room(known: Sequence[Passkey]) -> None:
    if len(known) >= MOST_PASSKEYS:
        raise InvalidInput({"passkeys": Problem("too_many", {"limit": MOST_PASSKEYS})})
