"""The in-memory database, and the cascades of a database's foreign keys."""

import threading
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import count

from monitor.adapters.memory.state import Draft, State
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.policies import PolicyId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import UNSENT, Target


class Database:
    """One committed state for all readers, and one writer at a time that may replace it."""

    def __init__(self) -> None:
        self.state = State()
        self._ids: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))
        self._writing = threading.Lock()
        self._writer: int | None = None

    def begin(self) -> Draft:
        """Wait until no other unit of work is open, and begin one. Raises RuntimeError if this thread has one open."""
        me = threading.get_ident()
        if self._writer == me:
            raise RuntimeError("this thread has a unit of work open already; a second one would wait for ever")
        self._writing.acquire()
        self._writer = me
        return Draft(self.state)

    def end(self) -> None:
        self._writer = None
        self._writing.release()

    def publish(self, draft: Draft) -> Draft:
        """Commit *draft*, and return a new one on top of it."""
        self.state = draft.published()
        return Draft(self.state)

    def next_id(self, table: str) -> int:
        """Return ids from 1 on, none twice, even after a rollback or deletion. Only for the writer."""
        return next(self._ids[table])


def forget_alerts_of(draft: Draft, server_ids: Collection[ServerId]) -> None:
    """Delete the servers' alerts, timelines, alert states, policies and silences; notifications stay."""
    gone = {alert.id for alert in draft.alerts.values() if alert.server_id in server_ids}
    for alert_id in gone:
        del draft.alerts[alert_id]
        draft.timelines.pop(alert_id, None)
    for notification in [n for n in draft.notifications.values() if n.alert_id in gone]:
        draft.notifications[notification.id] = replace(notification, alert_id=None, event_id=None)
    for key in [key for key in draft.alert_states if key[0] in server_ids]:
        del draft.alert_states[key]
    for silence in [s for s in draft.silences.values() if s.scope.server_id in server_ids]:
        del draft.silences[silence.id]
    forget_policies(draft, {p.id for p in draft.policies.values() if p.scope.server_id in server_ids})


def forget_history_of(draft: Draft, server_ids: Collection[ServerId]) -> None:
    for chunk in [key for key in draft.chunks if key[0] in server_ids]:
        del draft.chunks[chunk]
    for rollup in [key for key in draft.rollups if key[0] in server_ids]:
        del draft.rollups[rollup]


def forget_policies(draft: Draft, policy_ids: Collection[PolicyId]) -> None:
    """Delete policies; their alerts stay, without a policy."""
    for policy_id in policy_ids:
        del draft.policies[policy_id]
    for alert in [a for a in draft.alerts.values() if a.policy_id in policy_ids]:
        draft.alerts[alert.id] = replace(alert, policy_id=None)


def forget_user(draft: Draft, user_id: UserId) -> None:
    """Delete the user's unsent notifications, and the user from what stays."""
    forget_unsent(draft, Target(user_id=user_id))
    for alert in [a for a in draft.alerts.values() if a.acknowledged_by == user_id]:
        draft.alerts[alert.id] = replace(alert, acknowledged_by=None)
    for silence in [s for s in draft.silences.values() if s.created_by == user_id]:
        draft.silences[silence.id] = replace(silence, created_by=None)
    for server_id in [key for key, maker in draft.server_makers.items() if maker == user_id]:
        del draft.server_makers[server_id]
    for policy_id in [key for key, maker in draft.policy_makers.items() if maker == user_id]:
        del draft.policy_makers[policy_id]


def forget_unsent(draft: Draft, target: Target) -> None:
    """Delete the notifications of *target* that wait."""
    for gone in [n for n in draft.notifications.values() if n.target == target and n.delivery in UNSENT]:
        del draft.notifications[gone.id]
        draft.notification_leases.pop(gone.id, None)
