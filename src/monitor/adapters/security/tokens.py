"""The three signed tokens: access and device tokens as JWTs (RFC 7519), and refresh tokens.

All are signed with one secret. Their audiences and purposes differ, so that none is accepted as another.
"""

import base64
import hmac
from datetime import UTC, datetime
from typing import Any

import jwt
from jwt.types import Options

from monitor.application.accounts.credentials import (
    MIN_SECRET_BYTES,
    AccessClaims,
    AccessTokens,
    DeviceTokens,
    KnownDevice,
    RefreshTokens,
)
from monitor.domain.accounts.actors import SessionId, UserId
from monitor.domain.errors import Unauthenticated

_ALGORITHM = "HS256"
_ISSUER = "monitor"

_ACCESS_AUDIENCE = "monitor-api"
_ACCESS_TYPE = "access"
_LONGEST_ACCESS = 2_048
"""Characters. A valid token has about 350."""
_ACCESS_OPTIONS: Options = {
    "require": ["iss", "aud", "exp", "iat", "sub", "typ", "sid", "ver"],
    "strict_aud": True,
    # The code below checks the expiry with the caller's clock; PyJWT would use the system's.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}

_DEVICE_AUDIENCE = "monitor-device"
_LONGEST_DEVICE = 1_024
_DEVICE_OPTIONS: Options = {
    "require": ["aud", "exp", "sub", "jti"],
    "strict_aud": True,
    "verify_exp": False,  # likewise
}

_REFRESH_PURPOSE = b"monitor-refresh:"
_LONGEST_REFRESH = 200


class JwtAccessTokens(AccessTokens):
    """Access tokens as JWTs. A token expires up to a second early, since its expiry is in whole seconds."""

    def __init__(self, secret: str) -> None:
        """Raises ValueError for a *secret* of less than 32 bytes (RFC 7518, section 3.2)."""
        if len(secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"the secret that signs tokens needs at least {MIN_SECRET_BYTES} bytes")
        self._secret = secret

    def issue(self, claims: AccessClaims, now: datetime) -> str:
        payload = {
            "iss": _ISSUER,
            "aud": _ACCESS_AUDIENCE,
            "typ": _ACCESS_TYPE,
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
        if len(token) > _LONGEST_ACCESS:
            raise Unauthenticated
        try:
            payload = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=_ACCESS_AUDIENCE,
                issuer=_ISSUER,
                options=_ACCESS_OPTIONS,
            )
            claims = _claims(payload)
        # ValueError and others come from lone surrogates, numbers that are no date, and deeply nested JSON.
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Unauthenticated from error
        if payload["typ"] != _ACCESS_TYPE:
            raise Unauthenticated
        return claims


def _claims(payload: dict[str, Any]) -> AccessClaims:
    """Raises TypeError, ValueError, OverflowError."""
    user_id, version, session_id, expires_at = (payload[name] for name in ("sub", "ver", "sid", "exp"))
    if type(version) is not int or type(session_id) is not str or type(expires_at) is not int:
        raise TypeError("a claim has the wrong type")
    if not (user_id.isascii() and user_id.isdigit()):  # int() accepts "1_0" and "٣" too
        raise ValueError("sub is not an id")
    return AccessClaims(
        user_id=UserId(int(user_id)),
        session_id=SessionId(session_id),
        token_version=version,
        expires_at=datetime.fromtimestamp(expires_at, UTC),
    )


class JwtDeviceTokens(DeviceTokens):
    """Known devices as JWTs, so that the server need not store them."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def issue(self, device: KnownDevice, expires_at: datetime) -> str:
        payload = {
            "aud": _DEVICE_AUDIENCE,
            "sub": str(device.user_id),
            "jti": device.id,
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(payload, self._secret, algorithm=_ALGORITHM)

    def read(self, token: str, now: datetime) -> KnownDevice | None:
        if len(token) > _LONGEST_DEVICE:
            return None
        try:
            payload = jwt.decode(
                token, self._secret, algorithms=[_ALGORITHM], audience=_DEVICE_AUDIENCE, options=_DEVICE_OPTIONS
            )
        # ValueError and RecursionError come from lone surrogates and deeply nested JSON.
        except (jwt.PyJWTError, ValueError, RecursionError):
            return None
        # The signature is valid, so the claims have the form that `issue` gave them.
        if payload["exp"] <= now.timestamp():
            return None
        return KnownDevice(user_id=UserId(int(payload["sub"])), id=payload["jti"])


class SignedRefreshTokens(RefreshTokens):
    """Tokens of the form `<session>.<number of renewals>.<HMAC-SHA256 of both>`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def first(self, session_id: SessionId) -> str:
        return self._signed(session_id, 0)

    def following(self, token: str) -> str:
        session_id, number, _ = token.split(".")
        return self._signed(SessionId(session_id), int(number) + 1)

    def session_of(self, token: str) -> SessionId | None:
        content, _, signature = token.rpartition(".")
        session_id, _, number = content.partition(".")
        if len(token) > _LONGEST_REFRESH or not number or not token.isascii():
            return None
        return SessionId(session_id) if hmac.compare_digest(signature, self._signature(content)) else None

    def _signed(self, session_id: SessionId, number: int) -> str:
        content = f"{session_id}.{number}"
        return f"{content}.{self._signature(content)}"

    def _signature(self, content: str) -> str:
        made = hmac.digest(self._secret, _REFRESH_PURPOSE + content.encode(), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")
