"""Teams: people who see the same servers, and what they may do with them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.users import username_key
from monitor.domain.fleet.errors import TeamTag
from monitor.domain.fleet.servers import Server, ServerId, checked_tags
from monitor.domain.text import checked_name

TeamId = NewType("TeamId", int)
EscalationId = NewType("EscalationId", int)

MAX_TEAM_NAME = 100
MAX_TEAM_TAGS = 100
MAX_GROUP = 255


class TeamAccess(StrEnum):
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """*user_ids*: its members. They see *server_ids*, and servers with one of *tags*. *oidc_group*: the group of single
    sign-on whose people are its members. *escalation_id*: of alerts on their servers, unless a policy names its own."""

    name: str
    access: TeamAccess
    created_at: datetime
    id: TeamId = TeamId(0)  # 0 until stored
    user_ids: frozenset[UserId] = frozenset()
    server_ids: frozenset[ServerId] = frozenset()
    tags: frozenset[str] = frozenset()
    oidc_group: str | None = None
    escalation_id: EscalationId | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_TEAM_NAME))
        object.__setattr__(self, "tags", checked_tags(self.tags, MAX_TEAM_TAGS))
        if self.oidc_group is not None:
            group = checked_name("oidc_group", self.oidc_group, longest=MAX_GROUP)
            object.__setattr__(self, "oidc_group", group)

    @property
    def key(self) -> str:
        """The form in which names are compared and unique, like the names of users."""
        return username_key(self.name)

    def with_member(self, user_id: UserId, *, is_in: bool) -> "Team":
        return replace(self, user_ids=self.user_ids | {user_id} if is_in else self.user_ids - {user_id})


_People = tuple[frozenset[UserId], frozenset[UserId]]
"""Readers and writers."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which servers *teams* have, found without a search through all of them."""

    teams: Mapping[TeamId, Team]
    members: Collection[UserId] = field(init=False, compare=False)
    _of_servers: dict[ServerId, list[Team]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _of_tags: dict[str, list[Team]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _people: dict[frozenset[str], _People] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Cache of people by tags: a hundred thousand servers have few sets of them."""

    def __post_init__(self) -> None:
        for team in self.teams.values():
            for server_id in team.server_ids:
                self._of_servers.setdefault(server_id, []).append(team)
            for tag in team.tags:
                self._of_tags.setdefault(tag, []).append(team)
        object.__setattr__(self, "members", frozenset().union(*(team.user_ids for team in self.teams.values())))

    @staticmethod
    def of(teams: Iterable[Team]) -> "Reach":
        return Reach({team.id: team for team in teams})

    def teams_of(self, server: Server) -> Sequence[Team]:
        """Return the teams that have *server*, or the host of a check, in id order."""
        listed = (team for own in server.own_ids for team in self._of_servers.get(own, ()))
        found = {team.id: team for team in (*listed, *self._carrying(server.tags))}
        return [found[team_id] for team_id in sorted(found)]

    def sizes(self, servers: Mapping[ServerId, Server]) -> Mapping[TeamId, int]:
        """Return how many of *servers* each team has."""
        sizes = Counter[TeamId]()
        for tags, count in Counter(server.tags for server in servers.values()).items():
            sizes.update(dict.fromkeys((team.id for team in self._carrying(tags)), count))
        for team in self.teams.values():
            listed = (servers[server_id] for server_id in team.server_ids if server_id in servers)
            sizes[team.id] += sum(team.tags.isdisjoint(server.tags) for server in listed)
        return sizes

    def _carrying(self, tags: frozenset[str]) -> Iterable[Team]:
        return (team for tag in tags & self._of_tags.keys() for team in self._of_tags[tag])

    def applied(self, server: Server) -> Server:
        """Return *server* with the people of its teams: the same object if they are the same."""
        if server.id in self._of_servers:
            return server.with_teams(*_people(self.teams_of(server)))
        people = self._people.get(server.tags)
        if people is None:
            people = self._people[server.tags] = _people(self.teams_of(server))
        return server.with_teams(*people)

    def check_tags(self, tags: Iterable[str], actor: Actor) -> None:
        """Raises TeamTag if *actor* may not add *tags* to a server, which hands it to the teams that carry one of them.
        Administrators may, and members with write access of each of these teams."""
        if actor.is_admin:
            return
        for tag in sorted(tags):
            for team in self._of_tags.get(tag, ()):
                if team.access is not TeamAccess.WRITE or actor.user_id not in team.user_ids:
                    raise TeamTag(tag)


def _people(teams: Iterable[Team]) -> _People:
    """Return the people of *teams*; one in several teams has the greater right."""
    of: dict[TeamAccess, set[UserId]] = {access: set() for access in TeamAccess}
    for team in teams:
        of[team.access] |= team.user_ids
    return frozenset(of[TeamAccess.READ] - of[TeamAccess.WRITE]), frozenset(of[TeamAccess.WRITE])


NO_TEAMS = Reach({})
