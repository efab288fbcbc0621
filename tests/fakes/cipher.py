"""A cipher that hides nothing, to test against."""

import json

from monitor.application.ports import Cipher
from monitor.domain.errors import SecretUnreadable


class TransparentCipher(Cipher):
    def __init__(self, *keys: str) -> None:
        self._keys = keys
        self._count = 0

    def encrypt(self, text: str, place: str) -> str:
        if not self._keys:
            raise SecretUnreadable("there is no key")
        self._count += 1
        return json.dumps([self._keys[0], place, self._count, text])

    def decrypt(self, encrypted: str, place: str) -> str:
        try:
            key, written_at, _, text = json.loads(encrypted)
        except ValueError:
            raise SecretUnreadable("it was changed") from None
        if key not in self._keys or written_at != place:
            raise SecretUnreadable("another key or place")
        return str(text)

    def is_current(self, encrypted: str) -> bool:
        return bool(self._keys) and encrypted.startswith(f'["{self._keys[0]}"')
