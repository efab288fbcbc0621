"""Known devices as JWTs (RFC 7519): nothing is stored, and other tokens of ours are none of these."""

from datetime import datetime

import jwt
from jwt.types import Options

from monitor.application.accounts.credentials import DeviceTokens, KnownDevice
from monitor.domain.accounts.actors import UserId

_ALGORITHM = "HS256"
_AUDIENCE = "monitor-device"
_LONGEST = 1_024
_OPTIONS: Options = {
    "require": ["aud", "exp", "sub", "jti"],
    "strict_aud": True,
    "verify_exp": False,  # here, against the caller's clock
}


class JwtDeviceTokens(DeviceTokens):
    def __init__(self, secret: str) -> None:
        self._secret = secret

    def issue(self, device: KnownDevice, expires_at: datetime) -> str:
        payload = {
            "aud": _AUDIENCE,
            "sub": str(device.user_id),
            "jti": device.id,
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(payload, self._secret, algorithm=_ALGORITHM)

    def read(self, token: str, now: datetime) -> KnownDevice | None:
        if len(token) > _LONGEST:
            return None
        try:
            payload = jwt.decode(token, self._secret, algorithms=[_ALGORITHM], audience=_AUDIENCE, options=_OPTIONS)
        # Beside PyJWT's own: lone surrogates, and JSON nested deeper than the parser goes.
        except (jwt.PyJWTError, ValueError, RecursionError):
            return None
        # Signed by us: what stands in it has the form that we gave it.
        if payload["exp"] <= now.timestamp():
            return None
        return KnownDevice(user_id=UserId(int(payload["sub"])), id=payload["jti"])
