"""Samples of one server side by side: what charts, backtests and chunks are made of."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import COLUMN_METRICS, DEFAULT_INTERVAL, Sample
from monitor.domain.times import SECOND, microseconds, moment

Values = Sequence[float | None]
DECLARED = "@interval"
"""The column of the intervals in force, which is no metric: no name of one holds an @."""


@dataclass(frozen=True, slots=True)
class Frame:
    """*times*: microseconds since the epoch, rising. *columns*, by metric and as long: None where a sample lacks it.
    What no sample has may be left out."""

    times: Sequence[int] = field(default_factory=list)
    columns: Mapping[str, Values] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.times)

    def usual_gap(self) -> float:
        """The usual distance of two samples in seconds (the median), 15 where one alone can't tell."""
        gaps = sorted(later - earlier for earlier, later in pairwise(self.times))
        return gaps[len(gaps) // 2] / SECOND if gaps else DEFAULT_INTERVAL

    def column(self, name: str) -> Values:
        return self.columns.get(name) or [None] * len(self)

    def between(self, start: int, end: int) -> "Frame":
        """start <= time < end."""
        return self.part(slice(bisect_left(self.times, start), bisect_left(self.times, end)))

    def part(self, place: slice) -> "Frame":
        if place == slice(0, len(self.times)):
            return self
        return Frame(self.times[place], {name: held[place] for name, held in self.columns.items()})


def frame_of(samples: Sequence[Sample]) -> Frame:
    """Of samples that rise in time. What `Sample.metric` can't reach, an extra by a percentage's name, is left out."""
    if not samples:
        return Frame()
    columns: dict[str, Values] = {name: [sample.metric(name) for sample in samples] for name in COLUMN_METRICS}
    extras = [sample.extra or {} for sample in samples]
    for name in dict.fromkeys(name for extra in extras for name in extra):
        columns.setdefault(name, [extra.get(name) for extra in extras])
    if set(intervals := [sample.interval for sample in samples]) != {None}:
        columns[DECLARED] = intervals
    return Frame([microseconds(sample.recorded_at) for sample in samples], columns)


def sample_at(frame: Frame, place: int, server_id: ServerId) -> Sample:
    """When it was received is not kept."""
    at = moment(frame.times[place])
    held = {name: value for name, values in frame.columns.items() if (value := values[place]) is not None}
    cpu, memory, disk, interval = held.pop("cpu"), held.pop("memory"), held.pop("disk"), held.pop(DECLARED, None)
    return Sample(server_id, at, at, cpu, memory, disk, held or None, interval)


def joined(frames: Sequence[Frame]) -> Frame:
    """One after the other: each begins after the one before has ended."""
    held = [frame for frame in frames if frame.times]
    if len(held) == 1:
        return held[0]
    names = dict.fromkeys(name for frame in held for name in frame.columns)
    columns: dict[str, list[float | None]] = {name: [] for name in names}
    for frame in held:
        for name, column in columns.items():
            column += frame.column(name)
    return Frame([time for frame in held for time in frame.times], columns)


def merged(first: Frame, second: Frame) -> Frame:
    """All of both; of two samples of one moment the *first*'s."""
    if not first.times or not second.times:
        return first if first.times else second
    if first.times[-1] < second.times[0]:
        return joined([first, second])
    there = set(first.times)
    both = joined([first, _picked(second, [i for i, time in enumerate(second.times) if time not in there])])
    return _picked(both, sorted(range(len(both)), key=both.times.__getitem__))


def _picked(frame: Frame, places: Sequence[int]) -> Frame:
    return Frame(
        [frame.times[place] for place in places],
        {name: [values[place] for place in places] for name, values in frame.columns.items()},
    )


def cut(times: Sequence[int], width: int) -> Iterator[tuple[int, slice]]:
    """Where each bucket of *width*, aligned to the epoch, begins, and what lies in it; none is empty."""
    first = 0
    while first < len(times):
        begin = times[first] - times[first] % width
        last = bisect_left(times, begin + width, first)
        yield begin, slice(first, last)
        first = last
