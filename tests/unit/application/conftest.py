import pytest

from monitor.domain.actors import Actor
from monitor.domain.servers import Server
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
