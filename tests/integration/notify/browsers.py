"""A browser that subscribed to pushes, and what it and its push service do with a request (RFC 8030, 8291, 8292)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.integration.notify.hooks import Received


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """*endpoint*: its address at the push service. *server_key*: for which it subscribed, as base64url."""

    endpoint: str
    server_key: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen bytes in"

    @property
    def subscription(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON` returns."""
        keys = {"p256dh": base64url(_point(self.key)), "auth": base64url(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    @property
    def settings(self) -> dict[str, str]:
        """Those of a way."""
        return {"endpoint": self.endpoint, **self.subscription["keys"]}

    def decrypted(self, body: bytes) -> bytes:
        """Return what a body of one record says. Raises if it is not for this browser."""
        salt, length = body[:16], body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), public)
        secret = _derived(shared, self.auth, b"WebPush: info\0" + _point(self.key) + sender, 32)
        content_key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(content_key).decrypt(nonce, record, None).rstrip(b"\0")
        assert padded.endswith(b"\2"), "not the last record"
        assert int.from_bytes(body[16:20], "big") >= len(record)
        return padded[:-1]

    def opened(self, received: Received) -> dict[str, Any]:
        """Return what the service worker gets, if the push service takes the request."""
        assert "aes128gcm" == received.headers["content-encoding"]
        assert int(received.headers["ttl"]) > 0
        assert len(received.body) <= 4096
        found: dict[str, Any] = json.loads(self.decrypted(received.body))
        return found

    def claims(self, received: Received) -> dict[str, Any]:
        """Return what the signed token claims. Raises if the key of the request is not that of the subscription."""
        scheme, token, key = received.headers["authorization"].split(" ")
        assert ("vapid", f"k={self.server_key}") == (scheme, key)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(self.server_key))
        signed = token.removeprefix("t=").removesuffix(",")
        claims: dict[str, Any] = jwt.decode(
            signed, public, algorithms=["ES256"], options={"verify_aud": False, "verify_exp": False}
        )
        return claims


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
