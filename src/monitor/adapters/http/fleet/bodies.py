"""Servers as the API receives and shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct, field

from monitor.adapters.http.accounts.users import TeamOption, Text, UserOption
from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.bodies import Id, listed_ids
from monitor.adapters.http.edge.mapping import changes_of, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.agents import AgentFiles
from monitor.adapters.http.fleet.dependencies import Dependencies, shown_parents
from monitor.adapters.http.policies.silenced import ShownSilences, SilencedOut
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import DEFAULT_PORT, AgentInfo, Server, ServerId, UnregisteredHost

MOST_IDS = 1000
"""Of servers, in a query."""
Ids = Annotated[list[Id], Meta(max_length=10_000)]
Tags = Annotated[list[Text], Meta(max_length=1000)]
Port = Annotated[int, Meta(ge=1, le=65535)]


class AgentOut(Struct, frozen=True, kw_only=True):
    """*version*: null for an agent that is too old to say. *os*: the host's operating system. *is_old*: older than the
    agent that this server hands out."""

    version: str | None
    os: str
    is_old: bool


class ServerOut(Struct, frozen=True, kw_only=True):
    """*clock_skew*: by how many seconds its clock is ahead, or behind where negative; null within a minute, and where
    its reports tell nothing of it. *silenced*: the silences that act on it now, whatever they are on; of more than ten
    those of all metrics first, then those that act longest. *teams*: those that have it, whose members see it.
    *may_change*: whether the caller may change it, its policies and silences, and acknowledge its alerts.
    *agent*: what its agent last said of itself; null for a server that no agent of ours reports."""

    id: int
    server_name: str
    ip_address: str
    port: int
    status: Literal["online", "offline"]
    tags: list[str]
    users: list[UserOption]
    created_at: str
    clock_skew: int | None
    silenced: list[SilencedOut]
    teams: list[TeamOption]
    may_change: bool
    agent: AgentOut | None
    depends_on: Dependencies


class HostFactsOut(Struct, frozen=True, kw_only=True):
    """*at*: when it was so. *memory*, *swap*, *disks* (by mount point): bytes. "", 0 and null: unknown."""

    at: str
    booted_at: str | None
    kernel: str
    architecture: str
    cpu: str
    cores: int
    memory: int
    swap: int
    disks: dict[str, int]


class ServerName(Struct, frozen=True, kw_only=True):
    id: int
    name: str = field(name="server_name")


class UnregisteredOut(Struct, frozen=True, kw_only=True):
    ip_address: str
    first_seen_at: str
    last_seen_at: str
    reports: int
    cpu_value: float
    memory_value: float
    disk_value: float

    @staticmethod
    def of(host: UnregisteredHost) -> "UnregisteredOut":
        return shown(UnregisteredOut, host, cpu_value=host.cpu, memory_value=host.memory, disk_value=host.disk)


class NewServer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Text = field(name="server_name")
    ip_address: Text
    port: Port = DEFAULT_PORT
    user_ids: Ids = []
    tags: Tags = []
    depends_on: Dependencies = []


if TYPE_CHECKING:
    ServerChange = NewServer
else:
    ServerChange = changes_of(NewServer, "ServerChange")


class LinkedUsers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    user_ids: Ids


class ServerTags(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    tags: Tags


@dataclass(frozen=True, slots=True)
class ShowServers:
    """Return servers as shown, with the names of linked users read once for all."""

    actor: Part[Actor]
    queries: Part[Queries]
    fleet: Part[Fleet]
    clock: Part[Clock]
    agent_files: Part[AgentFiles]

    def __call__(self, servers: Sequence[Server]) -> list[ServerOut]:
        return [*map(self.showing(servers), servers)]

    def showing(self, servers: Sequence[Server]) -> Callable[[Server], ServerOut]:
        """Return what shows one of these *servers*: of a hundred thousand, all at once would take much memory."""
        return self.naming(
            self.queries.servers.usernames({user_id for server in servers for user_id in server.user_ids})
        )

    def naming(self, names: Mapping[UserId, str]) -> Callable[[Server], ServerOut]:
        """Return what shows any server whose users are among *names*.

        The next report already meets what this process has changed: an address decides whose it is.
        """
        self.fleet.refresh()
        silences = ShownSilences(self.fleet.directory, self.clock.now())
        reach, visible = self.fleet.directory.reach, self.fleet.visible_to(self.actor)
        teams = {team.id: shown(TeamOption, team) for team in reach.teams.values()}

        def show(server: Server) -> ServerOut:
            return ServerOut(
                id=server.id,
                server_name=server.name,
                ip_address=server.ip_address,
                port=server.port,
                status=server.status.value,
                tags=sorted(server.tags),
                users=[UserOption(user_id, names[user_id]) for user_id in sorted(server.user_ids) if user_id in names],
                created_at=times.written(server.created_at),
                clock_skew=self.fleet.clock_skew.get(server.id),
                silenced=silences.on(server),
                teams=[teams[team.id] for team in reach.teams_of(server)],
                may_change=reach.applied(server).is_changeable_by(self.actor),
                agent=shown_agent(self.fleet.agent_of(server), self.agent_files.version),
                depends_on=shown_parents(server.depends_on, visible),
            )

        return show

    def one(self, server: Server) -> ServerOut:
        return self([server])[0]


def shown_agent(agent: AgentInfo | None, version: str) -> AgentOut | None:
    """*version*: the one that this server hands out."""
    if agent is None:
        return None
    return AgentOut(version=agent.version or None, os=agent.system, is_old=agent.is_older_than(version))


def some_ids(text: str) -> list[ServerId]:
    """Return the ids in *text* (`1,2,3`), each once. Raises InvalidInput, also for more than MOST_IDS."""
    ids = [*dict.fromkeys(map(ServerId, listed_ids(text, "ids")))]
    if len(ids) > MOST_IDS:
        raise InvalidInput({"ids": Problem("too_many", {"limit": MOST_IDS})})
    return ids
