import hashlib
import subprocess
import sys
from base64 import b64decode, b64encode

import pytest

from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.domain.errors import SecretUnreadable
from tests.contracts.cipher import PLACE, CipherContract
from tests.fakes.cipher import TransparentCipher


def a_key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


class TestAes(CipherContract):
    @pytest.fixture
    def new_cipher(self):
        return lambda *names: AesCipher([a_key(name) for name in names])

    def test_the_text_is_not_visible(self, new_cipher):
        key_id, _, body = new_cipher("a").encrypt("T0KEN" * 20, PLACE).partition(".")
        assert b"T0KEN" not in b64decode(body)
        assert a_key("a").hex()[:12] != key_id

    def test_any_changed_bit_is_detected(self, new_cipher):
        cipher = new_cipher("a")
        key_id, _, body = cipher.encrypt("text", PLACE).partition(".")
        raw = b64decode(body)
        for index in range(len(raw)):
            changed = raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :]
            with pytest.raises(SecretUnreadable):
                cipher.decrypt(f"{key_id}.{b64encode(changed).decode()}", PLACE)
        for length in range(len(raw)):
            with pytest.raises(SecretUnreadable):
                cipher.decrypt(f"{key_id}.{b64encode(raw[:length]).decode()}", PLACE)


class TestTransparent(CipherContract):
    @pytest.fixture
    def new_cipher(self):
        return TransparentCipher


def test_keys_are_read_as_they_are_written():
    first, second = new_key(), new_key()
    assert first != second
    assert (b64decode(first), b64decode(second)) == parsed_keys(f" {first} ,\n{second}\n")
    url_safe = b64encode(b"\xfb\xef\xff" * 8 + bytes(range(8))).decode().replace("+", "-").replace("/", "_")
    with pytest.raises(ValueError, match="32 random bytes"):
        parsed_keys(url_safe)  # few of its bytes are distinct
    assert parsed_keys(first.replace("+", "-").replace("/", "_")) == parsed_keys(first)


@pytest.mark.parametrize(
    "text",
    ["", " , ", "secret", "x" * 44, b64encode(b"monitor!" * 4).decode(), b64encode(b"x" * 31).decode(), "é"],
)
def test_a_weak_key_is_refused_and_not_shown(text):
    with pytest.raises(ValueError, match=r"^(holds no key|must be 32 random bytes in base64.*)$"):
        parsed_keys(text)


def test_no_cipher_is_loaded_before_there_is_a_secret():
    """It would take memory in every installation."""
    script = (
        "import sys, monitor.assembly, monitor.adapters.security.tokens\n"
        "import monitor.adapters.security.cipher as c\n"
        "c.AesCipher(c.parsed_keys(c.new_key())).is_current('x')\n"
        "sys.exit(bool({'cryptography', 'Cryptodome'} & sys.modules.keys()))"
    )
    assert 0 == subprocess.run([sys.executable, "-c", script], check=False).returncode
