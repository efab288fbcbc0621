"""A device with passkeys, as a browser answers for it (Web Authentication Level 3, section 6)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

ORIGIN = "https://monitor.test"
_PRESENT, _VERIFIED, _HAS_KEY = 0x01, 0x04, 0x40

Json = dict[str, Any]


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(kw_only=True)
class HeldKey:
    user_handle: bytes
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    sign_count: int = 0

    @property
    def public(self) -> bytes:
        """As COSE writes an ES256 key."""
        numbers = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})


@dataclass(kw_only=True)
class Device:
    """*origin*: of the page that asks. *host*: whose passkeys it uses; None: those that it is asked for. *verifies*: it
    checks who uses it. *counts*: it numbers its signatures. *kind*: of the answer; None: the right one. *next_id*: of
    the key that it makes next; None: a random one."""

    origin: str = ORIGIN
    host: str | None = None
    verifies: bool = True
    counts: bool = False
    kind: str | None = None
    next_id: bytes | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    keys: list[HeldKey] = field(default_factory=list)

    def create(self, options: Mapping[str, Any]) -> Json:
        """Answer navigator.credentials.create()."""
        key_id = self.next_id or secrets.token_bytes(32)
        key = HeldKey(id=key_id, user_handle=raw(options["user"]["id"]), sign_count=int(self.counts))
        self.keys.append(key)
        made = bytes(16) + len(key.id).to_bytes(2, "big") + key.id + key.public
        about = self._about(options["rp"]["id"], key, _HAS_KEY) + made
        response = {
            "attestationObject": text(encode_cbor({"fmt": "none", "attStmt": {}, "authData": about})),
            "transports": ["internal", "hybrid"],
        }
        return self._answer(key, options, "webauthn.create", response)

    def sign(self, options: Mapping[str, Any], key: HeldKey | None = None) -> Json:
        """Answer navigator.credentials.get()."""
        key = key or self.keys[-1]
        key.sign_count += self.counts
        about = self._about(options["rpId"], key)
        answer = self._answer(key, options, "webauthn.get", {"authenticatorData": text(about)})
        signed = about + hashlib.sha256(raw(answer["response"]["clientDataJSON"])).digest()
        answer["response"]["signature"] = text(key.private.sign(signed, ec.ECDSA(hashes.SHA256())))
        answer["response"]["userHandle"] = text(key.user_handle)
        return answer

    def _about(self, host: str, key: HeldKey, flags: int = 0) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        whose = hashlib.sha256((self.host or host).encode()).digest()
        return whose + bytes([flags]) + key.sign_count.to_bytes(4, "big")

    def _answer(self, key: HeldKey, options: Mapping[str, Any], kind: str, response: Json) -> Json:
        client_data = {
            "type": self.kind or kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
            **self.more,
        }
        response["clientDataJSON"] = text(json.dumps(client_data).encode())
        return {"id": text(key.id), "rawId": text(key.id), "type": "public-key", "response": response}
