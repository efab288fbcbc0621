"""The present state of a host, from its reports and from updates of other processes.

The merge is independent of order: processes that exchange updates end with the same state.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.samples import Sample

SET_BACK = timedelta(seconds=10)
"""A report of the future by more than that was received before this machine's clock was set back."""


class Live(NamedTuple):
    """Present state of a host. *last_report_at*: receipt of the last report. *interval*: seconds, as declared."""

    status: Status = Status.OFFLINE
    sample: Sample | None = None
    last_report_at: datetime | None = None
    interval: float | None = None


class LiveUpdate(NamedTuple):
    """State of a host as another process knows it; see `Live` and `samples.clock_skew`."""

    server_id: ServerId
    sample: Sample | None
    last_report_at: datetime | None
    interval: float | None = None
    clock_skew: int | None = None


def of_server(server: Server) -> Live:
    return Live(status=server.status, last_report_at=server.last_report_at, interval=server.report_interval)


def with_sample(held: Live, sample: Sample) -> Live:
    """Add the newest stored sample, read at start."""
    last = max(filter(None, (held.last_report_at, sample.received_at)))
    return held._replace(sample=sample, last_report_at=last, interval=sample.interval or held.interval)


def with_report(held: Live, sample: Sample) -> Live:
    _, newest, last, interval = held
    if newest is None or sample.recorded_at > newest.recorded_at:
        newest, interval = sample, sample.interval or interval
    # Written out, as below: a call for each sample would be its hundredth part.
    if last is None or sample.received_at > last or last - sample.received_at > SET_BACK:
        last = sample.received_at
    return Live(Status.ONLINE, newest, last, interval)


def with_refused(held: Live, at: datetime) -> Live:
    """Add a report of which no sample was taken: its host is not offline."""
    last = held.last_report_at
    return held._replace(
        status=Status.ONLINE, last_report_at=at if last is None or at > last or last - at > SET_BACK else last
    )


def with_update(held: Live, update: LiveUpdate) -> Live:
    """Merge another process's state; only a later report turns the host online. Return *held* if nothing is new."""
    sample, last = held.sample, update.last_report_at
    if update.sample is not None and (sample is None or update.sample.recorded_at > sample.recorded_at):
        sample = update.sample
    if last is not None and (held.last_report_at is None or last > held.last_report_at):
        return Live(Status.ONLINE, sample, last, update.interval or held.interval)
    return held if sample is held.sample else held._replace(sample=sample)
