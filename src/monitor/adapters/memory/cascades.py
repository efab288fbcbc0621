"""What goes, or lets go, together with something else: as a database's foreign keys would have it."""

from collections.abc import Collection
from dataclasses import replace

from monitor.adapters.memory.state import Draft
from monitor.domain.actors import UserId
from monitor.domain.notifications import Delivery, Target
from monitor.domain.policies import PolicyId
from monitor.domain.servers import ServerId


def forget_alerts_of(draft: Draft, server_ids: Collection[ServerId]) -> None:
    """With their timelines and states, and the servers' policies and silences; what was told about them stays."""
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
    for block in [key for key in draft.blocks if key[0] in server_ids]:
        del draft.blocks[block]


def forget_policies(draft: Draft, policy_ids: Collection[PolicyId]) -> None:
    """Their alerts stay, without them."""
    for policy_id in policy_ids:
        del draft.policies[policy_id]
    for alert in [a for a in draft.alerts.values() if a.policy_id in policy_ids]:
        draft.alerts[alert.id] = replace(alert, policy_id=None)


def forget_person(draft: Draft, user_id: UserId) -> None:
    """What they did stays, without them; what they were still to be told goes."""
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
    waiting = (Delivery.PENDING, Delivery.HELD)
    for gone in [n for n in draft.notifications.values() if n.target == target and n.delivery in waiting]:
        del draft.notifications[gone.id]
        draft.notification_leases.pop(gone.id, None)
