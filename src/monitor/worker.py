"""Background work of a serving process: threads that run small jobs, each at its own interval."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from monitor.adapters.backup_runs import BackupProcesses
from monitor.application.accounts.personal_tokens import TokenUses
from monitor.application.accounts.recording import Refusals
from monitor.application.alerts.clocks import FollowClocks
from monitor.application.alerts.handing_over import HandOverRotas
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline
from monitor.application.checks.missed import DetectMissed
from monitor.application.checks.runs import LOOK_EVERY, RunDueChecks
from monitor.application.giving_way import background
from monitor.application.hindsight.drills import EndDrills
from monitor.application.history.archiving import KeepArchive
from monitor.application.history.filling import FillingDisks
from monitor.application.history.retention import KeepHistory
from monitor.application.incidents.grouping import GroupAlerts
from monitor.application.intake.hearing import Knock, ProveHearing
from monitor.application.intake.scrapes import PruneScrapes
from monitor.application.notifications.account_mails import SendAccountMails
from monitor.application.notifications.dispatcher import Dispatcher
from monitor.application.operations.backups import KeepBackups
from monitor.application.operations.job_runs import JobRun, JobRuns
from monitor.application.operations.maintenance import PruneAudit, SaveAgents, SaveKeyUse, TidyUp
from monitor.application.operations.peers import ExchangePeerUpdates, FollowAlerts, FollowFleet
from monitor.application.operations.processes import ReportProcess, WatchProcesses
from monitor.application.operations.storing import WatchEpoch, WatchStoring
from monitor.application.operations.working import MustWork
from monitor.application.requests import WORKS_FOR
from monitor.container import Container
from monitor.domain.errors import Unavailable

log = structlog.get_logger()

STOP_SECONDS = 5.0
REMIND = 600.0
"""Seconds after which a job that still fails is logged again."""
REMIND_OF_STORING = 60.0

HEARTBEAT = 1.5
"""Seconds between two heartbeats. After five without one a process counts as dead and loses its leases."""

EPOCH = 1.5
"""Seconds between two looks at the epoch."""

HOST = 1.0
"""Seconds between two questions to the database server whether it can write, where there are several."""

BACKUP = 5.0
"""Seconds between two looks whether a backup is due, or done."""

OUTWARD = 60.0
"""Seconds between two requests to the heartbeat's address."""

Job = tuple[str, float, Callable[[], object]]
"""Name, seconds between two runs, the function to call."""

_SPREAD_OVER = 0.5
"""Seconds of which most pauses are multiples."""
_GOLDEN = 0.618
"""Of a circle, steps of this length end far apart, however many there are."""


def start_all(workers: Sequence["Worker"]) -> None:
    """Start workers so that their jobs run at different times: requests would wait for the work of all at once."""
    for worker, phase in zip(workers, phases(len(workers)), strict=True):
        worker.start(phase)


def phases(count: int) -> list[float]:
    """Return seconds within _SPREAD_OVER that are far apart."""
    return [place * _GOLDEN % 1 * _SPREAD_OVER for place in range(count)]


def next_run(earliest: float, phase: float, pause: float) -> float:
    """Return the first time from *earliest* on that is *phase* after a multiple of *pause*."""
    return earliest + (phase - earliest) % pause if pause else earliest


def jobs(container: Container) -> list[Job]:
    """Return the short jobs, which share a thread."""
    return [
        ("follow the fleet", 0.5, container.get(FollowFleet)),
        ("report on this process", 5.0, container.get(ReportProcess)),
        ("exchange peer updates", 0.5, container.get(ExchangePeerUpdates)),
        ("detect offline hosts", 1.0, container.get(DetectOffline)),
        ("follow clocks", 1.0, container.get(FollowClocks)),
        ("follow alerts", 1.0, container.get(FollowAlerts)),
        ("maintain alerts", 2.0, container.get(AlertMaintenance)),
        ("group alerts", 1.0, container.get(GroupAlerts)),
        ("end drills", 10.0, container.get(EndDrills)),
        ("hand rotas over", 30.0, container.get(HandOverRotas)),
        ("save key use", 30.0, container.get(SaveKeyUse)),
        ("save agents", 10.0, container.get(SaveAgents)),
        ("save token use", 5.0, container.get(TokenUses)),
        ("write refused attempts", 1.0, container.get(Refusals)),
        ("prune scrapes", 60.0, container.get(PruneScrapes)),
        ("tidy up", 600.0, container.get(TidyUp)),
        ("prune the audit log", 600.0, container.get(PruneAudit)),
    ]


def history_jobs(container: Container) -> list[Job]:
    """Return jobs for a thread of their own. They may have hours of work, in steps of about ten milliseconds."""
    return [
        ("keep the history", 0.2, container.get(KeepHistory)),
        ("find filling disks", 1.0, container.get(FillingDisks).step),
    ]


def archive_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own, since it waits for the archive; none without one."""
    if container.settings.history is None:
        return []
    return [("move history to the archive", 0.2, container.get(KeepArchive))]


def check_in_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own: thousands of jobs may be missed at once, and fire some time long."""
    return [("detect missed check-ins", 0.5, container.get(DetectMissed))]


