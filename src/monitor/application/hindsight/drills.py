"""Drills: one alert through the real path, up the escalation, that says what it is; and who confirmed it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.alerts.announcing import Announcer
from monitor.application.alerts.evaluating.firing import Beginning, fire
from monitor.application.alerts.ports import AlertFilter, Queries, UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.hindsight.explained_people import Recipient
from monitor.application.hindsight.explaining import ExplainAlert
from monitor.application.notifications.called import escalations_of
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.accounts.audit import entry
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind
from monitor.domain.alerts.quiet import Quiet
from monitor.domain.errors import Conflict, InvalidInput, NotFound, Problem
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.levels import Level
from monitor.domain.oncall.escalations import Target, TargetKind
from monitor.domain.oncall.rotas import RotaId
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import DRILL, Policy
from monitor.domain.times import MICROSECOND, microseconds

LASTS = timedelta(hours=1)
_POLICY = Policy(metric=DRILL, warning=1.0)
"""It is not stored, so the alert has none."""


class DrillGoesOn(Conflict, reason="drill_goes_on"):
    """The server has a drill already."""


@dataclass(frozen=True, slots=True)
class StartDrill:
    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    clock: Clock

    @retried
    def __call__(self, actor: Actor, server_id: ServerId | None, rota_id: RotaId | None) -> Alert:
        """Raise a critical alert on the server, or on one of whose alerts an escalation calls the rota; the quiet rule
        does not hold it. Raises NotFound, Forbidden, InvalidInput, DrillGoesOn."""
        visible = self.fleet.visible_to(actor)
        server = (
            _server_of(visible, rota_id) if rota_id is not None else visible.get(server_id or ServerId(0), Kind.HOST)
        )
        with self.new_uow() as uow:
            uow.servers.get(server.id, changed_by=actor)
            if any(alert.is_drill for alert in uow.alerts.open(server_ids=[server.id])):
                raise DrillGoesOn
            now = self.clock.now()
            uow.alerts.save_quiet(server.id, _POLICY.key, Quiet())
            event = Event(Change.FIRED, Level.CRITICAL, microseconds(now), 0.0)
            [alert] = fire(Beginning(Announcer(self.fleet, uow, now), server, _POLICY, event, now))
            uow.audit.add(entry(actor, now, "alert.drill", server.name, f"alert {alert.id}"))
            uow.commit()
        return alert


def _server_of(visible: VisibleFleet, rota_id: RotaId) -> Server:
    """Return the first server with a team or a policy whose escalation calls the rota. Raises Forbidden, NotFound,
    InvalidInput."""
    visible.actor.must_be_admin()
    roster = visible.directory.roster
    if rota_id not in roster.rotas:
        raise NotFound
    wanted = Target(TargetKind.ROTA, rota_id)
    calling = {each.id for each in roster.escalations.values() if any(wanted in step.to for step in each.steps)}
    for server in visible.servers if calling else ():
        if any(each.id in calling for each in escalations_of(visible.directory, server, DRILL)):
            return server
    raise InvalidInput({"rota_id": Problem("rota_without_server")})


@dataclass(frozen=True, slots=True)
class EndDrills:
    """End drills that somebody has acknowledged, or that have lasted for an hour."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock

    def __call__(self) -> None:
        self.fleet.refresh()
        for shown in self.queries.alerts.newest(SYSTEM, AlertFilter(state=AlertState.FIRING, metric=DRILL)):
            if _is_over(shown.alert, self.clock.now()):
                self._end(shown.alert.id)

    @retried
    def _end(self, alert_id: AlertId) -> None:
        with self.new_uow() as uow:
            alert, now = uow.alerts.get_many([alert_id], changed_by=None).get(alert_id), self.clock.now()
            server = None if alert is None else self.fleet.directory.watched(alert.server_id)
            if alert is not None and server is not None and _is_over(alert, now):
                event = Event(Change.RESOLVED, alert.level, microseconds(now), 0.0)
                Announcer(self.fleet, uow, now).change(server, alert, event, None, is_late=False)
                uow.commit()


def _is_over(alert: Alert, now: datetime) -> bool:
    return alert.is_open and alert.is_drill and (alert.acknowledged_at is not None or now - alert.fired_at >= LASTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """*confirmed_at*: when they first did. *by*: the kind of the way; None: on the screen."""

    recipient: Recipient
    confirmed_at: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    alert: Alert
    server: Server
    recipients: Sequence[Confirmation]


@dataclass(frozen=True, slots=True)
class ReadDrill:
    queries: Queries
    fleet: Fleet
    explain: ExplainAlert

    def __call__(self, actor: Actor, alert_id: AlertId) -> Drill:
        """Say whom a drill reached, and who confirmed it. Raises NotFound."""
        alert = self.queries.alerts.get(actor, alert_id)[0].alert
        if not alert.is_drill:
            raise NotFound
        ended_at = None if alert.resolved_at is None else alert.resolved_at - MICROSECOND
        found = self.explain(actor, alert.server_id, DRILL, ended_at)
        acknowledged = {
            each.username: each.at for each in found.facts.timeline if each.event_kind is EventKind.ACKNOWLEDGED
        }
        return Drill(
            alert=alert,
            server=found.server,
            recipients=[self._confirmation(each, alert.fired_at, acknowledged) for each in found.recipients],
        )

    def _confirmation(
        self, recipient: Recipient, since: datetime, acknowledged: dict[str | None, datetime]
    ) -> Confirmation:
        user = recipient.receiver
        if not isinstance(user, User):
            return Confirmation(recipient=recipient)
        ways = self.fleet.directory.roster.ways_of(user.id)
        confirmed = [(way.confirmed_at, way.kind) for way in ways if way.confirmed_at and way.confirmed_at >= since]
        at, by = min(confirmed, default=(acknowledged.get(user.username), None))
        return Confirmation(recipient=recipient, confirmed_at=at, by=by)
