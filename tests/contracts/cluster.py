"""What processes say of themselves is there for as long as they live."""

from datetime import timedelta

from monitor.application.operations.job_runs import JobState
from monitor.application.operations.ports import HistoryState, Process, Queries, Report, StoreState
from monitor.domain.accounts.sessions import REFRESH_TTL
from tests.contracts.builders import AT, SECOND, NewUow, stored_session, stored_user
from tests.contracts.heartbeats import beaten

REPORT = Report(
    host="web-1 监控",
    version="1.2.3",
    started_at=AT,
    store=StoreState(kind="mysql", version="11.8.3-MariaDB", address="db1:3306", can_write=True, nodes=3),
    history=HistoryState(place="database", sealed_until=AT - 3600 * SECOND),
    faults=("the intake is stopped",),
    jobs=(JobState("tidy up", 600.0, 12.5), JobState("keep 历史", 0.2, 900.0, "KeyError('x')")),
    figures={"monitor_queue_samples": 3.0, "monitor_commit_ms": 0.0125},
)


def reported(new_uow: NewUow, process: str, seconds: float = 0, report: Report = REPORT) -> None:
    with new_uow() as uow:
        uow.process_reports.save(process, AT + seconds * SECOND, report)
        uow.commit()


class ClusterContract:
    def test_a_process_of_an_older_version_reports_nothing(self, new_uow: NewUow, queries: Queries):
        assert queries.cluster.processes(AT) == []
        beaten(new_uow, "b", "a")
        assert queries.cluster.processes(AT) == [Process("a", None, None, ()), Process("b", None, None, ())]

    def test_the_newest_report_is_shown_until_the_process_ends(self, new_uow: NewUow, queries: Queries):
        beaten(new_uow, "a")
        reported(new_uow, "a")
        empty = Report(
            host="",
            version="",
            started_at=AT,
            store=StoreState(kind="sqlite", version="3", address="", can_write=False),
            history=HistoryState(place="database", sealed_until=None),
        )
        reported(new_uow, "a", 5.25, empty)
        beaten(new_uow, "a")
        assert queries.cluster.processes(AT) == [Process("a", AT + 5.25 * SECOND, empty, ())]
        reported(new_uow, "a", 6)
        assert queries.cluster.processes(AT)[0].report == REPORT
        with new_uow() as uow:
            uow.heartbeats.end("a")
            uow.heartbeats.beat("a")
            uow.commit()
        assert queries.cluster.processes(AT) == [Process("a", None, None, ())]

    def test_a_report_without_a_heartbeat_is_dropped(self, new_uow: NewUow, queries: Queries):
        reported(new_uow, "gone")
        assert queries.cluster.processes(AT) == []

    def test_the_leases_that_a_process_holds_are_shown_until_they_expire(self, new_uow: NewUow, queries: Queries):
        beaten(new_uow, "a", "b")
        with new_uow() as uow:
            for name in ("seal", "maintain"):
                uow.leases.acquire(name, "a", AT, timedelta(seconds=30))
            uow.leases.acquire("another", "b", AT, timedelta(seconds=10))
            uow.commit()
        held = [process.leases for process in queries.cluster.processes(AT + 9 * SECOND)]
        assert held == [("maintain", "seal"), ("another",)]
        held = [process.leases for process in queries.cluster.processes(AT + 10 * SECOND)]
        assert held == [("maintain", "seal"), ()]

    def test_the_store_tells_that_it_can_be_written_to(self, new_uow: NewUow, queries: Queries):
        state = queries.cluster.store()
        assert state.can_write
        assert state.kind in ("memory", "sqlite", "mysql")

    def test_sessions_count_until_they_expire(self, new_uow: NewUow, queries: Queries):
        assert queries.cluster.sessions(AT) == 0
        user = stored_user(new_uow)
        for name in ("first", "second"):
            stored_session(new_uow, user.id, name)
        assert queries.cluster.sessions(AT) == 2
        assert queries.cluster.sessions(AT + REFRESH_TTL + SECOND) == 0
