"""The three signed tokens: access and device tokens as JWTs (RFC 7519), and refresh tokens.

All are signed with one secret. Their audiences and purposes differ, so that none is accepted as another.
"""

import base64
import hmac
from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

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

_LAST_SECOND = 253_402_300_799
"""Of the year 9999."""


class _Access(Struct, frozen=True, kw_only=True):
    """Claims of an access token. *sub*: the user's id; *sid*: the session; *ver*: the version of the user's tokens."""

    aud: Literal["monitor-api"]
    iss: Literal["monitor"]
    typ: Literal["access"]
    sub: Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]
    sid: str
    ver: int
    iat: int
    exp: Annotated[int, Meta(ge=0, le=_LAST_SECOND)]


class _Device(Struct, frozen=True, kw_only=True):
    """Claims of a known device."""

    aud: Literal["monitor-device"]
    sub: Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]
    jti: str
    exp: int


C = TypeVar("C", bound=Struct)
_LONGEST = 2_048
"""Characters. A valid token has about 350."""


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class _Jwts(Generic[C]):
    """Sign and verify JWTs with HMAC-SHA256 and one header. PyJWT would load 10 MB of ciphers into each process.

    Nothing in a token is looked at before its signature is verified, so no token chooses how that is done.
    """

    _HEADER = _base64(b'{"alg":"HS256","typ":"JWT"}')

    def __init__(self, secret: str, claims: type[C]) -> None:
        self._secret = secret.encode()
        self._decoder = msgspec.json.Decoder(claims)

    def issue(self, claims: C) -> str:
        content = f"{self._HEADER}.{_base64(msgspec.json.encode(claims))}"
        return f"{content}.{self._signature(content)}"

    def read(self, token: str) -> C | None:
        """Return the claims. None for a token that is damaged, or of another issuer, audience or kind."""
        content, _, signature = token.rpartition(".")
        header, _, payload = content.partition(".")
        if len(token) > _LONGEST or not token.isascii() or header != self._HEADER:
            return None
        if not hmac.compare_digest(signature, self._signature(content)):
            return None
        try:
            return self._decoder.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (ValueError, RecursionError):  # signed with our secret, but not by this program
            return None

    def _signature(self, content: str) -> str:
        return _base64(hmac.digest(self._secret, content.encode(), "sha256"))


class JwtAccessTokens(AccessTokens):
    """Access tokens as JWTs. A token expires up to a second early, since its expiry is in whole seconds."""

    def __init__(self, secret: str) -> None:
        """Raises ValueError for a *secret* of less than 32 bytes (RFC 7518, section 3.2)."""
        if len(secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"the secret that signs tokens needs at least {MIN_SECRET_BYTES} bytes")
        self._jwts = _Jwts(secret, _Access)

    def issue(self, claims: AccessClaims, now: datetime) -> str:
        return self._jwts.issue(
            _Access(
                aud="monitor-api",
                iss="monitor",
                typ="access",
                sub=str(claims.user_id),
                sid=claims.session_id,
                ver=claims.token_version,
                iat=int(now.timestamp()),
                exp=int(claims.expires_at.timestamp()),
            )
        )

    def read(self, token: str, now: datetime) -> AccessClaims:
        claims = self.read_of_any_age(token)
        if claims.expires_at <= now:
            raise Unauthenticated
        return claims

    def read_of_any_age(self, token: str) -> AccessClaims:
        claims = self._jwts.read(token)
        if claims is None:
            raise Unauthenticated
        return AccessClaims(
            user_id=UserId(int(claims.sub)),
            session_id=SessionId(claims.sid),
            token_version=claims.ver,
            expires_at=datetime.fromtimestamp(claims.exp, UTC),
        )


class JwtDeviceTokens(DeviceTokens):
    """Known devices as JWTs, so that the server need not store them."""

    def __init__(self, secret: str) -> None:
        self._jwts = _Jwts(secret, _Device)

    def issue(self, device: KnownDevice, expires_at: datetime) -> str:
        expiry = int(expires_at.timestamp())
        return self._jwts.issue(_Device(aud="monitor-device", sub=str(device.user_id), jti=device.id, exp=expiry))

    def read(self, token: str, now: datetime) -> KnownDevice | None:
        claims = self._jwts.read(token)
        if claims is None or claims.exp <= now.timestamp():
            return None
        return KnownDevice(user_id=UserId(int(claims.sub)), id=claims.jti)


_REFRESH_PURPOSE = b"monitor-refresh:"
_LONGEST_REFRESH = 200


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
        return _base64(hmac.digest(self._secret, _REFRESH_PURPOSE + content.encode(), "sha256"))
