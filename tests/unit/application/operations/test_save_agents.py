"""What agents say of themselves is stored when it changes."""

from datetime import timedelta

from monitor.domain.fleet.facts import Facts, HostFacts
from monitor.domain.fleet.servers import AgentInfo, ServerId
from tests.contracts.builders import ADMIN, a_sample
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


def test_of_facts_the_newest_are_stored_in_whatever_order_they_arrive(core: Core) -> None:
    server = core.server()
    core.fleet.refresh()
    sample = a_sample(server.id)
    earlier = sample._replace(recorded_at=sample.recorded_at - timedelta(hours=1))
    core.fleet.note_facts(sample, Facts(kernel="6.2"))
    core.fleet.note_facts(earlier, Facts(kernel="6.1"))
    core.save_agents()
    assert core.fleet.facts == {}
    core.fleet.note_facts(earlier, Facts(kernel="6.1"))
    core.save_agents()
    expected = HostFacts(at=sample.recorded_at, booted_at=None, kernel="6.2")
    assert core.store.queries.servers.facts(ADMIN, server.id) == expected
