"""Applications to talk to: over memory for most tests, over each kind of store where storage has a say."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from monitor.adapters.http.edge.words.messages import use_language
from monitor.adapters.memory.store import MemoryStore
from monitor.adapters.persistence.store import SqlStore
from monitor.application.operations.ports import Store
from tests.fakes.cipher import TransparentCipher
from tests.integration.http.served import Served
from tests.integration.http.world import World

NewWorld = Callable[..., World]


@pytest.fixture
def new_world() -> Iterator[NewWorld]:
    """Makes worlds that are closed when the test ends."""
    with ExitStack() as stack:

        def make(*args: object, **settings: object) -> World:
            world = World(*args, **settings)  # type: ignore[arg-type]  # checked where it is called for
            stack.callback(world.close)
            return world

        yield make


@pytest.fixture
def world(new_world: NewWorld) -> World:
    return new_world()


@pytest.fixture
def served() -> Iterator[Served]:
    """A real server over memory."""
    server = Served(World(is_started=False))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def calm_world() -> Iterator[World]:
    """A world for all tests of a module whose requests change nothing."""
    with closing(World()) as world:
        yield world


@pytest.fixture(params=["memory", *(pytest.param(kind, marks=pytest.mark.nightly) for kind in ("sqlite", "mariadb"))])
def any_store(request: pytest.FixtureRequest) -> Store:
    """Each kind, empty. What each must do stands in contracts; here over memory at every run."""
    if request.param == "memory":
        return MemoryStore()
    # By name, so that a run without the MariaDB half starts no server.
    url = request.getfixturevalue(f"ready_{request.param}_url")
    return SqlStore(url, pool_size=8, cipher=TransparentCipher("a key"))


@pytest.fixture
def any_world(any_store: Store, new_world: NewWorld) -> World:
    """A world on each kind of store; it is closed before the store is emptied."""
    return new_world(any_store)


@pytest.fixture(autouse=True)
def _in_the_default_language() -> None:
    """A request sets the language of its own context; a test that asks for a sentence outside of one, everybody's."""
    use_language("")
