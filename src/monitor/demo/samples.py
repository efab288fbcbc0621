"""Samples of simulated hosts."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import compress

from monitor.demo.chance import noise, shares
from monitor.demo.courses import KNOT, Course, course
from monitor.demo.hosts import PROGRAMS, Host, Trouble
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.intake.samples import COLUMN_METRICS, Process, Sample
from monitor.domain.times import microseconds, moment

LONGEST_INTERVAL = 3600
CourseOf = Callable[[Host, int], Course]
_MILLISECOND = timedelta(milliseconds=1)
_LOSES = 2000
"""Of 65,536 samples a flaky host loses this many, besides network failures."""


def samples(
    of: Host, server_id: ServerId, start: datetime, end: datetime, interval: float, course_of: CourseOf = course
) -> Iterator[Sample]:
    """Yield what the host reports in start <= true time < end, every *interval* seconds, oldest first.

    Its own clock may be wrong. Two adjacent spans give the same samples as one. Raises InvalidInput.
    """
    late = lateness(of)
    for frame in frames(of, start, end, interval, course_of):
        names = [*frame.columns][len(COLUMN_METRICS) : -1]
        for at, cpu, memory, disk, *extra, declared in zip(frame.times, *frame.columns.values(), strict=True):
            recorded_at = moment(at)
            held = dict(zip(names, extra, strict=True))
            yield Sample(server_id, recorded_at, recorded_at + late, cpu, memory, disk, held, declared)


def frames(of: Host, start: datetime, end: datetime, interval: float, course_of: CourseOf = course) -> Iterator[Frame]:
    """Yield the same samples as frames of a few minutes, with times of the host's own clock."""
    if not 1 <= interval <= LONGEST_INTERVAL:
        raise InvalidInput({"interval": Problem("out_of_range", {"low": 1, "high": LONGEST_INTERVAL})})
    step = milliseconds(interval)
    at, until = _milliseconds_from(start), _milliseconds_from(end)
    at += (offset(of, step) - at) % step
    while at < until:
        now = course_of(of, at // KNOT)
        stop = min(until, now.start + KNOT)
        if not now.is_down and not _is_cut_off(of, now.start // KNOT):
            yield _reported(of, now, range(at, stop, step), interval)
        at += -((at - stop) // step) * step


def milliseconds(interval: float) -> int:
    return round(interval * 1000)


def offset(of: Host, step: int) -> int:
    """Return when within each *step* milliseconds since 1970 the host reports."""
    return int(of.phase * step)


def _milliseconds_from(at: datetime) -> int:
    """Return milliseconds since 1970, rounded up."""
    return -(-microseconds(at) // 1000)


class Due:
    """Hosts in the order in which they report within each interval, to find those that report in a short time."""

    def __init__(self, hosts: Sequence[tuple[Host, Server]], interval: float) -> None:
        self._step = milliseconds(interval)
        self._hosts = sorted(hosts, key=lambda pair: offset(pair[0], self._step))
        self._offsets = [offset(of, self._step) for of, _ in self._hosts]

    def between(self, start: datetime, end: datetime) -> Sequence[tuple[Host, Server]]:
        """Return those that may have a sample in start <= true time < end, each once."""
        since, until = _milliseconds_from(start), _milliseconds_from(end)
        if until - since >= self._step:
            return self._hosts
        first, last = since % self._step, since % self._step + max(0, until - since)
        found = self._hosts[self._place(first) : self._place(last)]
        return found + self._hosts[: self._place(last - self._step)]

    def _place(self, at: int) -> int:
        return bisect_left(self._offsets, at)


def lateness(of: Host) -> timedelta:
    """Return the time of receipt minus the time on the host's clock. Receipt is 25 ms after the measurement."""
    return (25 - of.skew) * _MILLISECOND


def _reported(of: Host, now: Course, times: Sequence[int], interval: float) -> Frame:
    drawn = noise(of.key, times)
    if of.trouble is Trouble.FLAKY:
        arrives = [number >= _LOSES for number in drawn[11]]
        times, drawn = [*compress(times, arrives)], [[*compress(numbers, arrives)] for numbers in drawn]
    # Agents measure a few milliseconds late.
    recorded = [(at + (number & 31) + of.skew) * 1000 for at, number in zip(times, drawn[10], strict=True)]
    if not recorded:
        return Frame()
    return Frame(recorded, {**_measured(of, now, times, drawn), DECLARED: [interval] * len(recorded)})


def _measured(of: Host, now: Course, times: Sequence[int], drawn: Sequence[Sequence[int]]) -> dict[str, list[float]]:
    """Return columns, which are faster than samples. Percentages have one decimal, as agents send them."""
    levels, rises, work = now.levels, now.slopes, of.work
    into = [at - now.start for at in times]
    cpu = _percentages(levels.cpu, rises.cpu, into, drawn[:2], 6e-5)
    memory = _percentages(levels.memory, rises.memory, into, drawn[2:4], 8e-6)
    disk = _straight(levels.disk, rises.disk, into)
    traffic = [(levels.traffic + rises.traffic * at) * work.traffic for at in into]
    measured = {
        "cpu": cpu,
        "memory": memory,
        "disk": disk,
        "load1": [round(c * work.cores * (0.009 + a * 6e-8), 2) for c, a in zip(cpu, drawn[4], strict=True)],
        "swap": [round((held - 82) * 3.1, 1) if held > 82 else 0.0 for held in memory],
        "net_rx": [flow * (0.8 + a * 6e-6) // 1 for flow, a in zip(traffic, drawn[5], strict=True)],
        "net_tx": [flow * (1.6 + a * 1.2e-5) // 1 for flow, a in zip(traffic, drawn[6], strict=True)],
        "disk:/": disk,
        "disk:/var": _straight(levels.var, rises.var, into),
        "uptime": [(at - now.boot) / 1000 // 1 for at in times],
    }
    if work.is_physical:  # only these have a temperature
        warm = [round(33 + c * 0.38 + (a - 32768) * 3e-5, 1) for c, a in zip(cpu, drawn[7], strict=True)]
        measured["temperature"] = warm
    return measured


def _percentages(
    level: float, rise: float, into: Sequence[int], drawn: Sequence[Sequence[int]], jitter: float
) -> list[float]:
    values = [level + rise * at + (a - b) * jitter for at, a, b in zip(into, *drawn, strict=True)]
    if min(values) < 0 or max(values) > 100:
        values = [min(max(value, 0.0), 100.0) for value in values]
    return [round(value * 10) / 10 for value in values]  # in a third of the time that round(value, 1) takes


def _straight(level: float, rise: float, into: Sequence[int]) -> list[float]:
    """Return rounded values of a line. Most rise so slowly that all values are equal."""
    first, last = round(level + rise * into[0], 1), round(level + rise * into[-1], 1)
    return [first] * len(into) if first == last else [round(level + rise * at, 1) for at in into]


def _is_cut_off(of: Host, knot: int) -> bool:
    """True if a flaky host has no network in these five minutes."""
    return of.trouble is Trouble.FLAKY and shares(of.key, b"cut off", knot)[0] < 0.008


def processes(of: Host, sample: Sample) -> tuple[Process, ...]:
    """Return the programs that use most CPU (percent of one core) and memory."""
    left, found = sample.cpu * of.work.cores, []
    for rank, program in enumerate(PROGRAMS[of.work.name]):
        share = 0.55 if rank == 0 else 0.3
        found.append(Process(program, round(left * share, 1), round(sample.memory * share * 0.8**rank, 1)))
        left *= 1 - share
    return tuple(found)
