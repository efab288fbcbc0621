"""Second factors: set up an authenticator, turn it off, renew recovery codes, and reset what a person lost."""

from dataclasses import dataclass, replace

from monitor.application.accounts.credentials import OneTimeCodes
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.accounts.proving import Attempt, CheckCode, ProveIdentity
from monitor.application.accounts.recording import record
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import deleted_values, entry
from monitor.domain.accounts.errors import InvalidCode, SecondFactorOff, SecondFactorOn
from monitor.domain.accounts.factors import (
    RECOVERY_CODES,
    Totp,
    as_compared,
    recovery_code,
    recovery_digest,
    totp_secret,
)
from monitor.domain.errors import SecretUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpSetUp:
    """What an authenticator app needs. *qr*: the *uri* as SVG."""

    secret: str
    uri: str
    qr: str


@dataclass(frozen=True, slots=True)
class ManageTotp:
    """The authenticator and the recovery codes of the actor's own account.

    Each call raises ReauthenticationRequired, TooManyAttempts and, with a wrong password or code, InvalidCredentials
    or InvalidCode.
    """

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    codes: OneTimeCodes
    prove: ProveIdentity
    check_code: CheckCode

    def begin(self, actor: Actor, password: str | None) -> TotpSetUp:
        """Make a secret, which is on after `confirm`. Raises SecondFactorOn."""
        actor.must_be_fresh(self.clock.now())
        with self.new_uow() as uow:
            if uow.factors.of(actor.user_id).has_totp:
                raise SecondFactorOn
        attempt = self.prove.with_password_if_any(actor, password)
        secret = totp_secret(self.secrets.token())
        self._store_new(actor, attempt, secret)
        uri = self.codes.uri(secret, attempt.user.username)
        return TotpSetUp(secret=secret, uri=uri, qr=self.codes.drawn(uri))

    @retried
    def _store_new(self, actor: Actor, attempt: Attempt, secret: str) -> None:
        now = self.clock.now()
        with self.new_uow() as uow:
            user = attempt.present(uow)
            present = uow.factors.totp(user.id)
            if present is not None and present.is_on:
                raise SecondFactorOn
            uow.factors.save_totp(Totp(user_id=user.id, secret=secret, created_at=now))
            uow.audit.add(entry(actor, now, "totp.begin", user.username))
            uow.commit()

    def confirm(self, actor: Actor, code: str) -> list[str]:
        """Turn the authenticator on, end the user's other sessions, and return the recovery codes.

        Raises SecondFactorOn, SecondFactorOff.
        """
        actor.must_be_fresh(self.clock.now())
        with self.new_uow() as uow:
            self._unconfirmed(uow, actor.user_id)
        attempt = self.prove.begin(actor)
        with self.prove.noting_wrong_codes(actor):
            return self._confirm(actor, attempt, code)

    @retried
    def _confirm(self, actor: Actor, attempt: Attempt, code: str) -> list[str]:
        now = self.clock.now()
        with self.new_uow() as uow:
            user = attempt.present(uow)
            totp = self._unconfirmed(uow, user.id).after(as_compared(code), now, self.codes.code)
            if totp is None:
                raise InvalidCode
            uow.factors.save_totp(replace(totp, confirmed_at=now))
            codes = self._renew(uow, user.id)
            uow.sessions.delete_all(user.id, but=actor.session_id)  # they were opened without the factor
            record(uow, actor, user, AccountEvent.TOTP_ON, "totp.on", now)
            uow.commit()
        return codes

    def _unconfirmed(self, uow: UnitOfWork, user_id: UserId) -> Totp:
        totp = uow.factors.totp(user_id)
        if totp is None:
            raise SecondFactorOff
        if totp.is_on:
            raise SecondFactorOn
        if totp.secret is None:
            raise SecretUnreadable("the secret of the second factor cannot be decrypted")
        return totp

    def turn_off(self, actor: Actor, password: str | None, code: str) -> None:
        """Delete the authenticator and the recovery codes. Ends the user's other sessions. Raises SecondFactorOff."""
        self._must_be_on(actor)
        attempt = self.prove.with_password_if_any(actor, password)
        with self.prove.noting_wrong_codes(actor):
            self._turn_off(actor, attempt, code)

    @retried
    def _turn_off(self, actor: Actor, attempt: Attempt, code: str) -> None:
        with self.new_uow() as uow:
            user = attempt.present(uow)
            self.check_code(uow, user, code, actor)
            uow.factors.delete_totp(user.id)
            uow.sessions.delete_all(user.id, but=actor.session_id)
            record(uow, actor, user, AccountEvent.TOTP_OFF, "totp.off", self.clock.now())
            uow.commit()

    def renew_recovery_codes(self, actor: Actor, code: str) -> list[str]:
        """Return new recovery codes; the old ones end. Raises SecondFactorOff."""
        self._must_be_on(actor)
        attempt = self.prove.begin(actor)
        with self.prove.noting_wrong_codes(actor):
            return self._renew_codes(actor, attempt, code)

    @retried
    def _renew_codes(self, actor: Actor, attempt: Attempt, code: str) -> list[str]:
        with self.new_uow() as uow:
            user = attempt.present(uow)
            self.check_code(uow, user, code, actor)
            codes = self._renew(uow, user.id)
            record(uow, actor, user, AccountEvent.RECOVERY_CODES_RENEWED, "recovery_codes.renew", self.clock.now())
            uow.commit()
        return codes

    def _renew(self, uow: UnitOfWork, user_id: UserId) -> list[str]:
        codes = [recovery_code(self.secrets.token()) for _ in range(RECOVERY_CODES)]
        uow.factors.replace_recovery_codes(user_id, [recovery_digest(code) for code in codes])
        return codes

    def _must_be_on(self, actor: Actor) -> None:
        """No fresh log-in is asked for: the code that comes along proves it, and none is good twice."""
        with self.new_uow() as uow:
            if not uow.factors.of(actor.user_id).has_totp:
                raise SecondFactorOff


@dataclass(frozen=True, slots=True)
class ResetFactors:
    """Take all second factors from a person who lost them."""

    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, user_id: UserId) -> None:
        """Delete authenticator, recovery codes and passkeys, and end the person's sessions (not the actor's own).

        Does nothing if there are none. Raises Forbidden, ReauthenticationRequired, NotFound.
        """
        actor.must_be_admin()
        now = self.clock.now()
        actor.must_be_fresh(now)
        with self.new_uow() as uow:
            user = uow.users.get(user_id)
            factors = uow.factors.of(user_id)
            uow.factors.delete_totp(user_id)  # also one that is not confirmed
            passkeys = uow.passkeys.delete_all(user_id)  # copied ones too
            if factors.has_totp or passkeys:
                uow.sessions.delete_all(user_id, but=actor.session_id)
                detail = deleted_values({"authenticator": factors.has_totp, "passkeys": str(passkeys)})
                record(uow, actor, user, AccountEvent.FACTORS_RESET, "user.reset_factors", now, detail)
            uow.commit()


@dataclass(frozen=True, slots=True)
class EncryptFactors:
    """At the start of a server, encrypt the secrets of authenticators that are under an older key."""

    new_uow: NewUow

    @retried
    def __call__(self) -> list[str]:
        """Return the names of users whose secret cannot be decrypted."""
        with self.new_uow() as uow:
            uow.factors.reencrypt()
            names = uow.users.names(uow.factors.unreadable())
            uow.commit()
        return sorted(names.values())
