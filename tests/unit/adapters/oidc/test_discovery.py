"""What the issuer publishes about itself, and what happens while it is down."""

from typing import Any

import pytest

from monitor.adapters.oidc.discovery import PAUSE
from monitor.adapters.oidc.web import LARGEST
from monitor.domain.accounts.errors import IssuerUnavailable
from tests.unit.adapters.oidc.fake_issuer import (
    ISSUER,
    SIGN_ON,
    FakeIssuer,
)


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
