"""Log in with a passkey, or confirm with one who you are."""

from dataclasses import dataclass
from datetime import datetime

from monitor.application.accounts.credentials import Answer, Options, PasskeyProtocol
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.accounts.proving import renew_proof
from monitor.application.accounts.recording import Refusals, record
from monitor.application.accounts.sessions import LoggedIn, Origin, SessionIssuer, as_actor
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import InvalidPasskey, PasswordLoginDisabled
from monitor.domain.accounts.limits import GuessKind
from monitor.domain.accounts.passkeys import Passkey, Site
from monitor.domain.accounts.sessions import Challenge, Purpose, SignIn, token_digest
from monitor.domain.accounts.users import User


@dataclass(frozen=True, slots=True)
class BeginPasskeyLogin:
    """Return what a browser needs to ask for a passkey.

    Each call leaves a row, so a network may begin only so many that don't succeed.
    """

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    protocol: PasskeyProtocol
    limits: LoginLimits

    def __call__(self, site: Site, origin: Origin) -> Options:
        """Raises PasskeysUnavailable, TooManyAttempts."""
        site.must_allow_passkeys()
        challenge = self.secrets.token()
        self._store(challenge, self.limits.begin(origin.address, GuessKind.PASSKEY))
        return self.protocol.request_options(site, challenge)

    @retried
    def _store(self, challenge: str, attempt: int) -> None:
        begun = Challenge.of(challenge, Purpose.PASSKEY_LOGIN, self.clock.now(), attempt=str(attempt))
        with self.new_uow() as uow:
            uow.challenges.add(begun)
            uow.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A valid signature of a passkey. *attempt*: what `LoginLimits.begin` counted."""

    passkey: Passkey
    sign_count: int
    attempt: int


@dataclass(frozen=True, slots=True)
class VerifyPasskey:
    new_uow: NewUow
    clock: Clock
    protocol: PasskeyProtocol

    def __call__(self, site: Site, answer: Answer) -> Signature:
        """Use up the challenge, and verify the signature outside of a transaction. Raises InvalidPasskey."""
        claim = self.protocol.claim(answer)
        begun, passkey = self._found(claim.challenge, claim.credential_id)
        if begun is None or passkey is None or passkey.user_handle != claim.user_handle:
            raise InvalidPasskey
        sign_count = self.protocol.signed(answer, site, claim.challenge, passkey.public_key)
        return Signature(passkey=passkey, sign_count=sign_count, attempt=int(begun.data["attempt"]))

    @retried
    def _found(self, challenge: str, credential_id: bytes) -> tuple[Challenge | None, Passkey | None]:
        with self.new_uow() as uow:
            begun = uow.challenges.take(token_digest(challenge), Purpose.PASSKEY_LOGIN, self.clock.now())
            passkey = uow.passkeys.by_credential(credential_id)
            uow.commit()
        return begun, passkey


def _use(uow: UnitOfWork, signature: Signature, clock: Clock, origin: Origin) -> User:
    """Note the use, and return whose passkey it is.

    Raises InvalidPasskey if it was removed meanwhile or is cloned. What is noted then is committed.
    """
    now = clock.now()
    user = uow.users.find(signature.passkey.user_id)
    passkey = uow.passkeys.by_credential(signature.passkey.credential_id)
    if user is None or passkey is None or passkey.id != signature.passkey.id or not passkey.is_usable:
        raise InvalidPasskey
    used = passkey.used(signature.sign_count, now)
    uow.passkeys.save(used)
    if not used.is_usable:
        actor, name = as_actor(user, origin), used.name
        record(uow, actor, user, AccountEvent.PASSKEY_CLONED, "passkey.cloned", now, name, name)
        uow.commit()
        raise InvalidPasskey
    uow.login_attempts.forgive(signature.attempt)
    return user


@dataclass(frozen=True, slots=True)
class LogInWithPasskey:
    """Open a session. A passkey is both factors, so no code is asked for."""

    new_uow: NewUow
    clock: Clock
    verify: VerifyPasskey
    issuer: SessionIssuer
    refusals: Refusals
    takes_passwords: bool

    def __call__(self, site: Site, answer: Answer, origin: Origin) -> LoggedIn:
        """Raises PasswordLoginDisabled where single sign-on is the only way in, InvalidPasskey."""
        try:
            if not self.takes_passwords:
                raise PasswordLoginDisabled
            return self._open(self.verify(site, answer), origin)
        except (InvalidPasskey, PasswordLoginDisabled):
            self.refusals.note_log_in(origin.address, "passkey")
            raise

    @retried
    def _open(self, signature: Signature, origin: Origin) -> LoggedIn:
        with self.new_uow() as uow:
            user = _use(uow, signature, self.clock, origin)
            logged_in = self.issuer.log_in(uow, user, origin, SignIn.PASSKEY)
            uow.commit()
        return logged_in


@dataclass(frozen=True, slots=True)
class ReauthenticateWithPasskey:
    """Renew the proof of who the session's user is."""

    new_uow: NewUow
    clock: Clock
    verify: VerifyPasskey
    refusals: Refusals

    def __call__(self, actor: Actor, site: Site, answer: Answer, origin: Origin) -> datetime:
        """Return the time of the proof.

        Raises InvalidPasskey, also for a passkey of somebody else; Unauthenticated for an ended session.
        """
        try:
            signature = self.verify(site, answer)
            if signature.passkey.user_id != actor.user_id:
                raise InvalidPasskey
            return self._renew(actor, signature, origin)
        except InvalidPasskey:
            self.refusals.note_proof(actor, "passkey")
            raise

    @retried
    def _renew(self, actor: Actor, signature: Signature, origin: Origin) -> datetime:
        now = self.clock.now()
        with self.new_uow() as uow:
            _use(uow, signature, self.clock, origin)
            renew_proof(uow, actor, now, "passkey")
            uow.commit()
        return now
