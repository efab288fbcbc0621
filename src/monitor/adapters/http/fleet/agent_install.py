"""Installation of the agent: a command that fetches the installer, checks its checksum and runs it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromQuery
from msgspec import Struct

from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.bodies import PageLimit
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more, paged
from monitor.application.fleet.fleet import Fleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.agents import AgentInfo
from monitor.domain.fleet.servers import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFiles:
    """*install_script* and *install_command* take the server's address as hosts reach it (ValueError if invalid);
    *bundle* is the whole agent in one file, of *version*."""

    install_script: Callable[[str], str]
    install_command: Callable[[str], str]
    bundle: Callable[[], bytes]
    version: str
    base_url: str | None

    def installer(self, request: Request[Any, Any, Any]) -> tuple[str, str]:
        """Return the server's address as hosts reach it, and the script. Raises HTTPException for a bad Host header."""
        address = self.base_url or str(request.base_url).rstrip("/")
        try:
            return address, self.install_script(address)
        except ValueError:  # the client's Host header is no address
            raise HTTPException(status_code=400) from None


class AgentInstallOut(Struct, frozen=True, kw_only=True):
    """*address*: the server's, as hosts reach it. *sha256*: of `install.sh` as it is served there. *command* fetches
    that, compares it and runs it; it asks for the key. Run again it updates an agent to *version*, and keeps its
    settings. *old*: how many of the caller's servers have an older agent; `GET /api/agent/old` lists them."""

    address: str
    sha256: str
    command: str
    version: str
    old: int


class OldAgentOut(Struct, frozen=True, kw_only=True):
    """*version*: null for an agent that is too old to say."""

    server_id: int
    server_name: str
    version: str | None
    os: str


@get("/agent/install", tags=("api keys",), sync_to_thread=True)
def install(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    fleet: NamedDependency[Fleet],
    agent_files: NamedDependency[AgentFiles],
) -> Envelope[AgentInstallOut]:
    """The line that installs or updates the agent on a host. Over plain http its checksum proves nothing."""
    address, script = agent_files.installer(request)
    return ok(
        AgentInstallOut(
            address=address,
            sha256=sha256(script.encode()).hexdigest(),
            command=agent_files.install_command(address),
            version=agent_files.version,
            old=sum(1 for _ in _old_agents(actor, fleet, agent_files.version)),
        )
    )


@get("/agent/old", tags=("api keys",), sync_to_thread=True)
def old_agents(
    actor: NamedDependency[Actor],
    fleet: NamedDependency[Fleet],
    agent_files: NamedDependency[AgentFiles],
    limit: PageLimit = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[list[OldAgentOut]]]:
    """The caller's servers whose agent is older than the one that this server hands out, by id; a page of them with
    `limit`. The line of `GET /api/agent/install` updates them."""
    after = cursors.to_id(cursor) or 0
    found = sorted((s.id, s, agent) for s, agent in _old_agents(actor, fleet, agent_files.version) if s.id > after)
    rows = [
        OldAgentOut(server_id=id_, server_name=server.name, version=agent.version or None, os=agent.system)
        for id_, server, agent in found[: one_more(limit)]
    ]
    return paged(rows, limit, lambda row: row, lambda last: cursors.of_numbers(last.server_id))


def _old_agents(actor: Actor, fleet: Fleet, version: str) -> Iterator[tuple[Server, AgentInfo]]:
    for server in fleet.visible_to(actor).servers:
        if (agent := fleet.agent_of(server)) is not None and agent.is_older_than(version):
            yield server, agent
