"""Refresh tokens: the session, how often it was renewed, and a signature (HMAC-SHA256) of both."""

import base64
import hmac

from monitor.application.accounts.credentials import RefreshTokens
from monitor.domain.accounts.actors import SessionId

_PURPOSE = b"monitor-refresh:"
_LONGEST = 200


class SignedRefreshTokens(RefreshTokens):
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
        if len(token) > _LONGEST or not number or not token.isascii():
            return None
        return SessionId(session_id) if hmac.compare_digest(signature, self._signature(content)) else None

    def _signed(self, session_id: SessionId, number: int) -> str:
        content = f"{session_id}.{number}"
        return f"{content}.{self._signature(content)}"

    def _signature(self, content: str) -> str:
        made = hmac.digest(self._secret, _PURPOSE + content.encode(), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")
