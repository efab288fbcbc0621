"""Notifications that were not sent yet, as the caller may see them."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from monitor.adapters.http.edge.mapping import shown
from monitor.application.alerts.coming import Coming
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.notifications.recipients import receiver_of, way_of
from monitor.domain.accounts.users import User
from monitor.domain.alerts.reasons import Reason


class ParentOut(Struct, frozen=True):
    """What something depends on."""

    id: int
    name: str


class ComingOut(Struct, frozen=True, kw_only=True):
    """A notification of a user or a channel that was not sent yet. *way*: `mail`, or the kind of a channel; of other
    people, administrators alone see it. *at*: when it is sent if nothing changes; null: once what holds it back is
    over. *reason*: why not sooner: `pending` for the next message of its incident, `amended` for the incident's end;
    null: it is on its way. *parent*: what holds it back, if the caller sees it. *step*: of *escalation*, from 1.
    *error*: of the last attempt."""

    username: str | None
    channel: str | None
    way: str | None
    at: str | None
    reason: Reason | None
    parent: ParentOut | None
    escalation: str | None
    step: int | None
    error: str | None


def shown_coming(found: Iterable[Coming], visible: VisibleFleet) -> list[ComingOut]:
    """Show channels that are not in the outbox yet, and other people's ways and errors, to administrators alone. What
    differs in nothing else is one."""
    return [*dict.fromkeys(_shown(found, visible))]


def _shown(found: Iterable[Coming], visible: VisibleFleet) -> Iterator[ComingOut]:
    directory, actor = visible.directory, visible.actor
    for each in found:
        receiver, way = receiver_of(directory, each.target), way_of(directory, each.target)
        sees_all = actor.is_admin or each.target.user_id == actor.user_id
        if receiver is None or not (sees_all or isinstance(receiver, User) or each.is_queued):
            continue
        kind = (way and way.kind) if isinstance(receiver, User) else receiver.kind
        parent = None if each.parent_id is None else visible.find(each.parent_id)
        yield shown(
            ComingOut,
            each,
            username=receiver.username if isinstance(receiver, User) else None,
            channel=None if isinstance(receiver, User) else receiver.name,
            way=kind if sees_all else None,
            parent=None if parent is None else ParentOut(parent.id, parent.name),
            escalation=each.escalation or None,
            step=each.step or None,
            error=(each.error or None) if sees_all else None,
        )
