"""The issuer's public keys."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from jwt import PyJWK, PyJWTError

from monitor.adapters.oidc.discovery import PAUSE, Kept
from monitor.adapters.oidc.web import Web
from monitor.domain.accounts.errors import IssuerUnavailable, SignOnFailed

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
