"""What the issuer publishes: where its endpoints are, and its keys. Both are kept for an hour."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from jwt import PyJWK, PyJWTError

from monitor.adapters.oidc.client import is_safe_address
from monitor.adapters.oidc.web import Web
from monitor.domain.accounts.errors import IssuerUnavailable, SignOnFailed

T = TypeVar("T")
KEPT = timedelta(hours=1)
PAUSE = timedelta(seconds=5)
"""After a failure, and between two requests for the keys: threads that wait are missing elsewhere."""
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The issuer's endpoints. *names_itself*: it says in each answer who it is (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    names_itself: bool


def discovered(web: Web, issuer: str) -> Metadata:
    """Raises IssuerUnavailable."""
    status, found = web.ask(issuer.rstrip("/") + _WELL_KNOWN)
    if status != 200 or not found:
        raise IssuerUnavailable(f"no configuration at {issuer}{_WELL_KNOWN}: status {status}")
    if found.get("issuer") != issuer:
        raise IssuerUnavailable(f"the issuer calls itself {found.get('issuer')!r}, not {issuer!r} as OIDC_ISSUER says")
    return Metadata(
        authorization=_endpoint(found, "authorization_endpoint"),
        token=_endpoint(found, "token_endpoint"),
        keys=_endpoint(found, "jwks_uri"),
        userinfo=_optional(found, "userinfo_endpoint"),
        end_session=_optional(found, "end_session_endpoint"),
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(found: dict[str, Any], name: str) -> str:
    address = _optional(found, name)
    if address is None:
        raise IssuerUnavailable(f"the issuer's configuration has no safe {name}")
    return address


def _optional(found: dict[str, Any], name: str) -> str | None:
    address = found.get(name)
    return address if isinstance(address, str) and is_safe_address(address) else None


class Kept(Generic[T]):
    """A value that is fetched by one thread, and again when it is too old. A failure counts for PAUSE."""

    def __init__(self, fetch: Callable[[datetime], T]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._held: tuple[datetime, T] | None = None
        self._failed: tuple[datetime, IssuerUnavailable] | None = None

    def get(self, now: datetime, longest: timedelta = KEPT) -> T:
        """Return the value, not older than *longest*. Raises IssuerUnavailable."""
        with self._lock:
            if self._held is not None and timedelta() <= now - self._held[0] < longest:
                return self._held[1]
            if self._failed is not None and timedelta() <= now - self._failed[0] < PAUSE:
                raise IssuerUnavailable(str(self._failed[1]))
            try:
                value = self._fetch(now)
            except IssuerUnavailable as error:
                self._failed = (now, error)
                raise
            self._held = (now, value)
            return value


ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric ones alone. With HS256, everybody who knows a public key could sign."""
_KINDS = {"R": "RSA", "P": "RSA", "E": "EC"}

Jwk = dict[str, Any]


class Keys:
    """*address*: returns where they are."""

    def __init__(self, web: Web, address: Callable[[datetime], str]) -> None:
        self._web = web
        self._address = address
        self._kept: Kept[Sequence[Jwk]] = Kept(self._fetch)

    def find(self, header: Jwk, now: datetime) -> PyJWK:
        """Return the key that signed a token with this header. An unknown one is looked for once more: keys rotate.

        Raises SignOnFailed, IssuerUnavailable.
        """
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise SignOnFailed(why="the ID token is signed by an algorithm that is not accepted")
        found = _fitting(self._kept.get(now), header) or _fitting(self._kept.get(now, PAUSE), header)
        if len(found) != 1:
            raise SignOnFailed(why="the issuer has not published the key that signed the ID token")
        try:
            return PyJWK(found[0], algorithm)
        except (PyJWTError, ValueError, TypeError, KeyError):
            raise SignOnFailed(why="the key that signed the ID token is damaged") from None

    def _fetch(self, now: datetime) -> Sequence[Jwk]:
        status, found = self._web.ask(self._address(now))
        keys = found.get("keys")
        if status != 200 or not isinstance(keys, list):
            raise IssuerUnavailable(f"the issuer publishes no keys: status {status}")
        return [key for key in keys if isinstance(key, dict)]


def _fitting(keys: Sequence[Jwk], header: Jwk) -> list[Jwk]:
    """Return the keys that may have signed. Without a key id in the header, that can be only one."""
    algorithm, key_id = header["alg"], header.get("kid")
    kind = "OKP" if algorithm == "EdDSA" else _KINDS[algorithm[0]]
    return [
        key
        for key in keys
        if key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (key_id is None or key.get("kid") == key_id)
    ]
