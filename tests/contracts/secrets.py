import re


class SecretsContract:
    """`secrets`: a Secrets."""

    def test_a_token_is_long_and_fits_into_a_url(self, secrets):
        for _ in range(50):
            assert re.fullmatch(r"[A-Za-z0-9_-]{32,}", secrets.token())

    def test_tokens_differ_from_their_first_characters_on(self, secrets):
        """Lists show only the first eight."""
        assert len({secrets.token()[:8] for _ in range(50)}) == 50

    def test_versions_fit_into_a_column_and_differ(self, secrets):
        versions = [secrets.version() for _ in range(50)]
        assert len(set(versions)) == 50
        assert all(type(version) is int and 1 <= version < 2**31 for version in versions)
