"""What the claims of the token and of userinfo say about a person."""

from typing import Any

import pytest

from monitor.domain.accounts.errors import IssuerUnavailable
from tests.unit.adapters.oidc.fake_issuer import (
    ACCESS_TOKEN,
    ISSUER,
    NOW,
    SECOND,
    FakeIssuer,
    why,
)


def test_the_claims_become_an_identity(issuer: FakeIssuer):
    issuer.claims |= {"auth_time": int(NOW.timestamp()) - 5}
    proof = issuer.finish()
    identity = proof.identity
    assert (ISSUER, "s-1", "alice", "alice@example.com") == (
        identity.issuer,
        identity.subject,
        identity.username,
        identity.email,
    )
    assert (True, frozenset({"ops"})) == (identity.email_verified, identity.groups)
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
