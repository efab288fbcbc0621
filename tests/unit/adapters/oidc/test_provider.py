"""OpenID Connect: what is asked, and that every wrong answer is refused."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt.warnings import InsecureKeyLengthWarning

from monitor.adapters.oidc.discovery import KEPT, PAUSE
from monitor.adapters.oidc.web import LARGEST
from monitor.domain.accounts.errors import IssuerUnavailable, SignOnFailed
from tests.unit.adapters.oidc.fake_issuer import (
    ACCESS_TOKEN,
    CLIENT,
    ISSUER,
    NOW,
    SIGN_ON,
    FakeIssuer,
    at_hash,
    credentials,
    ec_key,
    ed_key,
    form,
    public,
    rsa_key,
)

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer()


def why(issuer: FakeIssuer, sign_on: Any = SIGN_ON, **answer: str) -> str:
    with pytest.raises(SignOnFailed) as refused:
        issuer.finish(sign_on, **answer)
    return refused.value.why


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_the_browser_is_sent_with_pkce_state_and_nonce(issuer: FakeIssuer):
    address = issuer.provider.begin(SIGN_ON)
    digest = hashlib.sha256(SIGN_ON.verifier.encode()).digest()
    assert address.startswith(f"{ISSUER}/authorize?kind=web&")
    assert {
        "kind": "web",
        "response_type": "code",
        "client_id": CLIENT.client_id,
        "redirect_uri": CLIENT.redirect_address,
        "scope": "openid profile email",
        "state": "state",
        "nonce": "nonce",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    } == query(address)


def test_a_fresh_log_in_asks_for_the_password(issuer: FakeIssuer):
    asked = query(issuer.provider.begin(replace(SIGN_ON, fresh=True)))
    assert ("login", "0") == (asked["prompt"], asked["max_age"])


def test_the_code_is_redeemed_with_verifier_and_credentials(issuer: FakeIssuer):
    issuer.finish()
    [request] = [request for request in issuer.asked if request.url.path.endswith("/token")]
    assert [CLIENT.client_id, CLIENT.secret] == credentials(request)
    assert {
        "grant_type": "authorization_code",
        "code": "the code",
        "redirect_uri": CLIENT.redirect_address,
        "code_verifier": SIGN_ON.verifier,
    } == form(request)


def test_the_claims_become_an_identity(issuer: FakeIssuer):
    issuer.claims |= {"locale": "en-GB", "auth_time": int(NOW.timestamp()) - 5}
    proof = issuer.finish()
    identity = proof.identity
    assert (ISSUER, "s-1", "alice", "alice@example.com") == (
        identity.issuer,
        identity.subject,
        identity.username,
        identity.email,
    )
    assert (True, frozenset({"ops"}), "en-GB") == (identity.email_verified, identity.groups, identity.locale)
    assert NOW - 5 * SECOND == proof.authenticated_at
    assert issuer.times_asked("/me") == 0


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (["a", "b"], {"a", "b"}),
        ("a", {"a"}),
        ([], set()),
        (None, set()),
        (7, set()),
        ({"a": 1}, set()),
        ([1, "a"], {"a"}),
    ],
)
def test_groups_are_names(issuer: FakeIssuer, claim: object, expected: set[str]):
    issuer.claims["groups"] = claim
    assert expected == issuer.finish().identity.groups


def test_no_groups_claim_means_no_groups(issuer: FakeIssuer):
    del issuer.claims["groups"]
    assert issuer.finish().identity.groups == frozenset()


@pytest.mark.parametrize("said", [False, None, "true", 1, [True]])
def test_an_address_is_verified_only_if_the_issuer_says_true(issuer: FakeIssuer, said: object):
    issuer.claims["email_verified"] = said
    assert not issuer.finish().identity.email_verified


def test_userinfo_fills_in_what_is_missing(issuer: FakeIssuer):
    for name in ("preferred_username", "email", "email_verified", "groups"):
        del issuer.claims[name]
    issuer.userinfo |= {"preferred_username": "al", "email": "al@example.com", "email_verified": True, "groups": "x"}
    identity = issuer.finish().identity
    assert ("al", "al@example.com", True, frozenset({"x"})) == (
        identity.username,
        identity.email,
        identity.email_verified,
        identity.groups,
    )
    [request] = [request for request in issuer.asked if request.url.path.endswith("/me")]
    assert f"Bearer {ACCESS_TOKEN}" == request.headers["Authorization"]


def test_userinfo_changes_nothing_that_the_token_says(issuer: FakeIssuer):
    del issuer.claims["groups"]
    issuer.userinfo |= {"preferred_username": "mallory", "iss": "x", "email": "root@example.com", "groups": ["ops"]}
    identity = issuer.finish().identity
    assert ("alice", "alice@example.com", True) == (identity.username, identity.email, identity.email_verified)


@pytest.mark.parametrize(("address", "is_verified"), [("alice@example.com", True), ("other@example.com", False)])
def test_that_an_address_is_verified_is_said_of_that_address(issuer: FakeIssuer, address: str, is_verified: bool):
    del issuer.claims["email_verified"]
    issuer.userinfo |= {"email": address, "email_verified": True}
    identity = issuer.finish().identity
    assert ("alice@example.com", is_verified) == (identity.email, identity.email_verified)


@pytest.mark.parametrize("userinfo", [{"sub": "s-2"}, {}, {"sub": None}])
def test_userinfo_about_somebody_else_is_refused(issuer: FakeIssuer, userinfo: dict[str, Any]):
    del issuer.claims["groups"]
    issuer.userinfo = userinfo
    assert "somebody else" in why(issuer)


def test_userinfo_that_fails_is_no_absence_of_groups(issuer: FakeIssuer):
    del issuer.claims["groups"]
    issuer.statuses["me"] = 401
    assert "userinfo" in why(issuer)
    issuer.failing.add("me")
    with pytest.raises(IssuerUnavailable):
        issuer.finish()


def test_without_a_user_name_the_subject_is_shown(issuer: FakeIssuer):
    del issuer.claims["preferred_username"]
    assert issuer.finish().identity.username == "s-1"


WRONG: dict[str, Any] = {
    "iss": ["https://id.example.com", ISSUER + "/", "", None, 7, [ISSUER]],
    "aud": ["another", [], ["another"], ["another", "third"], "", None, 7, [CLIENT.client_id, 7]],
    "sub": ["", None, 7, " s-1", "s-1 ", "s\n1", "x" * 256],
    "nonce": ["another", "", None, 7, ["nonce"], "Nonce"],
    "exp": [NOW - MINUTE, 0, None, "soon", float("nan"), float("inf"), float("-inf"), 10**400, True, [NOW.timestamp()]],
    "iat": [NOW + MINUTE + SECOND, None, "now", float("nan"), 10**400, True],
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


def raw_token(issuer: FakeIssuer, claims: dict[str, Any]) -> str:
    written = {k: v.timestamp() if isinstance(v, datetime) else v for k, v in claims.items()}
    return jwt.api_jws.PyJWS().encode(json.dumps(written).encode(), issuer.key, "RS256", issuer.header)


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


@pytest.mark.parametrize(
    ("algorithm", "key", "kind"),
    [
        ("RS512", rsa_key, "sha512"),
        ("PS256", rsa_key, "sha256"),
        ("ES256", ec_key, "sha256"),
        ("EdDSA", ed_key, "sha512"),
    ],
)
def test_asymmetric_algorithms_are_accepted(issuer: FakeIssuer, algorithm: str, key: Callable[[], Any], kind: str):
    issuer.algorithm, issuer.key = algorithm, key()
    issuer.keys = [public(key(), kid="1")]
    issuer.claims["at_hash"] = at_hash(ACCESS_TOKEN, kind)
    assert issuer.finish().identity.subject == "s-1"


def test_no_signature_is_refused(issuer: FakeIssuer):
    issuer.key, issuer.algorithm = None, "none"
    assert "algorithm" in why(issuer)


@pytest.mark.parametrize("secret", [CLIENT.secret * 8, "the public key"])
def test_a_symmetric_signature_is_refused(issuer: FakeIssuer, secret: str):
    """Not even by a key that the issuer publishes as one."""
    key = base64.urlsafe_b64encode(secret.ljust(64).encode()).decode().rstrip("=")
    issuer.keys.append({"kty": "oct", "kid": "2", "k": key, "alg": "HS256"})
    issuer.key, issuer.algorithm, issuer.header = secret.ljust(64), "HS256", {"kid": "2"}
    assert "algorithm" in why(issuer)


def test_another_key_of_the_same_id_is_refused(issuer: FakeIssuer):
    issuer.key = rsa_key("another")
    assert "InvalidSignature" in why(issuer)


def test_a_short_key_is_refused(issuer: FakeIssuer):
    issuer.key = rsa_key("short", 1024)
    issuer.keys = [public(issuer.key, kid="1")]
    with pytest.warns(InsecureKeyLengthWarning):
        issuer.token = issuer.signed()
    assert "InvalidKey" in why(issuer)


@pytest.mark.parametrize("wrong", [{"use": "enc"}, {"alg": "PS256"}, {"kty": "EC"}, {"n": 7}, {"e": ""}, {"n": "é"}])
def test_a_key_for_something_else_or_a_damaged_one_is_refused(issuer: FakeIssuer, wrong: dict[str, Any]):
    issuer.keys = [{**issuer.keys[0], **wrong}, "no key", None]
    assert "key" in why(issuer)


def test_without_a_key_id_the_only_key_is_taken_and_of_several_none(issuer: FakeIssuer):
    issuer.header = {}
    issuer.finish()
    issuer.keys = [*issuer.keys, public(rsa_key("another"), kid="2")]
    issuer.clock.advance(KEPT)
    issuer.claims |= {"iat": issuer.clock.now(), "exp": issuer.clock.now() + MINUTE}
    assert "key" in why(issuer)


def test_new_keys_are_looked_for_when_one_is_unknown_but_not_all_the_time(issuer: FakeIssuer):
    issuer.finish()
    issuer.key, issuer.header = rsa_key("another"), {"kid": "2"}
    issuer.keys = [public(issuer.key, kid="2")]
    for _ in range(3):
        why(issuer)
    assert issuer.times_asked("/keys") == 1
    issuer.clock.advance(PAUSE)
    issuer.finish()
    assert issuer.times_asked("/keys") == 2


def test_a_key_that_was_withdrawn_is_forgotten_within_the_hour(issuer: FakeIssuer):
    issuer.finish()
    issuer.keys = []
    issuer.clock.advance(KEPT)
    issuer.claims |= {"iat": issuer.clock.now(), "exp": issuer.clock.now() + MINUTE}
    assert "key" in why(issuer)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "é.é.é", "." * 5, "{}", "e30.e30.e30", "[" * 5000])
def test_what_is_no_token_is_refused(issuer: FakeIssuer, token: str):
    issuer.bodies["token"] = b'{"access_token": "x", "token_type": "Bearer", "id_token": "' + token.encode() + b'"}'
    assert why(issuer)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b'{"access_token": "x"}', b'{"id_token": "a.b.c"}', b"[" * 5000, b"\xff"],
)
def test_an_answer_without_tokens_is_refused(issuer: FakeIssuer, body: bytes):
    issuer.bodies["token"] = body
    assert "no tokens" in why(issuer)


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404])
def test_tokens_come_with_status_200_alone(issuer: FakeIssuer, status: int):
    """Redirects are not followed."""
    issuer.statuses["token"] = status
    assert "no tokens" in why(issuer)


def test_a_refused_code_says_why_and_a_hostile_text_does_not(issuer: FakeIssuer):
    issuer.statuses["token"] = 400
    issuer.bodies["token"] = b'{"error": "invalid_grant"}'
    assert "invalid_grant" in why(issuer)
    issuer.bodies["token"] = b'{"error": "<script>"}'
    assert "without a reason" in why(issuer)


@pytest.mark.parametrize("iss", ["", "https://evil.example", ISSUER + "/"])
def test_an_issuer_that_names_itself_must_do_so(issuer: FakeIssuer, iss: str):
    assert "iss" in why(issuer, iss=iss)
    assert "iss" in why(issuer, iss=iss, error="access_denied")
    assert issuer.times_asked("/token") == 0


def test_an_issuer_that_does_not_name_itself_need_not_but_may_not_lie(issuer: FakeIssuer):
    del issuer.metadata["authorization_response_iss_parameter_supported"]
    issuer.finish(iss="")
    assert "iss" in why(issuer, iss="https://evil.example")


@pytest.mark.parametrize(
    ("error", "reason"), [("access_denied", "denied"), ("login_required", "denied"), ("invalid_scope", "failed")]
)
def test_a_refusal_has_a_reason(issuer: FakeIssuer, error: str, reason: str):
    with pytest.raises(SignOnFailed) as refused:
        issuer.finish(error=error)
    assert (reason, True) == (refused.value.reason, error in refused.value.why)


def test_an_issuer_in_trouble_is_unavailable(issuer: FakeIssuer):
    with pytest.raises(IssuerUnavailable):
        issuer.finish(error="temporarily_unavailable")


def test_no_code_is_refused(issuer: FakeIssuer):
    assert "no code" in why(issuer, code="")


FRESH = replace(SIGN_ON, fresh=True)


@pytest.mark.parametrize("auth_time", [None, "now", True, NOW.timestamp() - 61, 0, float("nan")])
def test_a_fresh_log_in_must_be_proved(issuer: FakeIssuer, auth_time: object):
    issuer.token = raw_token(issuer, issuer.claims | {"auth_time": auth_time})
    assert "auth_time" in why(issuer, FRESH)


def test_a_proved_one_is_accepted(issuer: FakeIssuer):
    issuer.claims["auth_time"] = NOW.timestamp() - 59
    assert issuer.finish(FRESH).authenticated_at == NOW - 59 * SECOND


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": ISSUER + "/"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": "http://id.example.com/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://id.example.com/a#b"},
    ],
)
def test_a_configuration_that_is_not_the_issuers_or_not_safe_is_refused(issuer: FakeIssuer, changed: dict[str, Any]):
    issuer.metadata |= changed
    with pytest.raises(IssuerUnavailable):
        issuer.provider.begin(SIGN_ON)


@pytest.mark.parametrize("name", ["openid-configuration", "keys", "token"])
def test_an_issuer_that_is_down_answers_with_nonsense_or_too_much_is_unavailable(issuer: FakeIssuer, name: str):
    issuer.failing.add(name)
    with pytest.raises(IssuerUnavailable):
        issuer.finish()
    issuer.failing.clear()
    issuer.clock.advance(PAUSE)
    issuer.statuses[name] = 503
    with pytest.raises(IssuerUnavailable):
        issuer.finish()
    issuer.clock.advance(PAUSE)
    issuer.statuses.clear()
    issuer.bodies[name] = b" " * (LARGEST + 1)
    with pytest.raises(IssuerUnavailable):
        issuer.finish()
    issuer.clock.advance(PAUSE)
    issuer.bodies.clear()
    issuer.finish()


def test_after_a_failure_it_is_left_alone_for_a_moment(issuer: FakeIssuer):
    issuer.failing.add("openid-configuration")
    for _ in range(3):
        with pytest.raises(IssuerUnavailable):
            issuer.provider.begin(SIGN_ON)
    assert 1 == len(issuer.asked)


def test_what_it_publishes_is_kept(issuer: FakeIssuer):
    for _ in range(3):
        issuer.provider.begin(SIGN_ON)
        issuer.finish()
    assert (1, 1) == (issuer.times_asked("openid-configuration"), issuer.times_asked("/keys"))


def test_logging_out_names_token_client_and_the_way_back(issuer: FakeIssuer):
    address = issuer.provider.log_out_address("a.b.c")
    assert address is not None
    assert address.startswith(f"{ISSUER}/leave?")
    left = {"client_id": CLIENT.client_id, "post_logout_redirect_uri": CLIENT.left_address}
    assert left | {"id_token_hint": "a.b.c"} == query(address)
    assert left == query(issuer.provider.log_out_address("x" * 10_000) or "")


def test_some_issuers_have_no_log_out(issuer: FakeIssuer):
    del issuer.metadata["end_session_endpoint"]
    assert issuer.provider.log_out_address("a.b.c") is None


def test_an_issuer_that_is_down_does_not_keep_anybody_from_logging_out(issuer: FakeIssuer):
    issuer.failing.add("openid-configuration")
    assert issuer.provider.log_out_address("a.b.c") is None


def test_no_secret_is_shown():
    assert CLIENT.secret not in repr(CLIENT)
