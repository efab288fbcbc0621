"""Applications to talk to: over memory for most tests, over each kind of store for those that go end to end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from monitor.adapters.persistence import migrations
from monitor.adapters.persistence.store import SqlStore
from tests.integration.http.world import World

NewWorld = Callable[..., World]


@pytest.fixture
def new_world() -> Iterator[NewWorld]:
    """Makes worlds that are closed when the test ends."""
    with ExitStack() as stack:

        def make(*args: Any, **settings: Any) -> World:
            world = World(*args, **settings)
            stack.callback(world.close)
            return world

        yield make


@pytest.fixture
def world(new_world: NewWorld) -> World:
    return new_world()


@pytest.fixture(params=["memory", "sqlite", "mariadb"])
def any_world(request: pytest.FixtureRequest, new_world: NewWorld) -> World:
    """Once over each kind of store."""
    if request.param == "memory":
        return new_world()
    url = request.getfixturevalue(f"{request.param}_url")
    migrations.upgrade(url)
    return new_world(SqlStore(url, pool_size=8))
