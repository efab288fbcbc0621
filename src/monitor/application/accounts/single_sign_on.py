"""Single sign-on: a log-in that goes on at the issuer and comes back."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.application.accounts.credentials import IdentityProvider, SignOn
from monitor.application.accounts.identities import EnterByIdentity, JoinIdentity, check_not_joined
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.ports import NewUow
from monitor.application.accounts.recording import Refusals
from monitor.application.accounts.sessions import LoggedIn, Origin
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import SignOnFailed
from monitor.domain.accounts.identities import own_path
from monitor.domain.accounts.limits import GuessKind
from monitor.domain.accounts.sessions import Challenge, Purpose, token_digest
from monitor.domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class BeginSignOn:
    """Send a browser to the issuer, and remember what its answer must fit."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    limits: LoginLimits
    provider: IdentityProvider

    def __call__(
        self, origin: Origin, binding: str, *, next_path: str, fresh: bool = False, joining: Actor | None = None
    ) -> str:
        """Return the address at the issuer.

        *binding*: a secret of this browser. *fresh*: ask the person to prove who they are. *joining*: whose account the
        identity is to be added to.

        Raises IssuerUnavailable, TooManyAttempts, NotFound without single sign-on; for *joining* also
        ReauthenticationRequired and IdentityTaken.
        """
        if not self.provider.issuer:
            raise NotFound
        if joining is not None:
            joining.must_be_fresh(self.clock.now())
        secrets = self.secrets
        sign_on = SignOn(
            state=secrets.token(),
            nonce=secrets.token(),
            verifier=secrets.token() + secrets.token(),  # 43 to 128 characters (RFC 7636, section 4.1)
            begun_at=self.clock.now(),
            fresh=fresh,
        )
        address = self.provider.begin(sign_on)
        attempt = self.limits.begin(origin.address, GuessKind.BEGINNING)
        self._store(sign_on, binding, own_path(next_path), joining, attempt)
        return address

    @retried
    def _store(self, sign_on: SignOn, binding: str, next_path: str, joining: Actor | None, attempt: int) -> None:
        challenge = Challenge.of(
            sign_on.state,
            Purpose.SSO,
            sign_on.begun_at,
            joining.user_id if joining else None,
            nonce=sign_on.nonce,
            verifier=sign_on.verifier,
            begun_at=sign_on.begun_at.isoformat(),
            fresh="yes" if sign_on.fresh else "",
            next=next_path,
            binding=token_digest(binding).hex(),
            session=(joining and joining.session_id) or "",
            attempt=str(attempt),
        )
        with self.new_uow() as uow:
            if joining is not None:
                check_not_joined(uow, joining.user_id, self.provider.issuer)
            uow.challenges.add(challenge)
            uow.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOn:
    """*logged_in*: None if the identity was added to the account of somebody who is logged in."""

    next_path: str
    logged_in: LoggedIn | None


@dataclass(frozen=True, slots=True)
class FinishSignOn:
    """Open a session, or join an account, for a browser that comes back from the issuer."""

    new_uow: NewUow
    clock: Clock
    provider: IdentityProvider
    enter: EnterByIdentity
    join: JoinIdentity
    refusals: Refusals

    def __call__(self, answer: Mapping[str, str], binding: str, origin: Origin) -> SignedOn:
        """*answer*: the parameters that came back. *binding*: the browser's secret.

        Raises SignOnFailed, IssuerUnavailable.
        """
        logged_in: LoggedIn | None = None
        try:
            challenge = self._taken(answer.get("state", ""), binding)
            proof = self.provider.finish(answer, _sign_on(answer["state"], challenge), self.clock.now())
            if challenge.user_id is None:
                logged_in = self.enter(proof, origin, int(challenge.data["attempt"]))
            else:
                self.join(proof, origin, challenge)
        except SignOnFailed as error:
            detail = f"{error.reason}: {error.why}" if error.why else error.reason
            self.refusals.note_log_in(origin.address, detail, action="session.sso_failed")
            raise
        return SignedOn(next_path=challenge.data["next"], logged_in=logged_in)

    @retried
    def _taken(self, state: str, binding: str) -> Challenge:
        """Return what was remembered, which is good once."""
        with self.new_uow() as uow:
            challenge = uow.challenges.take(token_digest(state), Purpose.SSO, self.clock.now())
            uow.commit()
        # Another browser's answer could log its user in to an account of the attacker.
        if challenge is None or not hmac.compare_digest(challenge.data["binding"], token_digest(binding).hex()):
            raise SignOnFailed("expired")
        return challenge


def _sign_on(state: str, challenge: Challenge) -> SignOn:
    data = challenge.data
    return SignOn(
        state=state,
        nonce=data["nonce"],
        verifier=data["verifier"],
        begun_at=datetime.fromisoformat(data["begun_at"]),
        fresh=data["fresh"] != "",
    )
