"""The bodies that agents send and receive, and how a report becomes a sample."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from monitor.adapters.http.edge.decoding import decoded
from monitor.application.fleet.directory import Directory
from monitor.domain.errors import InvalidInput, MonitorError, RefusedTime
from monitor.domain.fleet.errors import UnknownHost
from monitor.domain.fleet.facts import Facts
from monitor.domain.fleet.servers import UNSAID, AgentInfo, ServerId, UnregisteredHost, canonical_ip
from monitor.domain.intake.metrics import LEAST_PERCENT, MOST_PERCENT
from monitor.domain.intake.samples import MAX_EXTRA, Process, Sample, time_problem

MAX_BATCH = 1000
AGENT = b"monitor-agent"
"""How agents call themselves in `User-Agent`."""
Percent = Annotated[float, Meta(ge=LEAST_PERCENT, le=MOST_PERCENT)]
MetricName = Annotated[str, Meta(pattern=r"^[a-z0-9_.:/-]{1,64}\Z")]


class Metrics(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    cpu_value: Percent
    memory_value: Percent
    disk_value: Percent
    extra: Annotated[dict[MetricName, float], Meta(max_length=MAX_EXTRA)] | None = None


class ProcessIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """*cpu*: percent of one core, so it may exceed 100."""

    name: Annotated[str, Meta(max_length=200)]
    cpu: Annotated[float, Meta(ge=0, le=1_000_000)]
    memory: Percent


class AgentIn(Struct, frozen=True, kw_only=True, gc=False):
    """What the agent says of itself; and, in few samples, of the host. Further fields are ignored."""

    version: Annotated[str, Meta(max_length=200)]
    os: Annotated[str, Meta(max_length=1000)] = ""
    facts: Facts | None = None


class Report(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """*recorded_at*: `YYYY-MM-DD HH:MM:SS` or RFC 3339, with fractions of a second; without an offset it is UTC."""

    metrics: Metrics
    ip_address: Annotated[str, Meta(max_length=100)] | None = None
    recorded_at: datetime | None = None
    interval: Annotated[float, Meta(gt=0, le=86400)] | None = None
    processes: Annotated[list[ProcessIn], Meta(max_length=20)] | None = None
    agent: AgentIn | None = None


class Batch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*samples*: each with `recorded_at`. An invalid one is rejected alone."""

    samples: Annotated[list[Report], Meta(max_length=MAX_BATCH)]


class RawBatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    samples: Annotated[list[msgspec.Raw], Meta(max_length=MAX_BATCH)]


class BatchResult(Struct, frozen=True, omit_defaults=True):
    status: Literal["stored", "duplicate", "rejected"]
    reason: str | None = None


class StoredOut(Struct, frozen=True, kw_only=True):
    """*status*: "duplicate" if the sample was stored before."""

    status: Literal["stored", "duplicate"]
    server_id: int
    server_name: str
    ip_address: str
    cpu_value: float
    memory_value: float
    disk_value: float
    recorded_at: str


class IntakeBatchOut(Struct, frozen=True):
    results: list[BatchResult]


_report = msgspec.json.Decoder(Report)
_batch = msgspec.json.Decoder(Batch)
_raw_batch = msgspec.json.Decoder(RawBatch)


def read_report(body: bytes | msgspec.Raw) -> Report:
    """Raises NotJson, InvalidInput."""
    report: Report = decoded(body, _report)
    return report


def read_batch(body: bytes) -> Sequence[Report | MonitorError]:
    """Return each item or its error. Raises NotJson, InvalidInput if the body is no batch."""
    try:
        batch: Batch = decoded(body, _batch)
        return batch.samples
    except InvalidInput:  # one item may be the reason: decode each alone
        raw_batch: RawBatch = decoded(body, _raw_batch)
        return [_tried(raw) for raw in raw_batch.samples]


def _tried(raw: msgspec.Raw) -> Report | MonitorError:
    try:
        return read_report(raw)
    except MonitorError as error:
        return error


def to_sample(report: Report, server_id: ServerId, received_at: datetime, kept: timedelta) -> Sample:
    """Return the sample. Raises RefusedTime if it is in the future or older than samples are *kept*."""
    recorded_at, metrics = report.recorded_at, report.metrics
    if recorded_at is None:
        recorded_at = received_at
    else:
        if recorded_at.tzinfo is None:
            recorded_at = recorded_at.replace(tzinfo=UTC)
        if (found := time_problem(recorded_at, received_at, kept)) is not None:
            raise RefusedTime(recorded_at, found)
        if recorded_at.tzinfo is not UTC:
            recorded_at = recorded_at.astimezone(UTC)
    return Sample(
        server_id,
        recorded_at,
        received_at,
        # Two decimals, as the columns hold; adding zero turns -0.0 into 0.0.
        round(metrics.cpu_value, 2) + 0.0,
        round(metrics.memory_value, 2) + 0.0,
        round(metrics.disk_value, 2) + 0.0,
        metrics.extra or None,
        report.interval,
        tuple(Process(p.name, p.cpu, p.memory) for p in report.processes) if report.processes else (),
    )


def to_agent(report: Report, sender: bytes) -> AgentInfo | None:
    """Return what the *sender* (the header `User-Agent`) says of itself; None if it is no agent of ours."""
    if report.agent is not None:
        return AgentInfo.of(report.agent.version, report.agent.os)
    return UNSAID if sender == AGENT else None


def to_unregistered_host(report: Report, received_at: datetime) -> UnregisteredHost:
    """Return the host of a report. Call only after UnknownHost, which means that the address is valid."""
    return UnregisteredHost(
        ip_address=canonical_ip(report.ip_address or ""),
        first_seen_at=received_at,
        last_seen_at=received_at,
        reports=1,
        cpu=round(report.metrics.cpu_value, 2) + 0.0,
        memory=round(report.metrics.memory_value, 2) + 0.0,
        disk=round(report.metrics.disk_value, 2) + 0.0,
    )


def reason(error: MonitorError) -> str:
    """Return why an item was rejected; agents react to what its time is."""
    if isinstance(error, InvalidInput):
        problem = error.problems.get("recorded_at")
        if problem is not None and problem.code == "required":
            return problem.code
    return error.reason


def is_unregistered(error: MonitorError, directory: Directory, report: Report) -> bool:
    """True if the host is not registered; False if its key merely does not reach it."""
    return isinstance(error, UnknownHost) and canonical_ip(report.ip_address or "") not in directory.by_address
