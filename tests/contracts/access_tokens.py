from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.domain.errors import Unauthenticated
from tests.contracts.builders import AT, MICROSECOND, SECOND, some_claims
from tests.examples import examples

URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


class AccessTokensContract:
    """`tokens`: an AccessTokens; `other`: one with another secret."""

    # The fixtures hold no state that an example could leave behind, and each subclass is one executor.
    examples = settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
        max_examples=examples(300),
    )

    def test_claims_are_read_back_equal(self, tokens):
        claims = some_claims()
        assert tokens.read(tokens.issue(claims, AT), AT) == claims

    def test_a_token_fits_a_header_and_is_ascii(self, tokens):
        token = tokens.issue(some_claims(), AT)
        assert token.isascii()
        assert not set(token) - set(URL_SAFE)
        assert len(token) < 1_000

    @pytest.mark.parametrize(
        ("left", "is_valid"),
        [(15 * 60 * SECOND, True), (SECOND, True), (MICROSECOND, True), (0 * SECOND, False), (-MICROSECOND, False)],
    )
    def test_a_token_is_valid_until_it_expires_by_the_given_clock(self, tokens, left, is_valid):
        claims = some_claims()
        token = tokens.issue(claims, AT)
        if is_valid:
            assert tokens.read(token, claims.expires_at - left) == claims
        else:
            with pytest.raises(Unauthenticated):
                tokens.read(token, claims.expires_at - left)

    def test_an_expired_token_can_still_be_read(self, tokens, other):
        claims = some_claims(expires_at=AT + SECOND)
        assert tokens.read_of_any_age(tokens.issue(claims, AT)) == claims
        with pytest.raises(Unauthenticated):
            tokens.read_of_any_age(other.issue(claims, AT))

    def test_the_system_clock_does_not_matter(self, tokens):
        """A token of another century is valid in its own time."""
        for years in (-50, 50):
            then = AT + timedelta(days=365 * years)
            claims = some_claims(expires_at=then + SECOND)
            assert tokens.read(tokens.issue(claims, then), then) == claims

    def test_a_token_never_lasts_longer_than_asked(self, tokens):
        claims = some_claims(expires_at=AT + 900 * SECOND + 999_999 * MICROSECOND)
        assert AT + 899 * SECOND < tokens.read(tokens.issue(claims, AT), AT).expires_at <= claims.expires_at

    def test_a_token_with_another_secret_is_refused(self, tokens, other):
        with pytest.raises(Unauthenticated):
            tokens.read(other.issue(some_claims(), AT), AT)

    @examples
    @given(
        token=st.text() | st.text(URL_SAFE, max_size=400) | st.text(st.characters(), max_size=50).map("a.b.{}".format)
    )
    def test_any_text_is_refused(self, tokens, token):
        with pytest.raises(Unauthenticated):
            tokens.read(token, AT)

    @examples
    @given(data=st.data())
    def test_a_token_with_any_character_changed_is_refused(self, tokens, data):
        """The last one is excluded: base64 leaves two of its bits unused."""
        token = tokens.issue(some_claims(), AT)
        place = data.draw(st.integers(0, len(token) - 2))
        other = data.draw(st.sampled_from(URL_SAFE + "=+/ \n\0é\ud800").filter(lambda c: c != token[place]))
        with pytest.raises(Unauthenticated):
            tokens.read(token[:place] + other + token[place + 1 :], AT)

    @examples
    @given(data=st.data())
    def test_a_shortened_or_extended_token_is_refused(self, tokens, data):
        token = tokens.issue(some_claims(), AT)
        start = data.draw(st.integers(0, len(token)))
        end = data.draw(st.integers(start, len(token)))
        more = data.draw(st.text(URL_SAFE, min_size=1, max_size=9))
        for changed in (token[:start] + token[end:], token[:start] + more + token[start:]):
            if changed != token:
                with pytest.raises(Unauthenticated):
                    tokens.read(changed, AT)
