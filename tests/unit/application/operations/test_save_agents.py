"""What agents say of themselves is stored when it changes."""

from monitor.domain.fleet.servers import AgentInfo, ServerId
from tests.unit.application.core import Core

NEW = AgentInfo("0.2.0", "Debian")


def test_only_what_changed_is_stored(core: Core) -> None:
    server = core.server()
    core.fleet.refresh()
    core.fleet.note_agent(server.id, NEW)
    core.fleet.note_agent(ServerId(999), NEW)
    assert core.fleet.agent_of(server) == NEW
    core.save_agents()
    assert core.fleet.agents == {}
    assert core.fleet.directory.servers[server.id].agent == NEW
    revision = core.fleet.directory.revision
    core.fleet.note_agent(server.id, NEW)
    core.save_agents()
    core.fleet.poll()
    assert core.fleet.directory.revision == revision


def test_what_is_said_again_before_it_was_stored_is_not(core: Core) -> None:
    server = core.server()
    core.fleet.refresh()
    core.fleet.note_agent(server.id, NEW)
    core.save_agents()
    core.fleet.note_agent(server.id, AgentInfo("0.3.0", "Debian"))
    core.fleet.note_agent(server.id, NEW)
    assert core.fleet.agents == {}
