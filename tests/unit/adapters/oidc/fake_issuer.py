"""An issuer that answers as a test wants, without a socket."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.oidc.client import OidcClient
from monitor.adapters.oidc.provider import OidcProvider
from monitor.adapters.oidc.web import Web
from monitor.application.accounts.credentials import Proof, SignOn
from monitor.domain.accounts.errors import SignOnFailed

ISSUER = "https://id.example.com/realm"
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
CLIENT = OidcClient(
    issuer=ISSUER,
    client_id="moni tor",
    secret="s:e%c r=t",
    redirect_address="https://monitor.example.com/api/auth/oidc/callback",
    left_address="https://monitor.example.com/login",
    name="Example",
)
SIGN_ON = SignOn(state="state", nonce="nonce", verifier="v" * 43, begun_at=NOW)
ACCESS_TOKEN = "an access token"


@cache
def rsa_key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public(key: Any, **more: Any) -> dict[str, Any]:
    """Return the key as the issuer publishes it."""
    kinds: dict[type, Any] = {
        rsa.RSAPrivateKey: RSAAlgorithm,
        ec.EllipticCurvePrivateKey: ECAlgorithm,
        ed25519.Ed25519PrivateKey: OKPAlgorithm,
    }
    algorithm = next(made for kind, made in kinds.items() if isinstance(key, kind))
    return {**json.loads(algorithm.to_jwk(key.public_key())), **more}


def at_hash(token: str, name: str = "sha256") -> str:
    digest = hashlib.new(name, token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


class FakeIssuer:
    """Everything that it says can be changed. *asked*: the requests, in order."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize?kind=web",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/me",
            "end_session_endpoint": f"{ISSUER}/leave",
            "authorization_response_iss_parameter_supported": True,
        }
        self.key: Any = rsa_key()
        self.algorithm = "RS256"
        self.header: dict[str, Any] = {"kid": "1"}
        self.keys: list[Any] = [public(rsa_key(), kid="1", use="sig", alg="RS256")]
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": "s-1",
            "aud": CLIENT.client_id,
            "exp": NOW + timedelta(minutes=5),
            "iat": NOW,
            "nonce": SIGN_ON.nonce,
            "preferred_username": "alice",
            "email": "alice@example.com",
            "email_verified": True,
            "groups": ["ops"],
        }
        self.userinfo: dict[str, Any] = {"sub": "s-1"}
        self.token: str | None = None
        self.statuses: dict[str, int] = {}
        self.bodies: dict[str, bytes] = {}
        self.failing: set[str] = set()
        self.asked: list[httpx.Request] = []
        self.provider = OidcProvider(CLIENT, self.clock, Web(httpx.MockTransport(self._answer)))

    def signed(self) -> str:
        return jwt.encode(self.claims, self.key, algorithm=self.algorithm, headers=self.header)

    def finish(self, sign_on: SignOn = SIGN_ON, **answer: str) -> Proof:
        given = {"state": sign_on.state, "code": "the code", "iss": ISSUER, **answer}
        return self.provider.finish({k: v for k, v in given.items() if v}, sign_on, self.clock.now())

    def times_asked(self, ending: str) -> int:
        return sum(request.url.path.endswith(ending) for request in self.asked)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        name = request.url.path.rpartition("/")[2]
        if name in self.failing:
            raise httpx.ConnectError("refused")
        if name in self.bodies:
            return self._as_it_comes(name, self.bodies[name])
        made: dict[str, Any] = {
            "openid-configuration": lambda: self.metadata,
            "keys": lambda: {"keys": self.keys},
            "token": self._tokens,
            "me": lambda: self.userinfo,
        }
        return self._as_it_comes(name, json.dumps(made[name]()).encode())

    def _as_it_comes(self, name: str, body: bytes) -> httpx.Response:
        return httpx.Response(self.statuses.get(name, 200), stream=httpx.ByteStream(body))

    def _tokens(self) -> dict[str, Any]:
        return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": self.token or self.signed()}


def credentials(request: httpx.Request) -> list[str]:
    """Return id and secret of a token request."""
    kind, _, encoded = request.headers["Authorization"].partition(" ")
    assert kind == "Basic"
    return [unquote_plus(part) for part in base64.b64decode(encoded).decode().split(":")]


def form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def query(address: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def why(issuer: FakeIssuer, sign_on: Any = SIGN_ON, **answer: str) -> str:
    """Return why the log-in is refused, as the audit log says it."""
    with pytest.raises(SignOnFailed) as refused:
        issuer.finish(sign_on, **answer)
    return refused.value.why


def raw_token(issuer: FakeIssuer, claims: dict[str, Any]) -> str:
    """Return a token with claims that PyJWT does not write."""
    written = {k: v.timestamp() if isinstance(v, datetime) else v for k, v in claims.items()}
    return jwt.api_jws.PyJWS().encode(json.dumps(written).encode(), issuer.key, "RS256", issuer.header)
