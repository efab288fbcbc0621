"""Samples of one server as columns: the form that charts, backtests and chunks use."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from math import copysign

from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import COLUMN_METRICS, DEFAULT_INTERVAL, Sample
from monitor.domain.times import SECOND, microseconds, moment

Values = Sequence[float | None]
DECLARED = "@interval"
"""Column of the reported intervals (seconds). No metric has this name, since a metric's name has no @."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Samples by time.

    *times*: microseconds since 1970, rising. *columns*: by metric, each as long as *times*, with None where a sample
    lacks the metric. A metric that no sample has may be missing.
    """

    times: Sequence[int] = field(default_factory=list)
    columns: Mapping[str, Values] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.times)

    def usual_gap(self) -> float:
        """Return the median seconds between two samples, 15 for fewer than two."""
        gaps = sorted(later - earlier for earlier, later in pairwise(self.times))
        return gaps[len(gaps) // 2] / SECOND if gaps else DEFAULT_INTERVAL

    def column(self, name: str) -> Values:
        return self.columns.get(name) or [None] * len(self)

    def between(self, start: int, end: int) -> "Frame":
        """Return the samples of start <= time < end (microseconds)."""
        return self.part(slice(bisect_left(self.times, start), bisect_left(self.times, end)))

    def part(self, place: slice) -> "Frame":
        """Return the samples at these indexes."""
        if place == slice(0, len(self.times)):
            return self
        return Frame(self.times[place], {name: held[place] for name, held in self.columns.items()})


def frame_of(samples: Sequence[Sample]) -> Frame:
    """Return a frame of samples with rising times, without extras named like a percentage."""
    if not samples:
        return Frame()
    columns: dict[str, Values] = {name: [float(getattr(sample, name)) for sample in samples] for name in COLUMN_METRICS}
    columns[DECLARED] = [sample.interval for sample in samples]
    times = [microseconds(sample.recorded_at) for sample in samples]
    return with_extras(times, columns, [sample.extra or {} for sample in samples])


def with_extras(
    times: Sequence[int], columns: Mapping[str, Values], extras: Sequence[Mapping[str, float | None]]
) -> Frame:
    """Return a frame with *extras* (one mapping per sample) as further columns, hidden by a column of the same name.

    The interval is the last column, and left out if no sample has one.
    """
    found = dict(columns)
    intervals = found.pop(DECLARED, [None])
    for name in dict.fromkeys(name for extra in extras for name in extra):
        found.setdefault(name, [extra.get(name) for extra in extras])
    if set(intervals) != {None}:
        found[DECLARED] = intervals
    return Frame(times, found)


def sample_at(frame: Frame, place: int, server_id: ServerId) -> Sample:
    """Return the sample at index *place*. A frame has no times of receipt, so `received_at` equals `recorded_at`."""
    at = moment(frame.times[place])
    held = {name: value for name, values in frame.columns.items() if (value := values[place]) is not None}
    cpu, memory, disk, interval = held.pop("cpu"), held.pop("memory"), held.pop("disk"), held.pop(DECLARED, None)
    return Sample(server_id, at, at, cpu, memory, disk, held or None, interval)


def is_same(one: Frame, other: Frame) -> bool:
    """True if both hold the same samples, equal to the last bit. A column without values counts as missing."""
    if [*one.times] != [*other.times]:
        return False
    columns, others = _present(one), _present(other)
    if columns.keys() != others.keys() or any([*columns[name]] != [*others[name]] for name in columns):
        return False
    # Zeros are equal whatever their sign.
    with_zeros = [name for name, values in columns.items() if 0.0 in values]
    return all(_signs(columns[name]) == _signs(others[name]) for name in with_zeros)


def _present(frame: Frame) -> dict[str, Values]:
    return {name: values for name, values in frame.columns.items() if any(value is not None for value in values)}


def _signs(values: Values) -> list[float]:
    return [copysign(1.0, value) for value in values if value is not None]


def concatenated(frames: Sequence[Frame]) -> Frame:
    """Concatenate frames. Each begins after the previous one ends."""
    held = [frame for frame in frames if frame.times]
    if len(held) == 1:
        return held[0]
    names = dict.fromkeys(name for frame in held for name in frame.columns)
    columns: dict[str, list[float | None]] = {name: [] for name in names}
    for frame in held:
        for name, column in columns.items():
            column += frame.column(name)
    return Frame([*chain.from_iterable(frame.times for frame in held)], columns)


def merged(first: Frame, second: Frame) -> Frame:
    """Return the samples of both. Of two with the same time the *first*'s is kept."""
    if not first.times or not second.times:
        return first if first.times else second
    if first.times[-1] < second.times[0]:
        return concatenated([first, second])
    known = set(first.times)
    both = concatenated([first, picked(second, [i for i, time in enumerate(second.times) if time not in known])])
    return picked(both, sorted(range(len(both)), key=both.times.__getitem__))


def picked(frame: Frame, places: Sequence[int]) -> Frame:
    """Return the samples at these indexes, in this order."""
    return Frame(
        [frame.times[place] for place in places],
        {name: [values[place] for place in places] for name, values in frame.columns.items()},
    )


def cut(times: Sequence[int], width: int) -> Iterator[tuple[int, slice]]:
    """Yield start and slice of each bucket that has times. *width*: microseconds, aligned to 1970."""
    first = 0
    while first < len(times):
        begin = times[first] - times[first] % width
        last = bisect_left(times, begin + width, first)
        yield begin, slice(first, last)
        first = last
