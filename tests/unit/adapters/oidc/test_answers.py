"""What the issuer answers: the browser's return, and the tokens for its code."""

import json

import pytest

from monitor.domain.accounts.errors import IssuerUnavailable, SignOnFailed
from tests.unit.adapters.oidc.fake_issuer import (
    CLIENT,
    ISSUER,
    SIGN_ON,
    FakeIssuer,
    credentials,
    form,
    why,
)


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


@pytest.mark.parametrize("token", ["é", "a\nb", "a\x00", "😀"])
def test_an_access_token_that_no_header_can_carry_is_refused(issuer: FakeIssuer, token: str):
    body = {"access_token": token, "token_type": "Bearer", "id_token": issuer.signed()}
    issuer.bodies["token"] = json.dumps(body).encode()
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
