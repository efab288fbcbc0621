"""GET /api/servers/{id}/outlooks: what forecast and range policies see."""

from litestar import get
from msgspec import Struct

from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.bodies import PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.policies.policies import KindName
from monitor.application.policies.policies import ShowOutlooks
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.series_models import SeriesModel
from monitor.domain.times import SECOND, moment


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
    def of(outlook: SeriesModel) -> "OutlookOut":
        warning_at, critical_at = (
            None if at is None else times.written(moment(at))
            for at in (outlook.prediction.expected(outlook.policy, level) for level in (Level.WARNING, Level.CRITICAL))
        )
        return shown(
            OutlookOut,
            outlook,
            policy_id=outlook.policy.id,
            metric=outlook.policy.metric,
            kind=outlook.policy.kind.name,
            line=[LinePoint(times.written(moment(at)), value) for at, value in outlook.drawn()],
            bounds=None if outlook.bounds is None else BoundsOut(*outlook.bounds),
            each=outlook.unit / SECOND,
            warning_at=warning_at,
            critical_at=critical_at,
        )


@get("/servers/{server_id:int}/outlooks", tags=("alerts",), sync_to_thread=True)
def outlooks(actor: Part[Actor], server_id: PathId, show_outlooks: Part[ShowOutlooks]) -> Envelope[list[OutlookOut]]:
    """What the forecast and range policies in force on this server see, sorted by metric."""
    return ok([OutlookOut.of(outlook) for outlook in show_outlooks(actor, ServerId(server_id))])
