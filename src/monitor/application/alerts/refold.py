"""Run stored samples of one server through the engine again, from a time at which it is known what fired."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.application.alerts.learning import begun
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.offline import DEFAULT_OFFLINE_AFTER
from monitor.domain.alerts.past_alerts import PastAlert, PastState, Watcher
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.intervals import TIMES_NEEDED
from monitor.domain.policies.policies import Policy, WatchKey
from monitor.domain.policies.series_models import SeriesModel
from monitor.domain.times import MICROSECOND, microseconds, moment

_INTERVAL_LEARNED = timedelta(hours=3), timedelta(days=8)
"""Before the start: mostly enough for eleven samples, and the longest that is read for them."""
READS_BEFORE = _INTERVAL_LEARNED[0] + timedelta(hours=1)
"""How much before the start is mostly read: whole hours."""


class Refold:
    """*states*: what fires when it begins. *policies* are those that compare samples, by what they watch.

    Raises NotFound, as its methods do, if the server was deleted.
    """

    def __init__(
        self,
        stored: StoredHistory,
        server_id: ServerId,
        policies: Mapping[WatchKey, Policy],
        start: datetime,
        states: Mapping[WatchKey, PastState],
    ) -> None:
        self.policies = policies
        self.start = start
        self.firing = {state.past.alert.id for state in states.values() if state.past is not None}
        self._stored, self._server_id, self._next = stored, server_id, start
        self._names = [*{policy.metric: None for policy in policies.values()}, DECLARED]
        before = self._before()
        declared = [each for each in before.column(DECLARED) if each is not None]
        self._watcher = Watcher(
            server_id,
            policies,
            DEFAULT_OFFLINE_AFTER,
            states={**states},
            outlooks={key: self._outlook(each, before) for key, each in policies.items() if each.kind.model},
            times=before.times[-TIMES_NEEDED:],
            declared=declared[-1] if declared else None,
        )

    def go_on(self, until: datetime) -> None:
        """Fold the samples before *until* that it has not seen yet."""
        frame = self._stored.frame(self._server_id, self._names, self._next, until)
        if frame.times:
            self._watcher.see(frame, timedelta(0))
            self._next = moment(frame.times[-1]) + MICROSECOND

    def ended(self, key: WatchKey) -> list[PastAlert]:
        """Return the alerts that ended since the start."""
        return [past for past in self._watcher.closed if past.alert.key == key]

    def state(self, key: WatchKey) -> PastState | None:
        """Return what is pending or fires after the last sample; None if it is idle."""
        return self._watcher.states.get(key)

    def _before(self) -> Frame:
        """Return the samples of the hour before the start, and enough to know how often the host reports."""
        begin = microseconds(self.start) // HOUR * HOUR
        for span in _INTERVAL_LEARNED:
            found = self._stored.frame(self._server_id, self._names, moment(begin) - span, self.start)
            if len(found) >= TIMES_NEEDED:
                break
        return found

    def _outlook(self, policy: Policy, before: Frame) -> SeriesModel:
        start = microseconds(self.start)
        outlook = begun(self._stored, self._server_id, policy, start)
        known = before.between(start // outlook.unit * outlook.unit, start)
        outlook.along(known.times, known.column(policy.metric))
        return outlook