def storing_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own: it waits for the mail server."""
    return [("store samples", 2.0, container.get(WatchStoring))]


def hearing_jobs(container: Container, knock: Knock) -> list[Job]:
    """Return a job for a thread of its own: it waits for a response."""
    prove = container.get(ProveHearing)
    prove.begin()
    return [("hear ourselves", 1.0, partial(_hear, prove, knock))]


def _hear(prove: ProveHearing, knock: Knock) -> None:
    try:
        prove(knock)
    except OSError as error:
        raise Unavailable(f"this server can't reach itself; no host is called offline meanwhile: {error!r}") from error


def check_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own, so that checks begin in time. The runs have threads of their own."""
    return [("run checks", LOOK_EVERY, container.get(RunDueChecks))]


def life_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own: after late heartbeats other processes would count this one as dead."""
    return [("watch the processes", HEARTBEAT, container.get(WatchProcesses))]


def epoch_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own: agents are to hear soon that the store may have lost something."""
    return [("watch the epoch", EPOCH, container.get(WatchEpoch))]


def backup_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own, beside the process that takes a backup; none without a directory."""
    directory = container.settings.backup_dir
    if directory is None:
        return []
    runs = BackupProcesses(directory, container.settings.data_dir)
    return [("back up", BACKUP, partial(container.get(KeepBackups), runs))]


def host_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own, since it waits for servers that hang; none with one database server."""
    watch = container.store.host_watch()
    return [] if watch is None else [("watch the database's hosts", HOST, watch)]


def heartbeat_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own, since it waits for a response; none without an address."""
    url = container.settings.heartbeat_url
    if url is None:
        return []
    return [("send the heartbeat", OUTWARD, partial(_send_heartbeat, container.get(MustWork), url))]


def _send_heartbeat(must_work: MustWork, url: str) -> None:
    """Raises Unavailable, without the address: it may hold a secret."""
    must_work()
    # Imported by the first request: httpx takes 12 MB, which most installations do not need.
    from monitor.adapters.outbound.connections import Outbound
    from monitor.adapters.outbound.destinations import ANYWHERE
    from monitor.adapters.outbound.posts import DestinationRefused, Unreachable, fetch

    try:
        status = fetch(Outbound(destinations=ANYWHERE), url).status
    except (DestinationRefused, Unreachable) as error:
        raise Unavailable(f"the heartbeat's address cannot be reached: {error}") from error
    if not 200 <= status < 300:
        raise Unavailable(f"the heartbeat's address answers with status {status}")


def deliveries(dispatcher: Dispatcher) -> list[Job]:
    """Return a job for a thread of its own: a round waits while all senders are busy."""
    return [("deliver notifications", 1.0, dispatcher.round)]


def account_mail_jobs(container: Container) -> list[Job]:
    """Return a job for a thread of its own: it waits for the mail server, and delays no mail about an alert."""
    return [("send mails about accounts", 1.0, container.get(SendAccountMails))]


def delivery_failed(error: Exception) -> None:
    # It is tried again: a database that is away or changes its node needs no traceback.
    log.error("a delivery failed", error=repr(error), exc_info=None if isinstance(error, Unavailable) else error)


class Worker:
    """A thread that runs jobs. A failing job is logged every *remind* seconds until it works again. *runs*: where it
    notes when each did its work; None: nowhere."""

    def __init__(self, jobs: Sequence[Job], remind: float = REMIND, runs: JobRuns | None = None) -> None:
        self._jobs = jobs
        self._remind = remind
        self._runs = runs or JobRuns()
        self._stop = threading.Event()
        self._failing: dict[str, float] = {}
        """By name of the job, when its failure was last logged."""
        self._phase = 0.0
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self, phase: float = 0.0) -> None:
        """Run each job at once, and then about *phase* seconds after multiples of its pause."""
        self._phase = phase
        self._thread.start()

    def stop(self) -> None:
        """Stop after the job that runs, but wait at most STOP_SECONDS. Also allowed before `start`."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        due = [time.monotonic()] * len(self._jobs)
        runs = [self._runs.expect(name, pause) for name, pause, _ in self._jobs]
        while not self._stop.is_set():
            for index, (_, pause, job) in enumerate(self._jobs):
                if time.monotonic() >= due[index]:
                    self._try(runs[index], job)
                    due[index] = next_run(time.monotonic() + pause / 2, self._phase, pause)
            self._stop.wait(max(0.0, min(due) - time.monotonic()))

    def _try(self, run: JobRun, job: Callable[[], object]) -> None:
        name = run.name
        WORKS_FOR.set(f"job {name}")
        try:
            with background():
                job()
            run.done_at, run.error = self._runs.seconds(), ""
            if name in self._failing:
                del self._failing[name]
                log.info("job works again", job=name)
        except Exception as error:
            run.error = repr(error)
            now = time.monotonic()
            if name not in self._failing or now - self._failing[name] >= self._remind:
                self._failing[name] = now
                # Unavailable needs no traceback. Any other error is a bug or wrong data.
                log.warning("job fails", job=name, error=repr(error), exc_info=not isinstance(error, Unavailable))
