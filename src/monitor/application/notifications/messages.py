"""The message to one target: what it says about each notification, and its links."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.application.fleet.fleet import Fleet
from monitor.application.history import tiers
from monitor.application.notifications.called import may_acknowledge
from monitor.application.notifications.links import ack_token
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.notifications.ports import NotifiedCheck, Queries
from monitor.application.notifications.recipients import is_for
from monitor.application.notifications.sender_ports import IncidentNote, Item, Message, Point
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, IncidentId
from monitor.domain.errors import MonitorError
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.causes import Cause, CauseKind
from monitor.domain.incidents.messages import Received
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import ENDINGS, Notification, NotificationId
from monitor.domain.policies.check_policies import CHECK_IN, UP
from monitor.domain.times import microseconds, moment

_LAST_HOUR = timedelta(hours=1)
_CHARTED = 60
"""Items of one message that get a chart: a mail stays small even if a whole rack fails."""


@dataclass(frozen=True, slots=True)
class Messages:
    """*link_secret* signs acknowledging links. Without a base URL messages have no links."""

    queries: Queries
    fleet: Fleet
    clock: Clock
    mail: MailInForce
    link_secret: str

    def empty(self, receiver: User | Channel, message_id: str, confirm: Callable[[], None]) -> Message:
        """Return a message without items. *confirm*: see `Message`."""
        chosen = receiver.locale if isinstance(receiver, User) else receiver.settings.get("locale")
        locale = chosen or self.fleet.directory.preferences.default_locale
        return Message(message_id=message_id, locale=locale, items=(), sent_at=self.clock.now(), confirm=confirm)

    def items(
        self, notifications: Sequence[Notification], alerts: Mapping[AlertId, Alert], charted: timedelta = _LAST_HOUR
    ) -> list[Item]:
        """*alerts*: those that still exist. *charted*: how long before each notification its chart begins."""
        checks = self._checks({n.server_id for n in notifications if not n.ip_address})  # hosts have one
        charts = self._charts([n for n in notifications[:_CHARTED] if n.alert_id in alerts], charted)
        return [self._item(n, alerts, checks.get(n.server_id), charts.get(n.id, ())) for n in notifications]

    def incident(
        self,
        receiver: User | Channel,
        chosen: Sequence[Notification],
        received: Mapping[IncidentId, Received],
    ) -> IncidentNote | None:
        """Return what to say of the incident that all *chosen* are about. *received*: of each, before."""
        ids = {n.incident_id for n in chosen}
        incident_id = ids.pop() if len(ids) == 1 else None
        if incident_id is None:
            return None
        try:
            own, *merged = self.queries.incidents.for_message(incident_id)
        except (MonitorError, ValueError):  # the message goes out without; it may just have been merged
            return None
        known, hosts = received[incident_id].levels, set(received[incident_id].hosts)
        hosts.update(self.fleet.directory.host_of(n.server_id) for n in chosen)
        begun = {n.alert_id: self.fleet.directory.host_of(n.server_id) for n in chosen if n.event_kind not in ENDINGS}
        new = begun.keys() - known
        note = IncidentNote(
            threads=[(each.id, each.started_at) for each in (own, *merged)],
            is_first=bool(begun) and not known,
            more=len(new) if known and len(hosts) > 1 else 0,
        )
        # What joined may be another thing than what the cause says, such as the switch itself.
        if own.cause is None or (note.more and not {begun[each] for each in new} <= {*own.cause.sick}):
            return note
        return self._with_cause(note, own.cause, receiver)

    def _with_cause(self, note: IncidentNote, cause: Cause, receiver: User | Channel) -> IncidentNote:
        kind, value = cause.group
        if kind in (CauseKind.SERVER, CauseKind.CHECK):
            parent = self.fleet.directory.watched(ServerId(int(value)))
            value = f"#{value}" if parent is None or not self._sees(receiver, parent.id) else parent.name
        seen = [each for each in cause.healthy if self._sees(receiver, each)]
        healthy = [server.name for each in seen if (server := self.fleet.directory.watched(each)) is not None]
        sick = sum(self._sees(receiver, each) for each in cause.sick)
        return replace(note, kind=kind, value=value, sick=sick, healthy=healthy) if sick else note

    def _sees(self, receiver: User | Channel, server_id: ServerId) -> bool:
        server = self.fleet.directory.watched(server_id)
        is_admin = isinstance(receiver, User) and receiver.role is Role.ADMIN
        return server is not None and (is_admin or is_for(self.fleet.directory, receiver, server))

    def _item(
        self, n: Notification, alerts: Mapping[AlertId, Alert], check: NotifiedCheck | None, last_hour: Sequence[Point]
    ) -> Item:
        alert = alerts.get(n.alert_id) if n.alert_id is not None else None
        alert = alert and alert.present(self.fleet.live.get(alert.server_id), self.clock.now())
        base_url = self.mail.base_url
        has_links = bool(base_url) and alert is not None
        is_open = alert is not None and alert.is_open
        watched = self.fleet.directory.watched(n.server_id)
        kind = watched.kind if watched is not None else _deleted_kind(n)
        has_ack_link = has_links and is_open and may_acknowledge(n, self.fleet.directory)
        return Item(
            event_kind=n.event_kind,
            at=n.created_at,
            alert=alert or _deleted_alert(n),
            server_name=n.server_name,
            ip_address=n.ip_address,
            level=n.level,
            value=alert.value if alert is not None and is_open else n.value,
            last_hour=last_hour,
            link=f"{base_url}/alerts/{n.alert_id}" if has_links else None,
            ack_link=f"{base_url}/ack/{ack_token(self.link_secret, n)}" if has_ack_link else None,
            note=n.note,
            notice=n.notice,
            kind=kind,
            host_id=n.server_id if kind is Kind.HOST else watched.host_id if watched else None,
            policy_note=self.fleet.directory.rules.note_of(alert.policy_id) if alert is not None and is_open else "",
            target=check.target if check is not None else "",
            failure=check.failure if check is not None and n.metric == UP else "",
        )

    def _checks(self, ids: Collection[ServerId]) -> Mapping[ServerId, NotifiedCheck]:
        try:
            return self.queries.checks.for_message(ids)
        except MonitorError:  # the message goes out without
            return {}

    def _charts(self, notifications: Sequence[Notification], charted: timedelta) -> dict[NotificationId, list[Point]]:
        """Return the time before each: what was noted within an hour is read at once."""
        charts: dict[NotificationId, list[Point]] = {}
        waiting = sorted(notifications, key=lambda n: n.created_at)
        while waiting:
            first = waiting[0].created_at
            together = [n for n in waiting if n.created_at <= first + _LAST_HOUR]
            waiting = waiting[len(together) :]
            try:
                charts |= self._last_hours(together, charted)
            except MonitorError:
                for n in together:
                    with suppress(MonitorError):  # the message goes out without its chart
                        charts |= self._last_hours([n], charted)
        return charts

    def _last_hours(
        self, notifications: Sequence[Notification], charted: timedelta
    ) -> dict[NotificationId, list[Point]]:
        """*notifications*: oldest first, not empty."""
        start, end = notifications[0].created_at - charted, notifications[-1].created_at
        found = tiers.values_of_many(self.queries, {(n.server_id, n.metric) for n in notifications}, start, end)
        return {n.id: _points(found[n.server_id, n.metric], n.created_at, charted) for n in notifications}


def _points(values: Sequence[tuple[int, float]], end: datetime, charted: timedelta) -> list[Point]:
    first, last = microseconds(end - charted), microseconds(end)
    return [Point(at=moment(at), value=value) for at, value in values if first <= at < last]


def as_received(chosen: Iterable[Notification], notified: Collection[AlertId]) -> list[Notification]:
    """Return them as the recipient reads them. A step of an escalation reminds. A reminder of an alert that is not
    among *notified* says that it fires; a notified alert that was held until now has escalated."""
    found: list[Notification] = []
    known: set[AlertId | None] = {*notified}
    for n in chosen:
        if n.event_kind in (EventKind.REMINDED, EventKind.STEP):
            n = replace(n, event_kind=EventKind.REMINDED if n.alert_id in known else EventKind.DUE)
        elif n.event_kind is EventKind.DUE and n.alert_id in known:
            n = replace(n, event_kind=EventKind.ESCALATED)
        if n.event_kind not in ENDINGS:
            known.add(n.alert_id)
        found.append(n)
    return found


def _deleted_kind(n: Notification) -> Kind:
    """Only hosts have an address."""
    if n.ip_address:
        return Kind.HOST
    return Kind.CHECK_IN if n.metric == CHECK_IN else Kind.CHECK


def _deleted_alert(n: Notification) -> Alert:
    return Alert(
        server_id=n.server_id,
        metric=n.metric,
        level=n.level,
        value=n.value or 0.0,
        threshold=None,
        started_at=n.created_at,
        fired_at=n.created_at,
    ).cancelled(n.created_at)
