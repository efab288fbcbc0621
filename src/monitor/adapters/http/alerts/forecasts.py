"""GET /api/servers/{id}/forecasts: the lines that forecast policies see."""

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.bodies import PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.application.alerts.show_forecasts import SeenLine, ShowForecasts
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId


class LinePoint(Struct, frozen=True):
    at: str
    value: float


class ForecastOut(Struct, frozen=True, kw_only=True):
    """Line of one policy, as of the newest sample.

    *line*: where it begins, where it is now, and where it ends; empty while too little is known: the policy is silent
    until *needed* of its ten minutes have samples, and *known* of them do. *warning_at*, *critical_at*: when it reaches
    the thresholds; null if it does not, or within more than a year.
    """

    policy_id: int
    metric: str
    line: list[LinePoint]
    known: int
    needed: int
    warning_at: str | None
    critical_at: str | None

    @staticmethod
    def of(seen: SeenLine) -> "ForecastOut":
        return shown(
            ForecastOut,
            seen,
            policy_id=seen.policy.id,
            metric=seen.policy.metric,
            line=[LinePoint(times.written(at), value) for at, value in seen.line],
        )


@get("/servers/{server_id:int}/forecasts", tags=("alerts",), sync_to_thread=True)
def forecasts(
    actor: NamedDependency[Actor], server_id: PathId, show_forecasts: NamedDependency[ShowForecasts]
) -> Envelope[list[ForecastOut]]:
    """The lines that the forecast policies in force on this server see, sorted by metric."""
    return ok([ForecastOut.of(seen) for seen in show_forecasts(actor, ServerId(server_id))])
