"""What the link in a message opens: an alert, as the person may see it now. Acknowledges it in their name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.application.alerts.acknowledging import acknowledge
from monitor.application.alerts.ports import Queries, UnitOfWork
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.called import is_called
from monitor.application.notifications.links import LASTS, id_in, is_genuine
from monitor.application.notifications.messages import Messages
from monitor.application.notifications.recipients import way_of
from monitor.application.notifications.sender_ports import Item
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind
from monitor.domain.errors import NotFound
from monitor.domain.notifications.outbox import Notification
from monitor.domain.oncall.ways import MAIL

CHARTED = timedelta(hours=3)
_EVENTS = {
    AlertState.FIRING: EventKind.FIRED,
    AlertState.RESOLVED: EventKind.RESOLVED,
    AlertState.CANCELLED: EventKind.CANCELLED,
}


class LinkExpired(NotFound):
    """*locale*: the person's language, None if it is not known."""

    def __init__(self, locale: str | None) -> None:
        super().__init__()
        self.locale = locale


class Linked(NamedTuple):
    """The notification of a link, its alert, and its person. *expires_at*: when the link does."""

    notification: Notification
    alert_id: AlertId
    user: User
    actor: Actor
    expires_at: datetime

    def is_called(self, directory: Directory) -> bool:
        """True if an escalation may call the person, who need not see the server otherwise."""
        server = directory.watched(self.notification.server_id)
        return server is not None and is_called(directory, server, self.notification)


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Find what a link opens. Locks nothing and begins no transaction: anybody may ask, with any text."""

    queries: Queries
    fleet: Fleet
    clock: Clock
    link_secret: str

    def __call__(self, token: str, address: str | None = None) -> Linked:
        """Raises NotFound for a wrong *token*, and if the alert or the person is deleted; LinkExpired. *address*: where
        the request comes from."""
        n = self.queries.notifications.get(id_in(token))
        if n.alert_id is None or n.target.user_id is None or not is_genuine(self.link_secret, token, n):
            raise NotFound
        self.fleet.refresh()
        user = self.fleet.directory.users.get(n.target.user_id)
        if user is None:
            raise NotFound
        expires_at = n.created_at + LASTS
        if self.clock.now() >= expires_at:
            raise LinkExpired(user.locale)
        actor = Actor(user_id=user.id, username=user.username, role=user.role, address=address)
        return Linked(n, n.alert_id, user, actor, expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedAlert:
    """*item*: the alert as a message would say it now, with the last hours until now, or until its end.
    *may_change*: acknowledge it. *acknowledged_until*: None if it is not acknowledged, or for good."""

    item: Item
    user: User
    expires_at: datetime
    now: datetime
    may_change: bool
    may_silence: bool
    is_silenced: bool
    acknowledged_by: str | None
    acknowledged_until: datetime | None


@dataclass(frozen=True, slots=True)
class ShowLinkedAlert:
    """Read what the page behind a link shows. Changes nothing: mail programs open links by themselves."""

    open_link: OpenLink
    queries: Queries
    fleet: Fleet
    messages: Messages
    clock: Clock

    def __call__(self, token: str) -> LinkedAlert:
        """Raises NotFound, also if the person may no longer see the server; LinkExpired."""
        link, now = self.open_link(token), self.clock.now()
        calls = link.is_called(self.fleet.visible_to(link.actor).directory)
        reader = SYSTEM if calls else link.actor
        shown, _ = self.queries.alerts.get(reader, link.alert_id)
        alert, visible = shown.alert, self.fleet.visible_to(reader)
        server = visible.get(alert.server_id)
        directory, acknowledged = visible.directory, alert.acknowledged_at is not None
        return LinkedAlert(
            item=self._item(replace(link.notification, server_name=server.name), alert, now),
            user=link.user,
            expires_at=link.expires_at,
            now=now,
            may_change=calls or server.is_changeable_by(link.actor),
            may_silence=server.is_changeable_by(link.actor),
            is_silenced=alert.is_open and directory.is_silenced(server.id, alert.metric, now),
            acknowledged_by=(shown.acknowledged_by or "") if acknowledged else None,
            acknowledged_until=alert.acknowledged_until(directory.preferences.ack_expires),
        )

    def _item(self, notification: Notification, alert: Alert, now: datetime) -> Item:
        """Reads the chart: call it outside of transactions."""
        present = replace(
            notification,
            event_kind=_EVENTS[alert.state],
            created_at=alert.resolved_at or now,
            level=alert.level,
            value=alert.value,
            note="",
            notice=None,
        )
        [item] = self.messages.items([present], {alert.id: alert}, CHARTED)
        return item


@dataclass(frozen=True, slots=True)
class AcknowledgeByLink:
    """Acknowledge by the link in a message, for its recipient, without a log-in. It confirms the way of the message."""

    open_link: OpenLink
    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    fleet: Fleet

    @retried
    def __call__(self, token: str, address: str | None = None) -> Alert:
        """Return the alert, which stays as it is if it has ended or is acknowledged.

        Raises NotFound, LinkExpired; Forbidden if the recipient may only see it.
        """
        link, now = self.open_link(token, address), self.clock.now()
        calls = link.is_called(self.fleet.directory)
        with self.new_uow() as uow:
            alert = uow.alerts.get(link.alert_id, changed_by=None if calls else link.actor)
            uow.ways.confirm(link.user.id, link.notification.target.way_id, now)
            if alert.is_open and alert.acknowledged_at is None:
                way = way_of(self.fleet.directory, link.notification.target)
                how = f", by {MAIL if way is None else way.kind}"
                [alert] = acknowledge(uow, self.fleet, now, [alert], link.actor, "", how=how)
            uow.commit()
        return alert
