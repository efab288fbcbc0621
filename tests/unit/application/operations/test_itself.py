"""The installation watches itself: its figures, the check that reads them, and the policies that they have."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.fakes import FixedClock, InsecurePasswordHasher, MemoryMailer
from monitor.adapters.memory.store import MemoryStore
from monitor.application.accounts.users import EnsureFirstAdmin
from monitor.application.alerts.ports import AlertFilter
from monitor.application.checks.checks import CreateCheck, DeleteCheck
from monitor.application.checks.ports import CheckFilter
from monitor.application.checks.runs import RunCheck
from monitor.application.intake.queue import IntakeQueue
from monitor.application.operations.itself import (
    COMMIT,
    LAG,
    NAME,
    OUTBOX,
    QUEUE,
    RECOMMENDED,
    SEALING,
    SESSIONS,
    STATES,
    OwnFigures,
    ReadFigures,
    WatchItself,
)
from monitor.application.operations.job_runs import JobRuns
from monitor.application.operations.ports import HistoryState, Report, StoreState
from monitor.application.operations.processes import ReportProcess, WatchProcesses
from monitor.application.policies.policies import UpdatePolicy
from monitor.assembly import over
from monitor.container import Container
from monitor.domain.alerts.alert import Alert
from monitor.domain.checks.checks import Check, CheckState, StoredCheck
from monitor.domain.checks.kinds import KINDS, MONITOR
from monitor.domain.errors import InvalidInput
from monitor.domain.intake.metrics import METRICS
from monitor.settings import Settings
from tests.contracts.builders import ADMIN, AT, NOBODY
from tests.contracts.threads import until

STATE = StoreState(kind="memory", version="", address="", can_write=True)


def core(store: MemoryStore, clock: FixedClock, **settings: Any) -> Container:
    chosen = Settings(database_url="", data_dir=Path(), **settings)
    parts: dict[str, Any] = {
        "clock": clock,
        "hasher": InsecurePasswordHasher(),
        "mailer": MemoryMailer(),
        "senders": {},
    }
    return over(store, chosen, "x" * 40, **parts)


class Scene:
    """One process of an installation that watches itself, with what it reports of others."""

    def __init__(self, **settings: Any) -> None:
        self.clock, self.store = FixedClock(), MemoryStore()
        self.container = core(self.store, self.clock, **settings)
        self.container.get(EnsureFirstAdmin)("correct horse battery")
        self.container.get(IntakeQueue).start(lambda _: None)
        self.watch()

    def watch(self, **settings: Any) -> None:
        """Start, as a process with these settings."""
        container = core(self.store, self.clock, **settings) if settings else self.container
        container.fleet.refresh()
        container.get(WatchItself)(ADMIN)
        self.container.fleet.poll()

    def report(self, process: str, figures: Mapping[str, float], **more: Any) -> None:
        history = HistoryState(place="database", sealed_until=more.pop("sealed_until", None))
        report = Report(host="m", version="1", started_at=AT, store=STATE, history=history, figures=figures, **more)
        with self.container.uow() as uow:
            uow.heartbeats.beat(process)
            uow.process_reports.save(process, self.clock.now(), report)
            uow.commit()

    def own(self) -> list[StoredCheck]:
        return self.store.queries.checks.find(ADMIN, CheckFilter(kind=MONITOR))

    def run(self) -> StoredCheck:
        self.clock.advance(timedelta(seconds=30))
        stored = self.container.get(RunCheck)(ADMIN, self.own()[0].id)
        until(lambda: self.container.get(IntakeQueue).depth == 0)
        return stored

    def alerts(self) -> list[Alert]:
        return [shown.alert for shown in self.store.queries.alerts.newest(ADMIN, AlertFilter())]


@pytest.fixture
def scene() -> Iterator[Scene]:
    found = Scene()
    yield found
    found.container.get(IntakeQueue).close(5)


def test_a_process_reports_its_jobs_and_figures(scene: Scene) -> None:
    runs = scene.container.get(JobRuns)
    runs.expect("tidy up", 600.0)
    runs.expect("hang", 1.0).done_at -= 1000
    scene.container.get(OwnFigures).longest_lag = lambda: 0.25
    scene.container.get(WatchProcesses)()
    scene.container.get(ReportProcess)()
    [process] = scene.store.queries.cluster.processes(scene.clock.now())
    assert process.report is not None
    assert [("tidy up", False), ("hang", True)] == [(job.name, job.is_late) for job in process.report.jobs]
    assert {QUEUE: 0, COMMIT: 0, LAG: 250, STATES: 0} == process.report.figures


def test_the_time_of_a_commit_is_the_mean_since_the_last_report(scene: Scene) -> None:
    queue, own = scene.container.get(IntakeQueue), scene.container.get(OwnFigures)
    queue.commits, queue.commit_seconds = 4, 2.0
    assert 500 == own()[COMMIT]
    assert 0.0 == own()[COMMIT]
    queue.commits, queue.commit_seconds = 5, 5.0
    assert 3000 == own()[COMMIT]


FIGURES = st.dictionaries(st.sampled_from([QUEUE, COMMIT, LAG]), st.floats(0, 1e6))


@given(reported=st.lists(FIGURES, max_size=4))
def test_the_worst_figure_of_all_processes_counts(reported: list[dict[str, float]]) -> None:
    scene = Scene()
    for number, figures in enumerate(reported):
        scene.report(str(number), figures)
    found = scene.container.get(ReadFigures)()
    for name in (QUEUE, COMMIT, LAG):
        values = [figures[name] for figures in reported if name in figures]
        assert (max(values) if values else None) == found.get(name)
    scene.container.get(IntakeQueue).close(5)


def test_sealing_lags_since_all_began_or_the_newest_sealed_hour(scene: Scene) -> None:
    assert SEALING not in scene.container.get(ReadFigures)()
    scene.report("a", {}, sealed_until=AT - timedelta(days=2))
    scene.clock.advance(timedelta(hours=2))
    assert 7200 == scene.container.get(ReadFigures)()[SEALING]
    scene.report("b", {}, sealed_until=AT + timedelta(hours=1))
    assert 3600 == scene.container.get(ReadFigures)()[SEALING]
    assert {OUTBOX: 0, SESSIONS: 0}.items() <= scene.container.get(ReadFigures)().items()


def test_all_figures_are_known_metrics() -> None:
    assert {QUEUE, COMMIT, LAG, STATES, OUTBOX, SEALING, SESSIONS} == {
        name for name in METRICS if name.startswith("monitor_")
    }


def test_it_is_up_while_everything_works_and_says_what_does_not(scene: Scene) -> None:
    scene.report("another", {})
    assert CheckState.UP is scene.run().state
    scene.report("another", {}, faults=("job 'tidy up' has not worked for 900 s",))
    failed = scene.run()
    assert failed.status.last is not None
    assert "m: job 'tidy up' has not worked for 900 s" == failed.status.last.error


def test_a_long_queue_is_an_alert_like_any_other(scene: Scene) -> None:
    """With the default policy, until it is changed."""
    for _ in range(5):
        scene.report("another", {QUEUE: 6000})
        scene.run()
    [alert] = scene.alerts()
    assert (scene.own()[0].id, QUEUE, True) == (alert.server_id, alert.metric, alert.is_open)
    [policy] = [each for each in scene.container.fleet.directory.rules.policies.all if each.metric == QUEUE]
    scene.container.get(UpdatePolicy)(ADMIN, policy.id, enabled=False)
    assert [False] == [each.is_open for each in scene.alerts()]


def test_only_administrators_see_it(scene: Scene) -> None:
    assert [] == scene.store.queries.checks.find(NOBODY, CheckFilter())


def test_it_is_made_once(scene: Scene) -> None:
    [made] = scene.own()
    assert (NAME, "itself") == (made.check.name, made.check.target)
    policies = scene.container.fleet.directory.rules.policies.all
    assert {(each.metric, made.id) for each in RECOMMENDED} == {
        (each.metric, each.scope.server_id) for each in policies
    }
    scene.watch()
    assert [made.id] == [each.id for each in scene.own()]
    scene.container.get(DeleteCheck)(ADMIN, made.id)
    scene.watch()
    assert [] == scene.own()
    scene.container.get(CreateCheck)(ADMIN, Check(name="again", kind=MONITOR, target="itself", created_at=AT))
    assert CheckState.UP is scene.run().state


def test_a_setting_turns_it_off() -> None:
    scene = Scene(watches_itself=False)
    assert [] == scene.own()
    scene.watch(watches_itself=True)
    assert [CheckState.NEW] == [each.state for each in scene.own()]
    scene.watch(watches_itself=False)
    assert [CheckState.PAUSED] == [each.state for each in scene.own()]
    scene.container.get(IntakeQueue).close(5)


def test_its_target_is_itself() -> None:
    assert MONITOR is KINDS["monitor"]
    with pytest.raises(InvalidInput, match="only_itself"):
        Check(name="x", kind=MONITOR, target="another", created_at=AT)
