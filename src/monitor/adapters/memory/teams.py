"""Teams in memory."""

from collections.abc import Collection
from dataclasses import replace

from monitor.adapters.memory.database import MemoryRepository, derive_people
from monitor.application.accounts.ports.fleet import Teams
from monitor.domain.fleet.errors import TeamNameTaken
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Reach, Team, TeamId


class MemoryTeams(MemoryRepository, Teams):
    def add(self, team: Team) -> Team:
        self._check(team)
        team = replace(team, id=TeamId(self._draft.next_id("teams")))
        self._store(team)
        return team

    def get(self, team_id: TeamId) -> Team:
        return self._draft.teams.found(team_id, "team")

    def save(self, team: Team) -> None:
        self.get(team.id)
        self._check(team)
        self._store(team)

    def delete(self, team_id: TeamId) -> None:
        self.get(team_id)
        del self._draft.teams[team_id]
        self._derive()

    def with_group(self) -> list[Team]:
        return [team for team in self._draft.teams.in_order() if team.oidc_group is not None]

    def reaching(self, server_ids: Collection[ServerId], tags: Collection[str]) -> Reach:
        ids, wanted = frozenset(server_ids), frozenset(tags)
        parts = (
            replace(team, server_ids=team.server_ids & ids, tags=team.tags & wanted)
            for team in self._draft.teams.in_order()
        )
        return Reach.of(team for team in parts if team.server_ids or team.tags)

    def _store(self, team: Team) -> None:
        self._draft.teams[team.id] = team
        self._derive()

    def _derive(self) -> None:
        derive_people(self._draft)
        self._draft.fleet_changed = True

    def _check(self, team: Team) -> None:
        if any(other.key == team.key for other in self._draft.teams.values() if other.id != team.id):
            raise TeamNameTaken
        for user_id in team.user_ids:
            self._draft.check_user(user_id)
        for server_id in team.server_ids:
            self._draft.check_server(server_id)
