"""What the forecast policies of a server see now: their lines, or how much they still need to know."""

from dataclasses import dataclass
from datetime import datetime

from monitor.application.alerts.ports import Queries
from monitor.application.fleet.fleet import Fleet
from monitor.application.history import tiers
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.forecast import Forecast, corners, forecast_of, window
from monitor.domain.alerts.policies import Policy
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.rollups import TEN_MINUTES
from monitor.domain.levels import Level
from monitor.domain.times import MICROSECOND, microseconds, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLine:
    """Line of one policy, as of the newest sample.

    *line*: where it begins, is now, and ends; empty while too little is known: *known* of the *needed* ten minutes.
    *warning_at*, *critical_at*: when it reaches these thresholds.
    """

    policy: Policy
    line: list[tuple[datetime, float]]
    known: int
    needed: int
    warning_at: datetime | None
    critical_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShowForecasts:
    queries: Queries
    fleet: Fleet

    def __call__(self, actor: Actor, server_id: ServerId) -> list[SeenLine]:
        """Return them by metric. Raises NotFound, HistoryUnavailable."""
        self.fleet.refresh()
        [server] = self.fleet.directory.chosen(actor, [server_id])
        policies = self.fleet.directory.rules.policies_for(server)
        found = [forecast for key in sorted(policies) if (forecast := forecast_of(policies[key])) is not None]
        return [_seen(self._followed(actor, server, forecast)) for forecast in found]

    def _followed(self, actor: Actor, server: Server, forecast: Forecast) -> Forecast:
        """Let *forecast* see what the live evaluation has seen: up to the newest sample."""
        live, metric = self.fleet.live.get(server.id), forecast.policy.metric
        if live is not None and live.sample is not None:
            newest = live.sample.recorded_at
            start = (microseconds(newest) // TEN_MINUTES - window(forecast.policy)) * TEN_MINUTES
            frame = tiers.frame(self.queries, actor, server.id, moment(start), newest + MICROSECOND, [metric])
            forecast.along(frame.times, frame.column(metric))
        return forecast


def _seen(forecast: Forecast) -> SeenLine:
    policy, sight = forecast.policy, forecast.sight
    warning_at, critical_at = (sight.expected(policy, level) for level in (Level.WARNING, Level.CRITICAL))
    return SeenLine(
        policy=policy,
        line=[] if sight.line is None else [(moment(at), value) for at, value in corners(sight.line, policy)],
        known=forecast.known,
        needed=forecast.needed,
        warning_at=None if warning_at is None else moment(warning_at),
        critical_at=None if critical_at is None else moment(critical_at),
    )
