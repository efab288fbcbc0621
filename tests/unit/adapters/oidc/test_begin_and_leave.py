"""The browser is sent to the issuer to log in and to log out."""

import base64
import hashlib
from dataclasses import replace

from tests.unit.adapters.oidc.fake_issuer import (
    CLIENT,
    ISSUER,
    SIGN_ON,
    FakeIssuer,
    query,
)


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
