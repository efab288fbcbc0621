"""What is known of a host at this moment: from its reports, and from what others know of it.

However reports are spread over several who tell each other, in whatever order: all end with the same.
"""

from datetime import datetime
from typing import NamedTuple

from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.samples import Sample


class Live(NamedTuple):
    """*last_report_at* is receipt time; *sample* the one with the newest time."""

    status: Status = Status.OFFLINE
    sample: Sample | None = None
    last_report_at: datetime | None = None
    interval: float | None = None


class Heard(NamedTuple):
    """A host as somebody else knows it; see `Live`. *clock_skew* as in `domain.intake.samples`."""

    server_id: ServerId
    sample: Sample | None
    last_report_at: datetime | None
    interval: float | None = None
    clock_skew: int | None = None


def of_server(server: Server) -> Live:
    return Live(status=server.status, last_report_at=server.last_report_at, interval=server.report_interval)


def with_sample(held: Live, sample: Sample) -> Live:
    """A stored sample, read at start: it tells when the host last reported."""
    last = max(filter(None, (held.last_report_at, sample.received_at)))
    return held._replace(sample=sample, last_report_at=last, interval=sample.interval or held.interval)


def with_report(held: Live, sample: Sample) -> Live:
    _, newest, last, interval = held
    if newest is None or sample.recorded_at > newest.recorded_at:
        newest, interval = sample, sample.interval or interval
    if last is None or sample.received_at > last:
        last = sample.received_at
    return Live(Status.ONLINE, newest, last, interval)


def with_heard(held: Live, heard: Heard) -> Live:
    """The same object where it is nothing new. A report that was known is no sign of life, however late it is told."""
    sample, last = held.sample, heard.last_report_at
    if heard.sample is not None and (sample is None or heard.sample.recorded_at > sample.recorded_at):
        sample = heard.sample
    if last is not None and (held.last_report_at is None or last > held.last_report_at):
        return Live(Status.ONLINE, sample, last, heard.interval or held.interval)
    return held if sample is held.sample else held._replace(sample=sample)
