"""GET /api/servers/{id}/outlooks: what forecast and range policies see."""

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from monitor.adapters.http.alerts.policies import KindName
from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.bodies import PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.application.alerts.show_outlooks import SeenNow, ShowOutlooks
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId


class LinePoint(Struct, frozen=True):
    at: str
    value: float


class BoundsOut(Struct, frozen=True):
    """Least and greatest value of the last days, and the bounds beyond which a value fires."""

    least: float
    greatest: float
    lower: float
    upper: float


class OutlookOut(Struct, frozen=True, kw_only=True):
    """What one policy sees, as of the newest sample.

    *line*, of a forecast: where it begins, where it is now, and where it ends. *bounds*: of a range. Empty and null
    while too little is known: the policy is silent until *needed* of its spans (*each*: seconds) have samples, and
    *known* of them do. *warning_at*, *critical_at*: when a line reaches the thresholds; null if it does not, or in more
    than a year.
    """

    policy_id: int
    metric: str
    kind: KindName
    line: list[LinePoint]
    bounds: BoundsOut | None
    known: int
    needed: int
    each: float
    warning_at: str | None
    critical_at: str | None

    @staticmethod
    def of(seen: SeenNow) -> "OutlookOut":
        return shown(
            OutlookOut,
            seen,
            policy_id=seen.policy.id,
            metric=seen.policy.metric,
            kind=seen.policy.kind.value,
            line=[LinePoint(times.written(at), value) for at, value in seen.line],
            bounds=None if seen.bounds is None else BoundsOut(*seen.bounds),
        )


@get("/servers/{server_id:int}/outlooks", tags=("alerts",), sync_to_thread=True)
def outlooks(
    actor: NamedDependency[Actor], server_id: PathId, show_outlooks: NamedDependency[ShowOutlooks]
) -> Envelope[list[OutlookOut]]:
    """What the forecast and range policies in force on this server see, sorted by metric."""
    return ok([OutlookOut.of(seen) for seen in show_outlooks(actor, ServerId(server_id))])
