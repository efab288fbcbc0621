"""The lines of forecast policies in this process's memory, one for each server and policy.

A line is read from the database when it is first needed, and follows the samples from then on. After a start that is
thousands of lines: each transaction reads a few, and samples whose line is not there yet are owed. They are evaluated
with the next sample after it was read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from monitor.application.history.tiers import StoredHistory
from monitor.domain.alerts.forecast import Forecast, Sight, window
from monitor.domain.alerts.policies import Policy, WatchKey
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, frame_of, merged
from monitor.domain.history.rollups import TEN_MINUTES
from monitor.domain.intake.samples import Sample
from monitor.domain.times import microseconds, moment

READ_AT_ONCE = 2
"""Lines that one transaction reads, some 3 ms each for six hours of a host that reports every 15 s."""
Key = tuple[ServerId, WatchKey]
Lines = dict[WatchKey, Forecast]


class Judged(NamedTuple):
    """Sample that a policy is to judge, its value, and what the line says then."""

    sample: Sample
    value: float
    sight: Sight


class Forecasts:
    """*owed*: the first sample (microseconds) that waits for its line. *doubted*: lines whose present ten minutes may
    lack samples that another process stored."""

    def __init__(self, stored: StoredHistory) -> None:
        self.stored = stored
        self.owed: dict[Key, int] = {}
        self.doubted: set[Key] = set()
        self._lines: dict[ServerId, Lines] = {}

    def of(self, key: Key, policy: Policy) -> Forecast | None:
        held = self._lines.get(key[0], {}).get(key[1])
        return held if held is not None and held.policy is policy else None

    def forget(self, server_ids: Iterable[ServerId]) -> None:
        """Read the lines of these servers again: a late sample belongs to them, or a transaction failed."""
        for server_id in server_ids:
            self._lines.pop(server_id, None)

    def doubt(self, server_ids: Iterable[ServerId]) -> None:
        """Note that another process stored samples of these servers."""
        self.doubted.update((server_id, key) for server_id in server_ids for key in self._lines.get(server_id, ()))

    def follow(self, policies: Iterable[Policy], is_there: "set[ServerId]") -> None:
        """Keep only the lines of these policies and servers."""
        same = {policy: policy for policy in policies}
        self.forget([server_id for server_id in self._lines if server_id not in is_there])
        for lines in self._lines.values():
            for key, held in list(lines.items()):
                if held.policy in same:
                    held.policy = same[held.policy]
                else:
                    del lines[key]
        self.owed = {key: at for key, at in self.owed.items() if key[0] in is_there}
        self.doubted = {key for key in self.doubted if key[0] in is_there}

    def apply(self, following: "Following") -> None:
        """Take over the lines after a committed transaction."""
        for key in following.read:
            self.owed.pop(key, None)
            self.doubted.discard(key)
        for key, at in following.owed.items():
            self.owed.setdefault(key, at)
        for (server_id, watched), forecast in following.changed.items():
            self._lines.setdefault(server_id, {})[watched] = forecast
        for forecast, at, value in following.at_rest:
            forecast.see(at, value)
        self.forget(following.late)


class Following:
    """The lines within one transaction, which may fail: `Forecasts.apply` takes over the result.

    *at_rest*: samples that change nothing but their line. *owed*: the first that wait for it. *read*: lines just read.
    *late*: samples that are not evaluated, but belong to the line of all that are evaluated after them.
    """

    def __init__(self, forecasts: Forecasts) -> None:
        self._forecasts = forecasts
        self.changed: dict[Key, Forecast] = {}
        self.at_rest: list[tuple[Forecast, int, float]] = []
        self.owed: dict[Key, int] = {}
        self.read: set[Key] = set()
        self.late: dict[ServerId, dict[datetime, Sample]] = {}

    def note_late(self, sample: Sample) -> None:
        self.late.setdefault(sample.server_id, {})[sample.recorded_at] = sample

    def judged(self, key: Key, policy: Policy, sample: Sample, value: float) -> list[Judged]:
        """Return what is to be judged now: the sample after those that were owed, or nothing if it is owed itself."""
        at, missed = microseconds(sample.recorded_at), []
        forecast = self.changed.get(key)
        if forecast is None:
            held = None if key[0] in self.late else self._forecasts.of(key, policy)
            if held is not None and (held.stays(at) or key not in self._forecasts.doubted):
                forecast = held.copy()
            elif len(self.read) < READ_AT_ONCE:
                forecast = held.copy() if held is not None else Forecast(policy)
                missed = self._read(key, forecast, sample, at)
            else:
                self.owed.setdefault(key, at)
                return []
            self.changed[key] = forecast
        return [*missed, Judged(sample, value, forecast.see(at, value))]

    def _read(self, key: Key, forecast: Forecast, sample: Sample, at: int) -> list[Judged]:
        """Let *forecast* see what is stored, and return what was owed of it."""
        self.read.add(key)
        since = max(forecast.since, (at // TEN_MINUTES - window(forecast.policy)) * TEN_MINUTES)
        forecast.begin_again()
        owed_from, metric = self._forecasts.owed.get(key, at), forecast.policy.metric
        frame = self._forecasts.stored.frame(sample.server_id, [metric, DECLARED], moment(since), sample.recorded_at)
        # What this transaction stores cannot be read yet.
        if late := self.late.get(key[0]):
            own = frame_of([late[then] for then in sorted(late)])
            frame = merged(frame, own.between(since, at))
        missed = []
        for then, value, declared in zip(frame.times, frame.column(metric), frame.column(DECLARED), strict=True):
            if value is None:
                continue
            sight = forecast.see(then, value)
            if then >= owed_from:
                missed.append(Judged(sample._replace(recorded_at=moment(then), interval=declared), value, sight))
        return missed
