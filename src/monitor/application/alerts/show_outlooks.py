"""What the forecast and range policies of a server see now, or how much they still need to know."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.alerts.learning import begun
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.forecast import Forecast, corners
from monitor.domain.alerts.outlooks import Outlook
from monitor.domain.alerts.policies import Policy, PolicyKind
from monitor.domain.alerts.sights import Bounds
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.times import MICROSECOND, microseconds, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNow:
    """What one policy sees, as of the newest sample: a *line* or *bounds*.

    *line*: where it begins, is now, and ends; empty while too little is known: *known* of the *needed* spans of *each*.
    *warning_at*, *critical_at*: when it reaches these thresholds.
    """

    policy: Policy
    line: list[tuple[datetime, float]]
    bounds: Bounds | None
    known: int
    needed: int
    each: timedelta
    warning_at: datetime | None
    critical_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShowOutlooks:
    stored: StoredHistory
    fleet: Fleet

    def __call__(self, actor: Actor, server_id: ServerId) -> list[SeenNow]:
        """Return them by metric and kind, also of a check. Raises NotFound."""
        visible = self.fleet.visible_to(actor)
        policies = visible.directory.rules.policies_for(visible.get(server_id))
        wanted = [policies[key] for key in sorted(policies) if policies[key].kind is not PolicyKind.THRESHOLD]
        return [_seen(self._followed(server_id, policy)) for policy in wanted]

    def _followed(self, server_id: ServerId, policy: Policy) -> Outlook:
        """Return what the live evaluation has seen: up to the newest sample."""
        live = self.fleet.live.get(server_id)
        if live is None or live.sample is None:
            return begun(self.stored, server_id, policy, 0)
        newest = live.sample.recorded_at
        outlook = begun(self.stored, server_id, policy, microseconds(newest))
        since = microseconds(newest) // outlook.unit * outlook.unit
        frame = self.stored.frame(server_id, [policy.metric], moment(since), newest + MICROSECOND)
        outlook.along(frame.times, frame.column(policy.metric))
        return outlook


def _seen(outlook: Outlook) -> SeenNow:
    policy, sight = outlook.policy, outlook.sight
    warning_at, critical_at = (sight.expected(policy, level) for level in (Level.WARNING, Level.CRITICAL))
    return SeenNow(
        policy=policy,
        line=[] if sight.line is None else [(moment(at), value) for at, value in corners(sight.line, policy)],
        bounds=None if isinstance(outlook, Forecast) else outlook.bounds,
        known=outlook.known,
        needed=outlook.needed,
        each=outlook.unit * MICROSECOND,
        warning_at=None if warning_at is None else moment(warning_at),
        critical_at=None if critical_at is None else moment(critical_at),
    )
