import pytest

from monitor.domain.accounts.users import MAX_PASSWORD


class PasswordHasherContract:
    """`hasher`: a PasswordHasher."""

    @pytest.mark.parametrize(
        "password",
        [
            "correct horse",
            "密码密码密码密码",
            "𝒳" * MAX_PASSWORD,
            " leading and trailing ",
            "e\u0301\u200d🖥️",
            "%s' \\ \n",
        ],
    )
    def test_a_hash_matches_its_password_only(self, hasher, password):
        hashed = hasher.hash(password)
        assert hasher.verify(password, hashed) is True
        assert hasher.verify(password[:-1], hashed) is False
        assert hasher.verify(password.swapcase() + "x", hashed) is False
        assert hasher.verify("", hashed) is False

    def test_a_hash_does_not_show_its_password_and_fits_its_column(self, hasher):
        hashed = hasher.hash("correct horse")
        assert "correct" not in hashed
        assert hashed.isascii()
        assert len(hashed) <= 255

    @pytest.mark.parametrize("password", ["", "correct horse", "\ud800", "a\0b", "x" * 1_000_000])
    def test_no_password_matches_an_unknown_user(self, hasher, password):
        """The log-in passes any text unchecked."""
        assert hasher.verify(password, None) is False

    @pytest.mark.parametrize("password", ["\ud800", "a\0b", "x" * 1_000_000])
    def test_a_text_that_cannot_be_hashed_is_a_wrong_password(self, hasher, password):
        assert hasher.verify(password, hasher.hash("correct horse")) is False

    @pytest.mark.parametrize(
        "damaged", ["", "correct horse", "$argon2id$v=19$m=19456,t=2,p=1$", "$2b$12$abc", "\ud800"]
    )
    def test_a_damaged_hash_matches_no_password(self, hasher, damaged):
        assert hasher.verify("correct horse", damaged) is False
