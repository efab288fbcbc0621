"""Charts of one server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.application.ports.clock import Clock
from monitor.application.ports.queries import Queries
from monitor.domain.actors import Actor
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.history.frames import frame_of
from monitor.domain.history.series import Series, bucket_width, bucketed_series, raw_series
from monitor.domain.samples import COLUMN_METRICS, METRIC_NAME
from monitor.domain.servers import ServerId

DEFAULT_POINTS = 1000
MAX_POINTS = 20_000
MAX_METRICS = 20
DEFAULT_RANGE = timedelta(hours=24)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # nothing was measured before


@dataclass(frozen=True, slots=True)
class ReadSeries:
    queries: Queries
    clock: Clock

    def __call__(
        self,
        actor: Actor,
        server_id: ServerId,
        *,
        metrics: Sequence[str] = COLUMN_METRICS,
        start: datetime | None = None,
        end: datetime | None = None,
        points: int = DEFAULT_POINTS,
    ) -> Series:
        """At most *points* points of start <= time < end; by default the last 24 hours.

        Raises InvalidInput, and NotFound for a server the actor may not see.
        """
        end = end or self.clock.now()
        start = start or max(end, _EPOCH) - DEFAULT_RANGE
        names = _checked(metrics, start, end, points)
        frame = frame_of(self.queries.samples.between(actor, server_id, start, end))
        if len(frame) <= points:
            return raw_series(frame, names)
        return bucketed_series(frame, names, bucket_width(start, end, points))


def _checked(metrics: Sequence[str], start: datetime, end: datetime, points: int) -> list[str]:
    names = list(dict.fromkeys(metrics))
    problems: dict[str, Problem] = {}
    if start >= end:
        problems["start"] = Problem("not_before_end")
    if not 1 <= points <= MAX_POINTS:
        problems["points"] = Problem("out_of_range", {"low": 1, "high": MAX_POINTS})
    if not names:
        problems["metrics"] = Problem("required")
    elif len(names) > MAX_METRICS:
        problems["metrics"] = Problem("too_many", {"limit": MAX_METRICS})
    elif not all(METRIC_NAME.fullmatch(name) for name in names):
        problems["metrics"] = Problem("invalid_metric_name")
    if problems:
        raise InvalidInput(problems)
    return names
