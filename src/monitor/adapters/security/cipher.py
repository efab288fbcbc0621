"""AES-256-GCM for stored secrets, as `<key id>.<base64 of nonce and ciphertext>`.

The first key encrypts. All keys decrypt, so that a key can be replaced (decision 18).
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from secrets import token_bytes
from types import MappingProxyType
from typing import TYPE_CHECKING

from monitor.application.ports import Cipher
from monitor.domain.errors import SecretUnreadable

if TYPE_CHECKING:
    from Cryptodome.Cipher._mode_gcm import GcmMode

KEY_BYTES = 32
_NONCE_BYTES, _TAG_BYTES = 12, 16
_FEWEST_DISTINCT = 16
"""Distinct bytes of a key. Random keys have more (except one in 10^16); a short word repeated has fewer."""


class AesCipher(Cipher):
    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys: Mapping[str, bytes] = MappingProxyType({_key_id(key): key for key in keys})
        self._current = _key_id(keys[0]) if keys else ""

    def encrypt(self, text: str, place: str) -> str:
        nonce = token_bytes(_NONCE_BYTES)
        key = self._keys.get(self._current)
        if key is None:
            raise SecretUnreadable("there is no key")
        encrypted, tag = _gcm(key, nonce, place).encrypt_and_digest(text.encode("utf-8", "surrogatepass"))
        return f"{self._current}.{b64encode(nonce + encrypted + tag).decode()}"

    def decrypt(self, encrypted: str, place: str) -> str:
        key_id, _, body = encrypted.partition(".")
        if (key := self._keys.get(key_id)) is None:
            raise SecretUnreadable("encrypted with another key")
        try:
            raw = b64decode(body, validate=True)
            nonce, text, tag = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:-_TAG_BYTES], raw[-_TAG_BYTES:]
            text = _gcm(key, nonce, place).decrypt_and_verify(text, tag)
        except ValueError:
            raise SecretUnreadable("it was changed") from None
        return text.decode("utf-8", "surrogatepass")

    def is_current(self, encrypted: str) -> bool:
        return encrypted.partition(".")[0] == self._current


def _gcm(key: bytes, nonce: bytes, place: str) -> GcmMode:
    from Cryptodome.Cipher import AES  # loaded only where needed: it takes 2 MB

    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=_TAG_BYTES)
    cipher.update(place.encode())
    return cipher


def new_key() -> str:
    return b64encode(token_bytes(KEY_BYTES)).decode()


def parsed_keys(text: str) -> tuple[bytes, ...]:
    """Return the keys in *text*, separated by commas or line ends. Raises ValueError, whose text contains no key."""
    keys = [_parsed(part) for part in text.replace("\n", ",").split(",") if part.strip()]
    if not keys:
        raise ValueError("holds no key")
    return tuple(keys)


def _parsed(text: str) -> bytes:
    try:
        key = b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES or len(set(key)) < _FEWEST_DISTINCT:
        raise ValueError("must be 32 random bytes in base64, as `openssl rand -base64 32` prints them")
    return key


def _key_id(key: bytes) -> str:
    """Return a name of the key that does not reveal it."""
    return hashlib.sha256(b"monitor key id" + key).hexdigest()[:12]
