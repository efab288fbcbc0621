"""/api/teams: people who see the same servers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct

from monitor.adapters.http.accounts.users import TeamOption, Text, UserOption
from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id, PageLimit, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import given, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.bodies import Ids, ServerName, Tags
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.teams import ChangeTeam, CreateTeam, DeleteTeam
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.teams import Reach, Team, TeamAccess, TeamId

NEW = TeamId(0)
Access = Annotated[
    Literal["read", "write"], Meta(description="What members may do with its servers: with `read` they change nothing.")
]
Group = Annotated[
    Text | None,
    Meta(description="Group of single sign-on: its people become members when they log in, and others cease to be."),
]
EscalationOf = Annotated[
    Id | None, Meta(description="Who is notified of alerts on its servers, unless a policy names an escalation.")
]


class TeamIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A team, whole. It has the servers *server_ids*, and all that carry one of *tags*."""

    name: Text
    user_ids: Ids
    server_ids: Ids
    tags: Tags
    access: Access
    oidc_group: Group = None
    escalation_id: EscalationOf = None

    def to_domain(self, team_id: TeamId = NEW) -> Team:
        """Raises InvalidInput."""
        sets = {"user_ids": frozenset, "server_ids": frozenset, "tags": frozenset}
        values = given(self, access=TeamAccess, oidc_group=lambda group: group or None, **sets)
        return Team(**values, id=team_id, created_at=datetime.fromtimestamp(0, UTC))  # set by the use case


class NewTeam(TeamIn, frozen=True, forbid_unknown_fields=True, kw_only=True):
    user_ids: Ids = []
    server_ids: Ids = []
    tags: Tags = []


class TeamOut(TeamOption, frozen=True, kw_only=True):
    """*users*, *servers*: those of *user_ids* and *server_ids*, with their names. *reaches*: how many servers it has,
    listed or by a tag."""

    user_ids: list[int]
    server_ids: list[int]
    tags: list[str]
    oidc_group: str | None
    escalation_id: int | None
    created_at: str
    users: list[UserOption]
    servers: list[ServerName]
    reaches: int

    @staticmethod
    def of(team: Team, directory: Directory, sizes: Mapping[TeamId, int]) -> "TeamOut":
        users = [user for user_id in sorted(team.user_ids) if (user := directory.users.get(user_id)) is not None]
        servers = [each for id_ in sorted(team.server_ids) if (each := directory.servers.get(id_)) is not None]
        return shown(
            TeamOut,
            team,
            user_ids=sorted(team.user_ids),
            server_ids=sorted(team.server_ids),
            tags=sorted(team.tags),
            users=[UserOption(user.id, user.username) for user in users],
            servers=[ServerName(id=server.id, name=server.name) for server in servers],
            reaches=sizes.get(team.id, 0),
        )


def _shown(team: Team, directory: Directory) -> TeamOut:
    return TeamOut.of(team, directory, Reach.of([team]).sizes(directory.servers))


class TeamController(Controller):
    path = "/teams"
    tags = ("users",)
    guards = (admins_only,)

    @get("/", sync_to_thread=True)
    def list_teams(
        self,
        fleet: Part[Fleet],
        q: FromQuery[str] = "",
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[TeamOut]]]:
        """All teams by id, or those with `q` in the name; a page of them with `limit`."""
        fleet.refresh()
        directory, after, wanted = fleet.directory, cursors.to_id(cursor) or 0, q.strip().casefold()
        teams = [team for team in directory.reach.teams.values() if team.id > after and wanted in team.name.casefold()]
        sizes = directory.reach.sizes(directory.servers)
        return paged(teams, limit, lambda team: TeamOut.of(team, directory, sizes))

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self, actor: Part[Actor], data: JSONBody[NewTeam], create_team: Part[CreateTeam], fleet: Part[Fleet]
    ) -> Envelope[TeamOut]:
        team = create_team(actor, data.to_domain())
        fleet.refresh()  # its members see its servers as soon as this is answered
        return ok(_shown(team, fleet.directory), "created")

    @put("/{team_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        team_id: PathId,
        data: JSONBody[TeamIn],
        change_team: Part[ChangeTeam],
        fleet: Part[Fleet],
    ) -> Envelope[TeamOut]:
        """Replaces the whole team."""
        team = change_team(actor, data.to_domain(TeamId(team_id)))
        fleet.refresh()
        return ok(_shown(team, fleet.directory), "updated")

    @delete("/{team_id:int}", status_code=200, sync_to_thread=True)
    def remove(
        self, actor: Part[Actor], team_id: PathId, delete_team: Part[DeleteTeam], fleet: Part[Fleet]
    ) -> Envelope[None]:
        """Its members no longer see its servers, unless by a link or another team."""
        delete_team(actor, TeamId(team_id))
        fleet.refresh()
        return ok(None, "deleted")
