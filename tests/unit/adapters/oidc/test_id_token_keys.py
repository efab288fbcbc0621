"""Every wrong signature of an ID token is refused."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from jwt.warnings import InsecureKeyLengthWarning

from monitor.adapters.oidc.discovery import KEPT, PAUSE
from tests.unit.adapters.oidc.fake_issuer import (
    ACCESS_TOKEN,
    CLIENT,
    MINUTE,
    FakeIssuer,
    at_hash,
    ec_key,
    ed_key,
    public,
    rsa_key,
    why,
)


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
