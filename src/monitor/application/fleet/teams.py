"""Administration of teams, and the teams that a person has."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import UnitOfWork
from monitor.application.fleet.servers import check_users_exist
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry, values_of
from monitor.domain.errors import InvalidInput, NotFound, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.fleet.teams import EscalationId, Team, TeamId

NewUow = Callable[[], UnitOfWork]


def teams_of(directory: Directory, user_id: UserId) -> list[Team]:
    """Return the teams of a user, in id order."""
    return [team for team in directory.reach.teams.values() if user_id in team.user_ids]


@dataclass(frozen=True, slots=True)
class CreateTeam:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, team: Team) -> Team:
        """Sets the time of creation. Raises Forbidden, ReauthenticationRequired, InvalidInput, TeamNameTaken."""
        now = self.clock.now()
        actor.must_be_admin()
        actor.must_be_fresh(now)
        with self.new_uow() as uow:
            _check(uow, actor, team.user_ids, team.server_ids)
            check_escalation(uow, team.escalation_id)
            team = uow.teams.add(replace(team, created_at=now.replace(microsecond=0)))
            detail = created_values(_audit_details(uow, team))
            uow.audit.add(entry(actor, now, "team.create", team.name, detail))
            uow.commit()
        return team


@dataclass(frozen=True, slots=True)
class ChangeTeam:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, team: Team) -> Team:
        """Raises Forbidden, ReauthenticationRequired, NotFound, InvalidInput, TeamNameTaken."""
        actor.must_be_admin()
        actor.must_be_fresh(self.clock.now())
        with self.new_uow() as uow:
            before = uow.teams.get(team.id)
            after = replace(team, created_at=before.created_at)
            _check(uow, actor, after.user_ids - before.user_ids, after.server_ids - before.server_ids)
            check_escalation(uow, after.escalation_id)
            if after != before:
                uow.teams.save(after)
                detail = changes(_audit_details(uow, before), _audit_details(uow, after))
                uow.audit.add(entry(actor, self.clock.now(), "team.update", after.name, detail))
            uow.commit()
        return after


@dataclass(frozen=True, slots=True)
class DeleteTeam:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, team_id: TeamId) -> None:
        """Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            team = uow.teams.get(team_id)
            detail = deleted_values(_audit_details(uow, team))
            uow.teams.delete(team_id)
            uow.audit.add(entry(actor, self.clock.now(), "team.delete", team.name, detail))
            uow.commit()


def _check(uow: UnitOfWork, actor: Actor, user_ids: Collection[UserId], server_ids: Collection[ServerId]) -> None:
    """Raises InvalidInput for users or servers that do not exist. A check belongs to its host."""
    check_users_exist(uow, user_ids)
    hosts = {id_ for id_, kind in uow.servers.seen(server_ids, actor).items() if kind is Kind.HOST}
    if unknown := set(server_ids) - hosts:
        raise InvalidInput({"server_ids": Problem("unknown_servers", {"ids": ", ".join(map(str, sorted(unknown)))})})


def check_escalation(uow: UnitOfWork, escalation_id: EscalationId | None) -> None:
    """Raises InvalidInput for one that does not exist."""
    if escalation_id is not None:
        try:
            uow.escalations.get(escalation_id)
        except NotFound:
            raise InvalidInput({"escalation_id": Problem("unknown_ids", {"ids": escalation_id})}) from None


def _audit_details(uow: UnitOfWork, team: Team) -> dict[str, object]:
    return values_of(team, "name", "access") | {
        "user_ids": sorted(uow.users.names(team.user_ids).values()),
        "tags": sorted(team.tags),
        "server_ids": sorted(uow.servers.names(team.server_ids).values()),
        "oidc_group": team.oidc_group,
        "escalation_id": team.escalation_id,
    }
