"""Every wrong claim of an ID token is refused."""

from dataclasses import replace
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.errors import SignOnFailed
from tests.unit.adapters.oidc.fake_issuer import (
    ACCESS_TOKEN,
    CLIENT,
    ISSUER,
    MINUTE,
    NOW,
    SECOND,
    SIGN_ON,
    FakeIssuer,
    at_hash,
    raw_token,
    why,
)

WRONG: dict[str, Any] = {
    "iss": ["https://id.example.com", ISSUER + "/", "", None, 7, [ISSUER]],
    "aud": ["another", [], ["another"], ["another", "third"], "", None, 7, [CLIENT.client_id, 7]],
    "sub": ["", None, 7, " s-1", "s-1 ", "s\n1", "x" * 256],
    "nonce": ["another", "", None, 7, ["nonce"], "Nonce", "\ud800"],
    "exp": [NOW - MINUTE, 0, None, "soon", float("nan"), float("inf"), float("-inf"), 10**400, True, [NOW.timestamp()]],
    "iat": [-62135596801, NOW + MINUTE + SECOND, None, "now", float("nan"), 10**400, True],
    "nbf": [NOW + MINUTE + SECOND, "now", float("nan"), None],
    "azp": ["another", None, 7, ""],
    "at_hash": ["another", "", None, 7],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_claim_is_refused(issuer: FakeIssuer, name: str, value: object):
    try:
        issuer.claims[name] = value
        issuer.signed()
    except (TypeError, jwt.PyJWTError):  # PyJWT does not write some of them
        issuer.token = raw_token(issuer, {**issuer.claims, name: value})
    with pytest.raises(SignOnFailed):
        issuer.finish()


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce"])
def test_a_missing_claim_is_refused(issuer: FakeIssuer, name: str):
    del issuer.claims[name]
    with pytest.raises(SignOnFailed):
        issuer.finish()


@given(
    name=st.sampled_from(["iss", "aud", "nonce", "azp", "at_hash", "sub"]),
    value=st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3),
)
def test_any_other_value_is_refused(name: str, value: object):
    issuer = FakeIssuer()
    right = {"iss": ISSUER, "aud": CLIENT.client_id, "nonce": "nonce", "azp": CLIENT.client_id}
    if value == right.get(name) or value == [CLIENT.client_id]:
        return
    issuer.token = raw_token(issuer, {**issuer.claims, name: value})
    if name == "sub" and isinstance(value, str):
        try:
            assert value == issuer.finish().identity.subject
        except SignOnFailed:
            assert not value.strip() or value != value.strip() or not value.isprintable()
        return
    with pytest.raises(SignOnFailed):
        issuer.finish()


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - MINUTE + SECOND},
        {"iat": NOW + MINUTE, "nbf": NOW + MINUTE},
        {"aud": [CLIENT.client_id]},
        {"aud": [CLIENT.client_id, "another"], "azp": CLIENT.client_id},
        {"azp": CLIENT.client_id},
        {"at_hash": at_hash(ACCESS_TOKEN)},
    ],
)
def test_what_is_right_is_accepted(issuer: FakeIssuer, claims: dict[str, Any]):
    issuer.claims |= claims
    assert issuer.finish().identity.subject == "s-1"


FRESH = replace(SIGN_ON, fresh=True)


@pytest.mark.parametrize("auth_time", [None, "now", True, NOW.timestamp() - 61, 0, float("nan")])
def test_a_fresh_log_in_must_be_proved(issuer: FakeIssuer, auth_time: object):
    issuer.token = raw_token(issuer, issuer.claims | {"auth_time": auth_time})
    assert "auth_time" in why(issuer, FRESH)


def test_a_proved_one_is_accepted(issuer: FakeIssuer):
    issuer.claims["auth_time"] = NOW.timestamp() - 59
    assert issuer.finish(FRESH).authenticated_at == NOW - 59 * SECOND
