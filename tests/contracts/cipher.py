import pytest

from monitor.domain.errors import SecretUnreadable
from tests.contracts.builders import HOSTILE

PLACE = "channels.encrypted:7"


class CipherContract:
    """`new_cipher`: a Cipher from names of keys, the first of which encrypts."""

    @pytest.mark.parametrize("text", [*HOSTILE, "", "x" * 100_000])
    def test_a_text_is_read_back_equal(self, new_cipher, text):
        cipher = new_cipher("a")
        encrypted = cipher.encrypt(text, PLACE)
        assert encrypted.isascii()
        assert encrypted.isprintable()
        assert text == cipher.decrypt(encrypted, PLACE)

    def test_the_same_text_is_encrypted_in_another_way_each_time(self, new_cipher):
        cipher = new_cipher("a")
        assert 20 == len({cipher.encrypt("same", PLACE) for _ in range(20)})

    @pytest.mark.parametrize("place", ["", "channels.encrypted:8", "channels.encrypted:77", "channels.settings:7"])
    def test_it_reads_in_its_own_place_alone(self, new_cipher, place):
        """A row that is copied over another one tells nothing."""
        encrypted = new_cipher("a").encrypt("text", PLACE)
        with pytest.raises(SecretUnreadable):
            new_cipher("a").decrypt(encrypted, place)

    def test_another_key_does_not_read_it(self, new_cipher):
        encrypted = new_cipher("a").encrypt("text", PLACE)
        with pytest.raises(SecretUnreadable):
            new_cipher("b").decrypt(encrypted, PLACE)

    def test_older_keys_still_read(self, new_cipher):
        old, both = new_cipher("a"), new_cipher("b", "a")
        encrypted = old.encrypt("text", PLACE)
        assert "text" == both.decrypt(encrypted, PLACE)
        assert (True, False) == (old.is_current(encrypted), both.is_current(encrypted))
        assert both.is_current(both.encrypt("text", PLACE))
        with pytest.raises(SecretUnreadable):
            old.decrypt(both.encrypt("text", PLACE), PLACE)

    @pytest.mark.parametrize("text", ["", ".", "a", "a.b", "é", "\ud800"])
    def test_what_was_never_encrypted_is_unreadable(self, new_cipher, text):
        cipher = new_cipher("a")
        assert not cipher.is_current(text)
        with pytest.raises(SecretUnreadable):
            cipher.decrypt(text, PLACE)

    def test_without_a_key_nothing_is_encrypted(self, new_cipher):
        with pytest.raises(SecretUnreadable):
            new_cipher().encrypt("text", PLACE)
