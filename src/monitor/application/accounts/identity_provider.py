"""Port for the issuer of single sign-on, where people prove who they are."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.accounts.identities import Identity
from monitor.domain.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """What we remember of a log-in that goes on at the issuer. *state*, *nonce*, *verifier*: random.

    *fresh*: the person must prove who they are now, even if the issuer knows the browser.
    """

    state: str
    nonce: str
    verifier: str
    begun_at: datetime
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The issuer's word. *authenticated_at*: when the person proved who they are; None if the issuer does not say."""

    identity: Identity
    id_token: str
    authenticated_at: datetime | None = None


class IdentityProvider(ABC):
    """An issuer. *name*: what the button says. *issuer*: "" where there is no single sign-on."""

    name: str
    issuer: str

    @abstractmethod
    def begin(self, sign_on: SignOn) -> str:
        """Return the address to send the browser to. Raises IssuerUnavailable."""

    @abstractmethod
    def finish(self, answer: Mapping[str, str], sign_on: SignOn, now: datetime) -> Proof:
        """Return who it is, for the parameters with which the browser came back.

        Raises SignOnFailed, IssuerUnavailable.
        """

    @abstractmethod
    def log_out_address(self, id_token: str | None) -> str | None:
        """Return where the browser ends its session at the issuer; None if the issuer offers that not, or is down."""


class _NoProvider(IdentityProvider):
    name = issuer = ""

    def begin(self, sign_on: SignOn) -> str:
        raise NotFound

    def finish(self, answer: Mapping[str, str], sign_on: SignOn, now: datetime) -> Proof:
        raise NotFound

    def log_out_address(self, id_token: str | None) -> str | None:
        return None


NO_PROVIDER: IdentityProvider = _NoProvider()
"""Of a server without single sign-on."""
