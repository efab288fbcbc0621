import pytest

from tests.unit.adapters.oidc.fake_issuer import FakeIssuer


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer()
