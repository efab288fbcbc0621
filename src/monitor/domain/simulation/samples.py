"""The samples of simulated hosts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.samples import Process, Sample
from monitor.domain.servers import ServerId
from monitor.domain.simulation.chance import noise, shares
from monitor.domain.simulation.courses import KNOT, Course, course
from monitor.domain.simulation.hosts import Host, Trouble, host

METRICS = (
    *("cpu", "memory", "disk", "load1", "swap", "net_rx", "net_tx"),
    *("disk:/", "disk:/var", "temperature", "uptime"),
)
"""Temperature: of physical hosts alone."""
LONGEST_INTERVAL = 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LOSES = 2000
"""Of 65,536 samples, so many of a flaky host go missing by themselves."""
_course = lru_cache(maxsize=4096)(course)


def value(seed: int, index: int, metric: str, at: datetime) -> float | None:
    """What the host number *index* of the fleet *seed* measures at that moment (to the millisecond), whether it reports
    it or not; None for what it does not have. Raises InvalidInput."""
    if metric not in METRICS:
        raise InvalidInput({"metric": Problem("not_one_of", {"choices": ", ".join(METRICS)})})
    of, then = host(seed, index), milliseconds(at)
    cpu, memory, disk, extra = _measured(of, _course(of, then // KNOT), then, noise(of.key, then))
    return {"cpu": cpu, "memory": memory, "disk": disk, **extra}.get(metric)


def samples(of: Host, server_id: ServerId, start: datetime, end: datetime, interval: float) -> Iterator[Sample]:
    """What it reports from *start* on and before *end* (by true time: its own clock may be off), every *interval*
    seconds, oldest first. However a span is cut, the pieces make the same whole. Raises InvalidInput."""
    if not 1 <= interval <= LONGEST_INTERVAL:
        raise InvalidInput({"interval": Problem("out_of_range", {"low": 1, "high": LONGEST_INTERVAL})})
    step = round(interval * 1000)
    at, until = milliseconds(start, up=True), milliseconds(end, up=True)
    at += (int(of.phase * step) - at) % step
    while at < until:
        now = course(of, at // KNOT)
        stop = min(until, now.start + KNOT)
        if not now.is_down and not _is_cut_off(of, now.start // KNOT):
            yield from _reported(of, server_id, now, range(at, stop, step), interval)
        at += -((at - stop) // step) * step


def _reported(of: Host, server_id: ServerId, now: Course, times: range, interval: float) -> Iterator[Sample]:
    loses, skew = _LOSES if of.trouble is Trouble.FLAKY else 0, of.skew
    for at in times:
        drawn = noise(of.key, at)
        if drawn[11] < loses:
            continue
        cpu, memory, disk, extra = _measured(of, now, at, drawn)
        # Agents measure a moment late, and it takes another until the server has it.
        recorded = at + (drawn[10] & 31)
        received_at = _EPOCH + (recorded + 25) * _MILLISECOND
        recorded_at = received_at + (skew - 25) * _MILLISECOND
        yield Sample(server_id, recorded_at, received_at, cpu, memory, disk, extra, interval)


def _measured(of: Host, now: Course, at: int, drawn: tuple[int, ...]) -> tuple[float, float, float, dict[str, float]]:
    """Spelled out, since a history has a hundred million of them. Percentages have one decimal, as agents tell them."""
    (cpu, memory, disk, var, traffic), rises, work, into = now.levels, now.slopes, of.work, at - now.start
    cpu += rises.cpu * into + (drawn[0] - drawn[1]) * 6e-5
    cpu = 0.0 if cpu < 0 else 100.0 if cpu > 100 else round(cpu, 1)
    memory += rises.memory * into + (drawn[2] - drawn[3]) * 8e-6
    memory = 0.0 if memory < 0 else 100.0 if memory > 100 else round(memory, 1)
    disk = round(disk + rises.disk * into, 1)
    traffic = (traffic + rises.traffic * into) * work.traffic
    extra = {
        "load1": round(cpu * work.cores * (0.009 + drawn[4] * 6e-8), 2),
        "swap": round((memory - 82) * 3.1, 1) if memory > 82 else 0.0,
        "net_rx": float(int(traffic * (0.8 + drawn[5] * 6e-6))),
        "net_tx": float(int(traffic * (1.6 + drawn[6] * 1.2e-5))),
        "disk:/": disk,
        "disk:/var": round(var + rises.var * into, 1),
        "uptime": float((at - now.boot) // 1000),
    }
    if work.is_physical:
        extra["temperature"] = round(33 + cpu * 0.38 + (drawn[7] - 32768) * 3e-5, 1)
    return cpu, memory, disk, extra


def _is_cut_off(of: Host, knot: int) -> bool:
    """A flaky host's network goes away for five minutes now and then."""
    return of.trouble is Trouble.FLAKY and shares(of.key, b"cut off", knot)[0] < 0.008


def processes(of: Host, sample: Sample) -> tuple[Process, ...]:
    """What takes most of its CPU, in percent of one core's, and of its memory."""
    left, found = sample.cpu * of.work.cores, []
    for rank, program in enumerate(of.work.programs):
        share = 0.55 if rank == 0 else 0.3
        found.append(Process(program, round(left * share, 1), round(sample.memory * share * 0.8**rank, 1)))
        left *= 1 - share
    return tuple(found)


def milliseconds(at: datetime, *, up: bool = False) -> int:
    """Since the epoch, rounded down, or *up*."""
    return -((_EPOCH - at) // _MILLISECOND) if up else (at - _EPOCH) // _MILLISECOND
