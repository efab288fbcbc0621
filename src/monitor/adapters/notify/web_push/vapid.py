"""How push services know this server: a key on the curve P-256, and a token signed by it (RFC 8292).

The key is derived from the secret that signs links, so there is none to keep. Browsers subscribe for its public half
alone: after a change of that secret push services refuse what is sent, the ways are shown as failed, and browsers have
to subscribe anew.
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.adapters.notify.web_push.encryption import as_text, derived, point
from monitor.application.notifications.sender_ports import PushKeys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

VALID = timedelta(hours=12)
"""Services refuse more than 24 hours."""
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve."""


class DerivedPushKeys(PushKeys):
    def __init__(self, link_secret: str) -> None:
        self._secret = link_secret

    def public(self) -> str:
        return as_text(point(self._private.public_key()))

    def authorization(self, endpoint: str, contact: str | None, now: datetime) -> str:
        """Return the header for a request to *endpoint*. *contact*: of the operator, as a URL."""
        import jwt

        service = urlsplit(endpoint)
        claims = {"aud": f"{service.scheme}://{service.netloc}", "exp": int((now + VALID).timestamp())}
        claims |= {} if contact is None else {"sub": contact}
        return f"vapid t={jwt.encode(claims, self._private, algorithm='ES256')}, k={self.public()}"

    @cached_property
    def _private(self) -> "EllipticCurvePrivateKey":
        # Imported here: most processes send no pushes.
        from cryptography.hazmat.primitives.asymmetric import ec

        # 16 bytes more than the order has, so that no value is likelier than another (FIPS 186-5, A.2.1).
        number = int.from_bytes(derived(self._secret.encode(), b"monitor", b"web push", 48))
        return ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())
