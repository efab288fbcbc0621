"""An issuer of single sign-on in memory."""

from collections.abc import Mapping
from datetime import datetime

from monitor.application.accounts.credentials import IdentityProvider, Proof, SignOn
from monitor.domain.accounts.identities import Identity
from monitor.domain.errors import MonitorError


class MemoryIdentityProvider(IdentityProvider):
    """An issuer that says of everybody that they are *identity*, or raises *refusal*."""

    def __init__(self, identity: Identity, name: str = "Example") -> None:
        self.name = name
        self.issuer = identity.issuer
        self.identity = identity
        self.refusal: MonitorError | None = None
        self.authenticated_at: datetime | None = None
        self.begun: list[SignOn] = []

    def begin(self, sign_on: SignOn) -> str:
        self.begun.append(sign_on)
        return f"{self.issuer}/authorize?state={sign_on.state}"

    def finish(self, answer: Mapping[str, str], sign_on: SignOn, now: datetime) -> Proof:
        if self.refusal is not None:
            raise self.refusal
        given = "an ID token"
        return Proof(identity=self.identity, id_token=given, authenticated_at=self.authenticated_at)

    def log_out_address(self, id_token: str | None) -> str | None:
        return f"{self.issuer}/logout?id_token_hint={id_token}"
