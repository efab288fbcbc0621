"""A message encrypted for one browser (RFC 8291), which the push service cannot read.

The library `http-ece` does the same, but is there only as source, which the hashed lock files would not cover.
`cryptography` is imported when the first push is sent: most processes send none.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

MOST = 3000
"""Bytes of a message. Services take at least 3,993."""
_RECORD = 4096


def encrypted(text: bytes, p256dh: bytes, auth: bytes) -> bytes:
    """Return the body of a request: one record of the coding aes128gcm (RFC 8188). Raises ValueError for wrong keys."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return sealed(text, p256dh, auth, key=ec.generate_private_key(ec.SECP256R1()), salt=os.urandom(16))


def sealed(text: bytes, p256dh: bytes, auth: bytes, *, key: "EllipticCurvePrivateKey", salt: bytes) -> bytes:
    """*key* and *salt*: for this message alone."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDH
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    own = point(key.public_key())
    shared = derived(key.exchange(ECDH(), public_key(p256dh)), auth, b"WebPush: info\0" + p256dh + own, 32)
    content_key = derived(shared, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(shared, salt, b"Content-Encoding: nonce\0", 12)
    last_record = text + b"\2"
    header = salt + _RECORD.to_bytes(4) + bytes([len(own)]) + own
    return header + AESGCM(content_key).encrypt(nonce, last_record, None)


def public_key(written: bytes) -> "EllipticCurvePublicKey":
    """Raises ValueError if it is no point of the curve."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), written)


def point(key: "EllipticCurvePublicKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length, salt, info).derive(secret)


def as_text(data: bytes) -> str:
    """Return base64url without padding, as browsers write keys."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def as_bytes(text: str) -> bytes:
    """Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
