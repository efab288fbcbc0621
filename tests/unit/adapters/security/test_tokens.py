"""Access tokens as JWTs: the contract, and errors that only JWTs can have."""

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.security.tokens import JwtAccessTokens, JwtDeviceTokens, SignedRefreshTokens
from monitor.application.accounts.credentials import KnownDevice
from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import Unauthenticated
from tests.contracts.access_tokens import AccessTokensContract
from tests.contracts.builders import AT, some_claims

SECRET = "s" * 32
TOKENS = JwtAccessTokens(SECRET)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


class TestJwtAccessTokens(AccessTokensContract):
    @pytest.fixture
    def tokens(self):
        return TOKENS

    @pytest.fixture
    def other(self):
        return JwtAccessTokens("S" * 32)


def payload(**changes: Any) -> dict[str, Any]:
    good = jwt.decode(TOKENS.issue(some_claims(), AT), options={"verify_signature": False})
    return {name: value for name, value in (good | changes).items() if value is not ...}


def signed(claims: dict[str, Any], *, key: str = SECRET, algorithm: str = "HS256") -> str:
    # jwt.encode() refuses to sign some of these payloads.
    return jwt.PyJWS().encode(json.dumps(claims).encode(), key, algorithm=algorithm)


def segment(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_the_claims_are_the_documented_ones():
    """`sub` is text, as RFC 7519 requires."""
    assert payload() == {
        "iss": "monitor",
        "aud": "monitor-api",
        "typ": "access",
        "sub": "7",
        "sid": "session",
        "ver": 3,
        "iat": int(AT.timestamp()),
        "exp": int(AT.timestamp()) + 900,
    }
    assert jwt.get_unverified_header(TOKENS.issue(some_claims(), AT)) == {"alg": "HS256", "typ": "JWT"}


def test_the_test_signs_like_the_adapter():
    """Else the tests below would pass for the wrong reason."""
    assert TOKENS.read(signed(payload()), AT) == some_claims()


@pytest.mark.parametrize("name", sorted(payload()))
def test_every_claim_is_required(name):
    with pytest.raises(Unauthenticated):
        TOKENS.read(signed(payload(**{name: ...})), AT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", "somebody"),
        ("iss", None),
        ("aud", "monitor"),
        ("aud", ["monitor-api"]),
        ("aud", ["monitor-api", "other"]),
        ("typ", "refresh"),
        ("typ", None),
        ("typ", ["access"]),
        ("sub", ""),
        ("sub", "seven"),
        ("sub", "7.0"),
        ("sub", "-7"),
        ("sub", "1_0"),
        ("sub", "٣"),
        ("sub", 7),
        ("sub", "9" * 5_000),
        ("sid", 1),
        ("sid", None),
        ("ver", "3"),
        ("ver", True),
        ("ver", 3.0),
        ("exp", "4070908800"),
        ("exp", 1e300),
        ("exp", 10**30),
        ("exp", -(10**30)),
        ("exp", True),
        ("exp", None),
    ],
)
def test_a_claim_of_another_value_or_type_is_refused(name, value):
    with pytest.raises(Unauthenticated):
        TOKENS.read(signed(payload(**{name: value})), AT)


@given(name=st.sampled_from(sorted(payload())), value=JSON)
def test_any_value_of_a_signed_claim_raises_only_unauthenticated(name, value):
    """Another program might sign tokens with the same secret."""
    try:
        claims = TOKENS.read(signed(payload(**{name: value})), AT)
    except Unauthenticated:
        return
    assert isinstance(claims.user_id, int)
    assert isinstance(claims.session_id, str)
    assert type(claims.token_version) is int
    assert claims.expires_at > AT


@given(header=JSON | st.binary(max_size=20), body=JSON | st.binary(max_size=20), signature=st.binary(max_size=40))
def test_any_text_in_the_parts_raises_only_unauthenticated(header, body, signature):
    with pytest.raises(Unauthenticated):
        TOKENS.read(f"{segment(header)}.{segment(body)}.{segment(signature)}", AT)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_an_unsigned_token_is_refused(algorithm, signature):
    header = segment({"alg": algorithm, "typ": "JWT"})
    with pytest.raises(Unauthenticated):
        TOKENS.read(f"{header}.{segment(payload())}.{signature}", AT)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_token_does_not_choose_the_algorithm(algorithm):
    """Not even with the right secret."""
    key = "s" * 64
    with pytest.raises(Unauthenticated):
        JwtAccessTokens(key).read(signed(payload(), key=key, algorithm=algorithm), AT)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "\ud800.\ud800.\ud800",
        f"{segment(b'[' * 1_400)}..",
        f"{segment(b'1' * 1_400)}..",
        "x" * 10_000_000,
    ],
)
def test_a_huge_token_is_refused(token):
    with pytest.raises(Unauthenticated):
        TOKENS.read(token, AT)


@pytest.mark.parametrize("secret", ["", "s" * 31, "é" * 15])
def test_a_short_secret_is_refused(secret):
    with pytest.raises(ValueError, match="32 bytes"):
        JwtAccessTokens(secret)


def test_no_other_token_renews_a_session():
    """All are signed with one secret. The shortest device token has the length of a refresh token."""
    device = JwtDeviceTokens(SECRET).issue(KnownDevice(user_id=UserId(7), id="d"), AT)
    refresh_tokens, session_id = SignedRefreshTokens(SECRET), some_claims().session_id
    assert [refresh_tokens.session_of(token) for token in (device, TOKENS.issue(some_claims(), AT))] == [None, None]
    assert refresh_tokens.session_of(refresh_tokens.first(session_id)) == session_id
