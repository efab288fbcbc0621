"""Run the engine on one's own data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import lt, ne
from typing import Any

from monitor.domain.alerts.offline import DEFAULT_OFFLINE_AFTER
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.backtest import Past
from monitor.domain.hindsight.past_hours import Hour, PastHours
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.history.rollups import HOUR
from monitor.domain.levels import Level
from monitor.domain.policies.policies import Policy
from monitor.domain.preferences import Preferences
from monitor.domain.times import SECOND, microseconds, moment
from monitor.library.asked import aware
from monitor.library.watching import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAlert:
    """Alert that a policy would have caused. *level*, *value*: the worst. *ended_at* None: it still fired at the end of
    the data."""

    level: Level
    fired_at: datetime
    ended_at: datetime | None
    value: float


class _Whole(PastHours):
    """All samples, in memory."""

    def __init__(self, frame: Frame, metric: str) -> None:
        self._frame = frame
        self.hours, self._ends = [], [0]
        for hour, group in groupby(frame.times, key=HOUR.__rfloordiv__):
            first = self._ends[-1]
            last = first + sum(1 for _ in group)
            held = [each for each in frame.column(metric)[first:last] if each is not None]
            bounds = (min(held), max(held)) if held else (float("inf"), float("-inf"))
            self.hours.append(Hour(hour * HOUR, last - first, *bounds))
            self._ends.append(last)

    def frame(self, first: int, last: int) -> Frame:
        return self._frame.part(slice(self._ends[first], self._ends[last]))


def backtest(
    policy: Policy | Watch, times: Iterable[Any], values: Iterable[Any], *, interval: float | None = None
) -> list[PastAlert]:
    """Return the alerts that *policy* would have caused on one server's data, as the product decides them live.

    *times*: rising datetimes with a zone, seconds since 1970, or an array or index of either. *values*: as many
    numbers; None and NaN: missing. Lists, NumPy arrays and pandas' Series are taken. *interval*: seconds between two
    samples, if known; else it is learned from the times. Raises InvalidInput.

    >>> from datetime import timedelta
    >>> from monitor.library.watching import Threshold
    >>> at_once = Threshold("queue", critical=90, sustained_for=timedelta(0))
    >>> [alert.value for alert in backtest(at_once, [0, 15, 30, 45, 60], [10, 95, 99, 98, 97])]
    [99.0]
    """
    watched = policy.policy() if isinstance(policy, Watch) else policy
    at, held = _microseconds(times), _floats(values)
    if len(at) != len(held):
        raise InvalidInput({"values": Problem("different_lengths")})
    if not all(map(lt, at, islice(at, 1, None))):
        raise InvalidInput({"times": Problem("not_rising")})
    if not at:
        return []
    columns: dict[str, Sequence[float | None]] = {watched.metric: held}
    if interval is not None:
        columns[DECLARED] = [interval] * len(at)
    history = _Whole(Frame(at, columns), watched.metric)
    pause = Preferences().reminder_pause
    past = Past(ServerId(0), history, at[0], at[-1] + 1, DEFAULT_OFFLINE_AFTER, pause)
    [found] = past.backtest([watched], lists_all=True)
    return [
        PastAlert(
            level=each.level,
            fired_at=moment(each.fired_at),
            ended_at=None if each.ended_at is None else moment(each.ended_at),
            value=each.value,
        )
        for each in found.alerts
    ]


def _microseconds(times: Any) -> Sequence[int]:
    if hasattr(times, "to_numpy"):
        times = times.to_numpy()
    if hasattr(times, "dtype") and times.dtype.kind in "Mif":
        is_time = times.dtype.kind == "M"
        whole = times.astype("datetime64[us]") if is_time else (times * SECOND).round()
        found: list[int] = whole.astype("int64").tolist()
        return found
    return [_microsecond(each) for each in times]


def _microsecond(at: Any) -> int:
    if isinstance(at, datetime):
        return microseconds(aware("times", at))
    if isinstance(at, int | float) and not isinstance(at, bool) and at == at and abs(at) < 1e11:
        return round(at * SECOND)
    raise InvalidInput({"times": Problem("invalid_time")})


def _floats(values: Any) -> list[float | None]:
    found = values.tolist() if hasattr(values, "tolist") else list(values)
    held: list[float | None]
    try:
        held = [*map(float, found)] if None not in found else [None if each is None else float(each) for each in found]
    except (TypeError, ValueError):
        raise InvalidInput({"values": Problem("not_a_number")}) from None
    return [None if each != each else each for each in held] if any(map(ne, held, held)) else held
