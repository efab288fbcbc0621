import pytest

from monitor.domain.errors import SecretUnreadable
from tests.contracts.builders import HOSTILE

PLACE = "channels.encrypted:7"


class CipherContract:
    """`new_cipher`: makes a Cipher of the named keys; the first one encrypts."""

    @pytest.mark.parametrize("text", [*HOSTILE, "", "x" * 100_000])
    def test_a_text_is_read_back_equal(self, new_cipher, text):
        cipher = new_cipher("a")
        encrypted = cipher.encrypt(text, PLACE)
        assert encrypted.isascii()
        assert encrypted.isprintable()
        assert text == cipher.decrypt(encrypted, PLACE)

    def test_each_encryption_of_a_text_differs(self, new_cipher):
        cipher = new_cipher("a")
        assert 20 == len({cipher.encrypt("same", PLACE) for _ in range(20)})

    @pytest.mark.parametrize("place", ["", "channels.encrypted:8", "channels.encrypted:77", "channels.settings:7"])
    def test_a_secret_is_readable_only_in_its_own_place(self, new_cipher, place):
        """A copy of it in another row is unreadable."""
        encrypted = new_cipher("a").encrypt("text", PLACE)
        with pytest.raises(SecretUnreadable):
            new_cipher("a").decrypt(encrypted, place)

    def test_another_key_cannot_decrypt_it(self, new_cipher):
        encrypted = new_cipher("a").encrypt("text", PLACE)
        with pytest.raises(SecretUnreadable):
            new_cipher("b").decrypt(encrypted, PLACE)

    def test_older_keys_still_decrypt(self, new_cipher):
        old, both = new_cipher("a"), new_cipher("b", "a")
        encrypted = old.encrypt("text", PLACE)
        assert "text" == both.decrypt(encrypted, PLACE)
        assert (True, False) == (old.is_current(encrypted), both.is_current(encrypted))
        assert both.is_current(both.encrypt("text", PLACE))
        with pytest.raises(SecretUnreadable):
            old.decrypt(both.encrypt("text", PLACE), PLACE)

    @pytest.mark.parametrize("text", ["", ".", "a", "a.b", "é", "\ud800"])
    def test_text_that_was_never_encrypted_is_unreadable(self, new_cipher, text):
        cipher = new_cipher("a")
        assert not cipher.is_current(text)
        with pytest.raises(SecretUnreadable):
            cipher.decrypt(text, PLACE)

    def test_without_a_key_nothing_is_encrypted(self, new_cipher):
        with pytest.raises(SecretUnreadable):
            new_cipher().encrypt("text", PLACE)
