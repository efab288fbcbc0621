"""Users, teams, their mails, the audit log, and who created what, in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from heapq import nlargest

from monitor.adapters.memory.credentials import factors_of, owner_fields
from monitor.adapters.memory.notifications import forget_unsent
from monitor.adapters.memory.parts import Entities, MemoryPart, having, removing
from monitor.adapters.memory.roster import replace_target, replace_user
from monitor.adapters.memory.state import Claim, Maker
from monitor.application.accounts import ports
from monitor.application.accounts.credential_ports import SessionOwner
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.accounts.actors import Actor, Role, SessionId, UserId
from monitor.domain.accounts.audit import EVERYTHING, AuditEntry, AuditFilter
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.limits import Quota
from monitor.domain.accounts.passkeys import Passkey
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import User, locale_or_default, username_key
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Reach, Team, TeamId
from monitor.domain.oncall.escalations import Target, TargetKind
from monitor.domain.policies.policies import PolicyId


class MemoryUsers(Entities[UserId, User], ports.Users):
    name = "users"

    def by_usernames(self, usernames: Collection[str]) -> list[User]:
        found = (self._table.by(key) for key in {username_key(name) for name in usernames})
        return [user for user in found if user is not None]

    def lock_links(self, user_id: UserId) -> None:
        """Transactions run one after the other."""

    def delete(self, user_id: UserId) -> None:
        self.get(user_id)
        forget_unsent(self._state, lambda target: target.user_id == user_id)
        replace_user(self._state, user_id)
        self._state.live_tickets.remove(lambda ticket: ticket.claims.user_id == user_id)
        self._table.delete(user_id)
        self._state.derive_people()

    def hand_over(self, user_id: UserId, to: UserId, *, with_keys: bool) -> dict[str, int]:
        state = self._state
        counts = replace_user(state, user_id, to)
        for name in ("servers", "teams"):
            linked = state.table(name).where(lambda row: user_id in row.user_ids and to not in row.user_ids)
            counts[name] = sum(state.table(name).amend(row.id, user_ids=row.user_ids | {to}) for row in linked)
        made = state.silences.where(lambda silence: silence.created_by == user_id)
        counts["silences"] = sum(state.silences.amend(each.id, created_by=to) for each in made)
        keys = state.api_keys.where(lambda key: with_keys and key.owner_id == user_id)
        counts["api_keys"] = sum(state.api_keys.amend(each.id, owner_id=to) for each in keys)
        state.derive_people()
        return counts

    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        return {user.id: user.username for user in self._table.of(user_ids)}

    def default_locale(self) -> str:
        return locale_or_default(self._state.preferences.get("default_locale"))

    def count(self) -> int:
        return len(self._table)

    def count_admins(self) -> int:
        return sum(user.role is Role.ADMIN for user in self._table.values())


class MemoryUserQueries(MemoryPart, ports.UserQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        actor.must_be_admin()
        return self._state.users.where(lambda user: user.id > (after or 0))[:limit]

    def options(self) -> list[tuple[UserId, str]]:
        users = sorted(self._state.users.values(), key=lambda user: username_key(user.username))
        return [(user.id, user.username) for user in users]

    def me(self, actor: Actor) -> User:
        return self._state.users.found(actor.user_id)

    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        own = self._state.sessions.where(lambda each: each.user_id == actor.user_id and now < each.expires_at)
        return sorted(own, key=lambda session: session.last_used_at, reverse=True)

    def passkeys(self, actor: Actor) -> list[Passkey]:
        return self._state.passkeys.where(lambda passkey: passkey.user_id == actor.user_id)

    def identities(self, actor: Actor) -> list[JoinedIdentity]:
        return self._state.identities.where(lambda row: row.user_id == actor.user_id)

    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        owner = self.session_owners([session_id], now).get(session_id)
        return owner if owner is not None and owner.user_id == user_id else None

    def session_owners(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, SessionOwner]:
        state = self._state
        return {
            session.id: SessionOwner(
                **owner_fields(state, session.user_id),
                sign_in=session.sign_in,
                authenticated_at=session.authenticated_at,
            )
            for session in state.sessions.of(session_ids)
            if now < session.expires_at
        }

    def factors(self, user_id: UserId) -> OwnFactors:
        return factors_of(self._state, user_id)

    def with_second_factor(self, user_ids: Collection[UserId]) -> set[UserId]:
        return {user_id for user_id in user_ids if factors_of(self._state, user_id).is_any}

    def was_done_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        state = self._state
        user = state.users.get(user_id)
        return user is not None and any(
            entry.action in actions and entry.target == user.username and entry.at > after
            for entry in state.audit.values()
        )


class MemoryTeams(Entities[TeamId, Team], ports.Teams):
    name = "teams"
    with_group = having(lambda team: team.oidc_group is not None)

    def add(self, team: Team) -> Team:
        team = super().add(team)
        self._state.derive_people()
        return team

    def save(self, team: Team) -> None:
        super().save(team)
        self._state.derive_people()

    def delete(self, team_id: TeamId) -> None:
        super().delete(team_id)
        replace_target(self._state, Target(TargetKind.TEAM, team_id))
        self._state.derive_people()

    def reaching(self, server_ids: Collection[ServerId], tags: Collection[str]) -> Reach:
        ids, wanted = frozenset(server_ids), frozenset(tags)
        parts = (replace(team, server_ids=team.server_ids & ids, tags=team.tags & wanted) for team in self.all())
        return Reach.of(team for team in parts if team.server_ids or team.tags)


class MemoryAudit(MemoryPart, ports.Audit):
    def add(self, *entries: AuditEntry) -> None:
        for entry in entries:
            self._state.audit.add(entry)

    def oldest(self) -> datetime | None:
        return min((entry.at for entry in self._state.audit.values()), default=None)

    def delete_before(self, moment: datetime, limit: int) -> int:
        old = sorted(self._state.audit.where(lambda entry: entry.at < moment), key=lambda entry: entry.at)
        return self._state.audit.delete(*[entry.id for entry in old[:limit]])


class MemoryAuditQueries(MemoryPart, ports.AuditQueries):
    def newest(
        self, actor: Actor, wanted: AuditFilter = EVERYTHING, *, before: ports.AuditPlace | None = None, limit: int
    ) -> list[AuditEntry]:
        actor.must_be_admin()
        found = (entry for entry in self._state.audit.values() if before is None or _place(entry) < before)
        return nlargest(limit, filter(wanted.fits, found), key=_place)


def _place(entry: AuditEntry) -> ports.AuditPlace:
    return entry.at, entry.id


class MemoryAccountMails(MemoryPart, ports.AccountMails):
    name = "account_mails"
    delete_before = removing(lambda mail, at: mail.at < at)

    def add(self, mail: AccountMail) -> None:
        self._state.account_mails.add(replace(mail, not_before=_due_at(mail)))

    def claim(self, now: datetime, *, leased_until: datetime, holder: str) -> AccountMail | None:
        leases = self._state.account_mail_leases
        due = self._state.account_mails.where(
            lambda mail: _due_at(mail) <= now and not (mail.id in leases and now < leases[mail.id].until)
        )
        mail = min(due, key=_due_at, default=None)
        if mail is not None:
            leases.put(Claim(mail.id, holder, leased_until))
        return mail

    def holds(self, holder: str, mail_id: int) -> bool:
        claim = self._state.account_mail_leases.get(mail_id)
        return claim is not None and claim.holder == holder

    def put_off(self, mail: AccountMail) -> None:
        self._state.account_mails.amend(
            mail.id, attempts=mail.attempts, not_before=mail.not_before, last_error=mail.last_error
        )
        self._state.account_mail_leases.delete(mail.id)

    def delete(self, mail_id: int) -> None:
        self._state.account_mails.delete(mail_id)

    def free(self, holder: str) -> None:
        self._state.account_mail_leases.remove(lambda claim: claim.holder == holder)


def _due_at(mail: AccountMail) -> datetime:
    return mail.not_before or mail.at


_MADE_BY = {
    Quota.SERVERS: ("server_makers", "user_id"),
    Quota.SILENCES: ("silences", "created_by"),
    Quota.POLICIES: ("policy_makers", "user_id"),
    Quota.KEYS: ("api_keys", "owner_id"),
    Quota.TOKENS: ("personal_tokens", "user_id"),
}


class MemoryCreators(MemoryPart, ports.Creators):
    """Creators. There is one writer at a time, so no other transaction counts meanwhile."""

    def count(self, user_id: UserId, what: Quota, now: datetime) -> int:
        table, maker = _MADE_BY[what]
        made = [row for row in self._state.table(table).values() if getattr(row, maker) == user_id]
        return sum(what is not Quota.SILENCES or row.ends_at > now for row in made)

    def note_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        for server_id in server_ids:
            self._state.server_makers.put(Maker(server_id, user_id))

    def note_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        self._state.policy_makers.put(Maker(policy_id, user_id))
