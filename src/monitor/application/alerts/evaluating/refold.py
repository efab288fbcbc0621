"""Run stored samples of one server through the engine again, from a time at which it is known what fired.

Those of many servers are read at once before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.history.learning import begun
from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.anew import AlertFold, FoundAlert, ServerFold
from monitor.domain.alerts.engine import State
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.intervals import TIMES_NEEDED
from monitor.domain.policies.policies import Policy, WatchKey
from monitor.domain.times import MICROSECOND, microseconds, moment

_INTERVAL_LEARNED = timedelta(hours=3), timedelta(days=8)
"""Before the start: mostly enough for eleven samples, and the longest that is read for them."""
READS_BEFORE = _INTERVAL_LEARNED[0] + timedelta(hours=1)
"""How much before the start is mostly read: whole hours."""


@dataclass(frozen=True, slots=True)
class ReadAhead(StoredHistory):
    """Stored history of many servers, read at once before it is asked for.

    *held*: all samples of start <= recorded_at < end, with *names*. The rest is read when it is asked for.
    """

    held: Mapping[ServerId, Frame]
    names: Collection[str]
    start: datetime
    end: datetime

    @staticmethod
    def of(
        stored: StoredHistory, server_ids: Collection[ServerId], names: Sequence[str], start: datetime, end: datetime
    ) -> "ReadAhead":
        return ReadAhead(stored.queries, stored.frames(server_ids, names, start, end), names, start, end)

    def frame(self, server_id: ServerId, metrics: Sequence[str], start: datetime, end: datetime) -> Frame:
        held = self.held.get(server_id)
        # Without any sample the server may have been deleted.
        if held and self.start <= start and end <= self.end and {*metrics} <= {*self.names}:
            return held.between(microseconds(start), microseconds(end))
        return StoredHistory.frame(self, server_id, metrics, start, end)


class Refold:
    """*policies*: those that compare samples, by what they watch. *firing*: the states and alerts at the *start*.

    Raises NotFound, also in `go_on`, if the server was deleted.
    """

    def __init__(
        self,
        stored: StoredHistory,
        server_id: ServerId,
        policies: Mapping[WatchKey, Policy],
        start: datetime,
        firing: Mapping[WatchKey, tuple[State, FoundAlert]],
    ) -> None:
        self.start = start
        self.fired_before = {found.alert.id for _, found in firing.values()}
        self._stored, self._server_id, self._next = stored, server_id, start
        self._names = [*{policy.metric: None for policy in policies.values()}, DECLARED]
        before = self._before()
        self.folds = {key: self._begun(policy, before, firing.get(key)) for key, policy in policies.items()}
        declared = [each for each in before.column(DECLARED) if each is not None]
        self._fold = ServerFold(self.folds, before.times[-TIMES_NEEDED:], declared[-1] if declared else None)

    def go_on(self, until: datetime) -> None:
        """Fold the samples before *until* that it has not seen yet."""
        frame = self._stored.frame(self._server_id, self._names, self._next, until)
        if frame.times:
            self._fold.see(frame)
            self._next = moment(frame.times[-1]) + MICROSECOND

    def _before(self) -> Frame:
        """Return the samples of the hour before the start, and enough to know how often the host reports."""
        begin = microseconds(self.start) // HOUR * HOUR
        for span in _INTERVAL_LEARNED:
            found = self._stored.frame(self._server_id, self._names, moment(begin) - span, self.start)
            if len(found) >= TIMES_NEEDED:
                break
        return found

    def _begun(self, policy: Policy, before: Frame, firing: tuple[State, FoundAlert] | None) -> AlertFold:
        state, alert = firing or (None, None)
        if policy.kind.model is None:
            return AlertFold(self._server_id, policy, state, alert)
        start = microseconds(self.start)
        outlook = begun(self._stored, self._server_id, policy, start)
        known = before.between(start // outlook.unit * outlook.unit, start)
        outlook.along(known.times, known.column(policy.metric))
        return AlertFold(self._server_id, policy, state, alert, outlook)
