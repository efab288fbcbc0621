"""The in-memory database, and the cascades of a database's foreign keys."""

import threading
from collections.abc import Collection
from dataclasses import replace

from monitor.adapters.memory.state import State
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.policies import PolicyId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Reach
from monitor.domain.notifications.outbox import UNSENT, Target


class Database:
    """One committed state for all readers, and one writer at a time that may replace it."""

    def __init__(self) -> None:
        self.state = State()
        self._writing = threading.Lock()
        self._writer: int | None = None

    def begin(self) -> State:
        """Wait until no other unit of work is open, and begin one. Raises RuntimeError if this thread has one open."""
        me = threading.get_ident()
        if self._writer == me:
            raise RuntimeError("this thread has a unit of work open already; a second one would wait for ever")
        self._writing.acquire()
        self._writer = me
        return self.state.following()

    def end(self) -> None:
        self._writer = None
        self._writing.release()

    def publish(self, draft: State) -> State:
        """Commit *draft*, and return a new one on top of it."""
        self.state = draft.following()
        return self.state.following()


class MemoryRepository:
    """Repository of one unit of work."""

    def __init__(self, draft: State) -> None:
        self._draft = draft


class MemoryReader:
    """Queries on what is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def _state(self) -> State:
        return self._database.state


def forget_servers(draft: State, server_ids: Collection[ServerId]) -> None:
    """Delete servers with samples, keys, alerts, policies and silences, also from teams; notifications stay."""
    draft.servers.change(lambda server: server.host_id in server_ids, host_id=None)
    for server_id in server_ids:
        del draft.server_ids[draft.servers.pop(server_id).ip_address]
        draft.samples.drop(server_id)
    offered = {row.server_id for table in (draft.chunks, draft.rollups) for row in table.values() if row.generation}
    draft.history_deletions.update(dict.fromkeys(offered.intersection(server_ids)))
    draft.checks.remove(lambda check_id, _: check_id in server_ids)
    draft.check_leases.remove(lambda check_id, _: check_id in server_ids)
    draft.chunks.remove(lambda key, _: key[0] in server_ids)
    draft.scrapes.remove(lambda key, _: key[0] in server_ids)
    draft.rollups.remove(lambda key, _: key[0] in server_ids)
    draft.api_keys.remove(lambda _, key: key.server_id in server_ids)
    draft.check_ins.remove(lambda check_in_id, _: check_in_id in server_ids)
    draft.check_in_ids.remove(lambda _, check_in_id: check_in_id in server_ids)
    draft.check_in_pings.remove(lambda check_in_id, _: check_in_id in server_ids)
    gone = {alert.id for alert in draft.alerts.values() if alert.server_id in server_ids}
    draft.alerts.remove(lambda alert_id, _: alert_id in gone)
    draft.timelines.remove(lambda alert_id, _: alert_id in gone)
    draft.notifications.change(lambda notification: notification.alert_id in gone, alert_id=None, event_id=None)
    draft.alert_states.remove(lambda key, _: key[0] in server_ids)
    draft.quiets.remove(lambda key, _: key[0] in server_ids)
    draft.silences.remove(lambda _, silence: silence.scope.server_id in server_ids)
    forget_policies(draft, {p.id for p in draft.policies.values() if p.scope.server_id in server_ids})
    for team in [team for team in draft.teams.values() if not team.server_ids.isdisjoint(server_ids)]:
        draft.teams[team.id] = replace(team, server_ids=team.server_ids.difference(server_ids))


def forget_policies(draft: State, policy_ids: Collection[PolicyId]) -> None:
    """Delete policies; their alerts stay, without a policy."""
    draft.policies.remove(lambda policy_id, _: policy_id in policy_ids)
    draft.alerts.change(lambda alert: alert.policy_id in policy_ids, policy_id=None)


def forget_user(draft: State, user_id: UserId) -> None:
    """Delete the user's sessions, tokens and unsent notifications, and the user from what stays."""
    for server in [server for server in draft.servers.values() if user_id in server.user_ids]:
        draft.servers[server.id] = replace(server, user_ids=server.user_ids - {user_id})
    for team in [team for team in draft.teams.values() if user_id in team.user_ids]:
        draft.teams[team.id] = team.with_member(user_id, is_in=False)
    derive_people(draft)
    draft.api_keys.change(lambda key: key.owner_id == user_id, owner_id=None)
    draft.sessions.remove(lambda _, session: session.user_id == user_id)
    draft.totp_secrets.pop(user_id, None)
    draft.recovery_codes.remove(lambda key, _: key[0] == user_id)
    draft.passkeys.remove(lambda _, passkey: passkey.user_id == user_id)
    draft.personal_tokens.remove(lambda _, token: token.user_id == user_id)
    draft.identities.remove(lambda _, identity: identity.user_id == user_id)
    draft.live_tickets.remove(lambda _, ticket: ticket.claims.user_id == user_id)
    forget_unsent(draft, Target(user_id=user_id))
    draft.alerts.change(lambda alert: alert.acknowledged_by == user_id, acknowledged_by=None)
    draft.silences.change(lambda silence: silence.created_by == user_id, created_by=None)
    draft.server_makers.remove(lambda _, maker: maker == user_id)
    draft.policy_makers.remove(lambda _, maker: maker == user_id)


def derive_people(draft: State) -> None:
    """Give all servers the people of their teams."""
    reach = Reach.of(draft.teams.in_order())
    for server in list(draft.servers.values()):
        if (after := reach.applied(server)) is not server:
            draft.servers[server.id] = after


def forget_unsent(draft: State, target: Target) -> None:
    """Delete the notifications of *target* that wait."""
    draft.notifications.remove(lambda _, n: n.target == target and n.delivery in UNSENT)
    draft.notification_leases.remove(lambda notification_id, _: notification_id not in draft.notifications)
