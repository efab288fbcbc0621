"""/api/notifications: the outbox; and /api/alerts/coverage: gaps in the alerting."""

from typing import Literal

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from msgspec import Struct

from monitor.adapters.http.alerts.shown_alerts import ids_of
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Limit, PathId, QueryId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LevelName, encoded, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.bodies import ServerName
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.coverage import CheckCoverage, Lack
from monitor.application.notifications.dispatcher import RetryNotification
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.notifications.outbox import DeliveryState, Notification, NotificationId


class NotificationOut(Struct, frozen=True, kw_only=True):
    id: int
    alert_id: int | None
    event: EventKind
    server_id: int | None
    check_id: int | None
    check_in_id: int | None
    server_name: str
    metric: str
    level: LevelName
    value: float | None
    recipient: str
    user_id: int | None
    channel_id: int | None
    delivery: Literal["pending", "held", "sent", "parked", "dropped"]
    attempts: int
    last_error: str | None
    created_at: str
    sent_at: str | None

    @staticmethod
    def of(notification: Notification, directory: Directory) -> "NotificationOut":
        return shown(
            NotificationOut,
            notification,
            **ids_of(notification.server_id, directory.watched(notification.server_id)),
            event=notification.event_kind,
            recipient=notification.address,
            user_id=notification.target.user_id,
            channel_id=notification.target.channel_id,
            last_error=notification.last_error or None,
        )


class NotificationController(Controller):
    path = "/notifications"
    tags = ("alerts",)
    guards = (admins_only,)

    @get("/", sync_to_thread=True)
    def newest(
        self,
        actor: Part[Actor],
        queries: Part[Queries],
        fleet: Part[Fleet],
        delivery: FromQuery[Literal["pending", "held", "sent", "parked", "dropped"] | None] = None,
        server_id: QueryId = None,
        user_id: QueryId = None,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        limit: Limit = 100,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[NotificationOut]]]:
        """List notifications, newest first. `start`, `end`: when they were created."""
        wanted = NotificationFilter(
            delivery=None if delivery is None else DeliveryState(delivery),
            server_id=None if server_id is None else ServerId(server_id),
            user_id=None if user_id is None else UserId(user_id),
            start=None if start is None else times.parsed(start, "start"),
            end=None if end is None else times.parsed(end, "end"),
            before=cursors.to_id(cursor),
            limit=limit + 1,
        )
        directory = fleet.visible_to(actor).directory
        found = queries.notifications.newest(actor, wanted)
        return paged(found, limit, lambda each: NotificationOut.of(each, directory))

    @post("/{notification_id:int}/retry", status_code=200, sync_to_thread=True)
    def retry(
        self,
        actor: Part[Actor],
        notification_id: PathId,
        retry_notification: Part[RetryNotification],
        fleet: Part[Fleet],
    ) -> Envelope[NotificationOut]:
        """Send a parked notification again. 409 if it is not parked."""
        notification = retry_notification(actor, NotificationId(notification_id))
        return ok(NotificationOut.of(notification, fleet.directory), "updated")


class UntoldOut(Struct, frozen=True, kw_only=True):
    policy_id: int
    metric: str
    servers: list[ServerName]


class LackOut(ServerName, frozen=True, kw_only=True):
    """A server of whose alerts nobody would be notified. *why*: nobody is linked and no channel covers it; those who
    are (*people*: at most ten names) have no way that works; or an escalation calls nobody who can be reached."""

    why: Lack
    people: list[str]


class CheckName(Struct, frozen=True, kw_only=True):
    check_id: int | None
    check_in_id: int | None
    name: str


class FailingChannelOut(Struct, frozen=True, kw_only=True):
    channel_id: int
    name: str
    last_error: str
    attempts: int


class GapOut(Struct, frozen=True, kw_only=True):
    """When nobody of a rota is on call, though an escalation needs it."""

    rota_id: int
    name: str
    starts_at: str
    ends_at: str


class UnprovenOut(Struct, frozen=True, kw_only=True):
    """Somebody whose turn begins soon, in *rota*."""

    user_id: int
    username: str
    rota: str | None
    on_call_next: str | None


class CoverageOut(Struct, frozen=True, kw_only=True):
    """*complete*: every server has a policy, somebody would be notified of its alerts, and of those of checks, and no
    rota has a gap. *unnotified*: the servers of *untold*. *unnotified_checks*: with check-ins. *gaps*: within 14 days.
    *unproven*: people who are on call within 14 days, and have confirmed no message within 30; of others,
    administrators alone see them."""

    complete: bool
    mail_configured: bool
    unwatched_servers: list[ServerName]
    untold: list[UntoldOut]
    unnotified: list[LackOut]
    unnotified_checks: list[CheckName]
    failing_channels: list[FailingChannelOut]
    gaps: list[GapOut]
    unproven: list[UnprovenOut]


@get("/alerts/coverage", tags=("alerts",), sync_to_thread=True)
def coverage(actor: Part[Actor], check_coverage: Part[CheckCoverage]) -> Response[Envelope[CoverageOut]]:
    """Say for which of the caller's servers nobody would be notified."""
    found = check_coverage(actor)
    has_gaps = any((found.unwatched, found.unnotified, found.unnotified_checks, found.failing, found.gaps))
    return encoded(
        CoverageOut(
            complete=not has_gaps and found.mail_is_set_up,
            mail_configured=found.mail_is_set_up,
            unwatched_servers=_names(found.unwatched),
            untold=[
                UntoldOut(policy_id=policy.id, metric=policy.metric, servers=_names(servers))
                for policy, servers in found.unnotified
            ],
            unnotified=[
                LackOut(id=each.server.id, name=each.server.name, why=each.why, people=list(each.people))
                for each in found.lacking
            ],
            unnotified_checks=[
                CheckName(
                    check_id=check.id if check.kind is Kind.CHECK else None,
                    check_in_id=check.id if check.kind is Kind.CHECK_IN else None,
                    name=check.name,
                )
                for check in found.unnotified_checks
            ],
            failing_channels=[
                shown(FailingChannelOut, last, channel_id=channel.id, name=channel.name)
                for channel, last in found.failing
            ],
            gaps=[shown(GapOut, gap.span, rota_id=gap.rota.id, name=gap.rota.name) for gap in found.gaps],
            unproven=[
                shown(UnprovenOut, each, user_id=each.user.id, username=each.user.username) for each in found.unproven
            ],
        )
    )


def _names(servers: list[Server]) -> list[ServerName]:
    return [ServerName(id=server.id, name=server.name) for server in servers]
