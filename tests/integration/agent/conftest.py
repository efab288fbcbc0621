"""An API on a loopback port."""

from collections.abc import Iterator

import pytest

from tests.integration.agent.api import Api, serving


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Api()) as running:
        yield running
