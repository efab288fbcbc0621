import pytest

from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server
from tests.unit.application.alerts.alert_world import World
from tests.unit.application.core import Core


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def server(core: Core) -> Server:
    return core.server()


@pytest.fixture
def root(core: Core) -> Actor:
    """An administrator, the only one."""
    return core.admin("root")


@pytest.fixture
def ann(core: Core) -> Actor:
    """A plain user."""
    return core.user("ann")


@pytest.fixture
def bob(core: Core) -> Actor:
    """Another plain user."""
    return core.user("bob")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def web(world: World) -> Server:
    return world.server("web", "10.0.0.1")
