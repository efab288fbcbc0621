"""Identities at the issuer of single sign-on, and the teams that follow its groups."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update

from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, cut_to_fit, entity_of, insert_row
from monitor.adapters.persistence.tables.accounts import identities as t
from monitor.adapters.persistence.tables.accounts import team_users, teams
from monitor.application.accounts.ports import Identities, TeamGroups
from monitor.application.fleet.ports import Tracked
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.errors import IdentityTaken


class SqlIdentities(SqlRepository, Identities):
    def add(self, identity: JoinedIdentity) -> JoinedIdentity:
        try:
            return replace(identity, id=insert_row(self._connection, t, _to_row(identity)))
        except KeyTaken as error:
            raise IdentityTaken from error

    def find(self, issuer: str, subject: str) -> JoinedIdentity | None:
        wanted = select(t).where(t.c.issuer == issuer, t.c.subject == subject)
        # MySQL ignores trailing spaces when it compares.
        rows = [row for row in self._connection.execute(wanted) if (row.issuer, row.subject) == (issuer, subject)]
        return to_identity(rows[0]) if rows else None

    def of_user(self, user_id: UserId) -> list[JoinedIdentity]:
        return [to_identity(row) for row in self._connection.execute(identities_of(user_id))]

    def save(self, identity: JoinedIdentity) -> bool:
        saved = update(t).where(t.c.id == identity.id).values(_to_row(identity))
        return self._connection.execute(saved).rowcount > 0

    def delete_all(self, user_id: UserId) -> None:
        self._connection.execute(delete(t).where(t.c.user_id == user_id))


def identities_of(user_id: UserId) -> Select[Any]:
    return select(t).where(t.c.user_id == user_id).order_by(t.c.id)


def to_identity(row: Row[Any]) -> JoinedIdentity:
    return entity_of(JoinedIdentity, row)


def _to_row(identity: JoinedIdentity) -> dict[str, Any]:
    email = None if identity.email is None else cut_to_fit(identity.email, t.c.email)
    return columns_of(identity) | {"username": cut_to_fit(identity.username, t.c.username), "email": email}


class SqlTeamGroups(SqlRepository, TeamGroups):
    def follow(self, user_id: UserId, groups: Collection[str]) -> tuple[list[str], list[str]]:
        rows = self._connection.execute(select(teams).where(teams.c.oidc_group.is_not(None))).all()
        followed = {row.id: row for row in rows}
        mine = select(team_users.c.team_id).where(team_users.c.user_id == user_id)
        before = {team_id for team_id in self._connection.scalars(mine) if team_id in followed}
        after = {row.id for row in rows if row.oidc_group in groups}
        if after - before:
            joined = [{"team_id": team_id, "user_id": user_id} for team_id in sorted(after - before)]
            self._connection.execute(insert(team_users), joined)
        if before - after:
            left = team_users.c.team_id.in_(before - after)
            self._connection.execute(delete(team_users).where(team_users.c.user_id == user_id, left))
        if before != after:
            self._log.note(Tracked.USER, [user_id])
        was, now = (sorted(followed[team_id].name for team_id in ids) for ids in (before, after))
        return was, now
