"""Access tokens as JWTs (RFC 7519), signed with one key and one algorithm that no token can choose."""

from datetime import UTC, datetime
from typing import Any

import jwt
from jwt.types import Options

from monitor.application.accounts.credentials import AccessClaims, AccessTokens
from monitor.domain.accounts.actors import SessionId, UserId
from monitor.domain.errors import Unauthenticated

_ALGORITHM = "HS256"
_ISSUER = "monitor"
_AUDIENCE = "monitor-api"
_TYPE = "access"
MIN_SECRET_BYTES = 32
# A token of ours has some 350 characters.
_LONGEST = 2_048
_OPTIONS: Options = {
    "require": ["iss", "aud", "exp", "iat", "sub", "typ", "sid", "ver"],
    "strict_aud": True,
    # Checked here against the caller's clock; PyJWT would ask the wall's.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


class JwtAccessTokens(AccessTokens):
    """Expiry is in whole seconds: a token ends up to a second before what was asked for, never after it."""

    def __init__(self, secret: str) -> None:
        """Raises ValueError for a *secret* of less than 32 bytes (RFC 7518, section 3.2)."""
        if len(secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"the secret that signs tokens needs at least {MIN_SECRET_BYTES} bytes")
        self._secret = secret

    def issue(self, claims: AccessClaims, now: datetime) -> str:
        payload = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "typ": _TYPE,
            "sub": str(claims.user_id),
            "sid": claims.session_id,
            "ver": claims.token_version,
            "iat": int(now.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        return jwt.encode(payload, self._secret, algorithm=_ALGORITHM)

    def read(self, token: str, now: datetime) -> AccessClaims:
        claims = self.read_of_any_age(token)
        if claims.expires_at <= now:
            raise Unauthenticated
        return claims

    def read_of_any_age(self, token: str) -> AccessClaims:
        if len(token) > _LONGEST:
            raise Unauthenticated
        try:
            payload = jwt.decode(
                token, self._secret, algorithms=[_ALGORITHM], audience=_AUDIENCE, issuer=_ISSUER, options=_OPTIONS
            )
            claims = _claims(payload)
        # Beside PyJWT's own: lone surrogates, numbers beyond any date, and JSON nested deeper than the parser goes.
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Unauthenticated from error
        if payload["typ"] != _TYPE:
            raise Unauthenticated
        return claims


def _claims(payload: dict[str, Any]) -> AccessClaims:
    """Raises TypeError, ValueError, OverflowError."""
    user_id, version, session_id, expires_at = (payload[name] for name in ("sub", "ver", "sid", "exp"))
    if type(version) is not int or type(session_id) is not str or type(expires_at) is not int:
        raise TypeError("a claim is not of its type")
    if not (user_id.isascii() and user_id.isdigit()):  # int() takes "1_0" and "٣" too
        raise ValueError("sub is no id")
    return AccessClaims(
        user_id=UserId(int(user_id)),
        session_id=SessionId(session_id),
        token_version=version,
        expires_at=datetime.fromtimestamp(expires_at, UTC),
    )
