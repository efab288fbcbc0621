"""The ID token: signature and claims (OpenID Connect Core, section 3.1.3.7)."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any, TypeGuard

import jwt
from jwt import PyJWK
from jwt.types import Options

from monitor.adapters.oidc.discovery import ALGORITHMS
from monitor.domain.accounts.errors import SignOnFailed

LEEWAY = 60.0
"""Seconds by which the issuer's clock may differ from ours."""
_LATEST = 1e11
_OPTIONS: Options = {
    "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
    "enforce_minimum_key_length": True,
    # The code below checks times with the caller's clock; PyJWT would use the system's.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}

Claims = dict[str, Any]


def header_of(token: str) -> dict[str, Any]:
    """Raises SignOnFailed."""
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise SignOnFailed(why="the ID token is no token") from None


def checked_claims(
    token: str, key: PyJWK, *, issuer: str, client_id: str, nonce: str, access_token: str, now: datetime
) -> Claims:
    """Return the claims of a token that this issuer made now, for us and this log-in. Raises SignOnFailed."""
    try:
        claims: Claims = jwt.decode(
            token, key, algorithms=ALGORITHMS, audience=client_id, issuer=issuer, options=_OPTIONS
        )
    # ValueError and others come from lone surrogates and deeply nested JSON.
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise SignOnFailed(why=f"the ID token was refused: {type(error).__name__}") from None
    _check_party(claims, client_id)
    _check_times(claims, now)
    said = claims["nonce"].encode(errors="replace") if isinstance(claims["nonce"], str) else b""
    if not hmac.compare_digest(said, nonce.encode()):
        raise SignOnFailed(why="the ID token is of another log-in (nonce)")
    if "at_hash" in claims and claims["at_hash"] != _at_hash(access_token, key.algorithm_name):
        raise SignOnFailed(why="the access token is of another log-in (at_hash)")
    return claims


def _check_party(claims: Claims, client_id: str) -> None:
    is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if is_shared else client_id) != client_id:
        raise SignOnFailed(why="the ID token is for another client (azp)")


def _check_times(claims: Claims, now: datetime) -> None:
    at = now.timestamp()
    expires, issued, begins = claims["exp"], claims["iat"], claims.get("nbf", claims["iat"])
    if not (is_moment(expires) and is_moment(issued) and is_moment(begins)):
        raise SignOnFailed(why="the ID token has a time that is no time")
    if expires + LEEWAY <= at:
        raise SignOnFailed(why="the ID token has expired")
    if max(issued, begins) - LEEWAY > at:
        raise SignOnFailed(why="the ID token is of the future: the clocks differ")


def is_moment(value: object) -> TypeGuard[float]:
    """Return whether it may be a time: JSON here also has true, NaN, and numbers of a thousand digits."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LATEST


def _at_hash(access_token: str, algorithm: str) -> str:
    size = "512" if algorithm == "EdDSA" else algorithm[-3:]
    digest = hashlib.new(f"sha{size}", access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
