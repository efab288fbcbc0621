"""Checks of the database, and of what the serving processes keep in it."""

import time
from datetime import timedelta

from monitor.adapters.agent import VERSION
from monitor.adapters.persistence.engine.migration_plans import newest_revision
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from monitor.adapters.persistence.inspection import clock_of
from monitor.application.operations.working import PATIENCE
from monitor.cli.doctor.examining import Answer, judged
from monitor.cli.output import CommandFailed, database_of, span
from monitor.container import Container
from monitor.domain.fleet.servers import Status
from monitor.domain.intake.samples import FUTURE_TOLERANCE

SILENT_AFTER = timedelta(minutes=1)  # processes report every five seconds


def database(container: Container) -> Answer:
    begun = time.monotonic()
    try:
        with database_of(container.settings):
            state = container.queries.cluster.store()
    except CommandFailed as error:
        return Answer(False, "it does not answer: start it, or correct its settings", str(error))
    said = f"{state.kind} {state.version} answers in {(time.monotonic() - begun) * 1000:.0f} ms"
    return judged(state.can_write, said, "it refuses to be written to; its own log says why")


def schema(container: Container) -> Answer:
    found = version_of(container.settings.database_url)
    advice = {
        SchemaVersion.PART: "a restore has not ended: run `monitor restore` again",
        SchemaVersion.OLDER: "run `monitor db upgrade`",
        SchemaVersion.NEWER: "install the newer version of monitor",
    }
    said = f"it is {found.name.lower()}; this version needs revision {newest_revision()}"
    return judged(found not in advice, said, advice.get(found, ""))


def clock(container: Container) -> Answer:
    """Compare with the database server's clock, and with what is stored: none of it is of the future."""
    now = container.clock.now()
    theirs = clock_of(container.settings.database_url, now.timestamp())
    stored = [sample.received_at for sample in container.queries.samples.latest()]
    stored += [each.last_seen_at for each in container.queries.cluster.processes(now) if each.last_seen_at]
    error = max([abs(theirs - now.timestamp()), *((at - now).total_seconds() for at in stored)])
    said = f"it differs by {span(error)} at most from the database's and from what is stored"
    return judged(error <= FUTURE_TOLERANCE.total_seconds(), said, "synchronize the clocks of both machines")


def agents(container: Container) -> Answer:
    container.fleet.refresh()
    hosts = container.fleet.directory.servers.values()
    silent = sum(host.status is Status.OFFLINE for host in hosts)
    old = sum(host.agent is not None and host.agent.is_older_than(VERSION) for host in hosts)
    said = f"{len(hosts) - silent} of {len(hosts)} hosts report, {old} by an agent older than {VERSION}"
    return judged(silent * 2 <= len(hosts), said, "look at the network between, and at the agents' logs")


def unsent(container: Container) -> Answer:
    now = container.clock.now()
    since = container.queries.notifications.due_since(now)
    waits = timedelta() if since is None else now - since
    said = f"the oldest message that is due waits for {span(waits.total_seconds())}"
    return judged(waits <= PATIENCE, said, "read the server's log and restart it")


def jobs(container: Container) -> Answer:
    now = container.clock.now()
    processes = container.queries.cluster.processes(now)
    alive = [each.report for each in processes if each.last_seen_at and now - each.last_seen_at <= SILENT_AFTER]
    found = [job for report in alive if report is not None for job in report.jobs]
    if late := sorted({job.name for job in found if job.is_late}):
        longest = span(max(job.age for job in found if job.is_late))
        said = f"{len(late)} of {len(found)} are late, up to {longest} ({', '.join(late)})"
        return Answer(False, f"{said}: read the server's log and restart it")
    said = f"{len(alive)} of {len(processes)} processes reported within {span(SILENT_AFTER.total_seconds())}"
    said += f", {len(found)} jobs ran in time"
    if oldest := max(found, key=lambda job: job.age, default=None):
        said += f"; the longest ago: {oldest.name}, {span(oldest.age)}"
    return judged(len(alive) >= max(1, len(processes)), said, "start the server")
