"""A long backtest is a job."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from monitor.application.fleet.servers import DeleteServer
from monitor.application.hindsight.backtest import AT_ONCE, Backtests, RunBacktest
from monitor.application.history.ports import HistoryQueries, OpenHour
from monitor.application.history.sealing import SealHistory
from monitor.application.jobs import MAX_JOBS
from monitor.application.operations.ports import Queries
from monitor.domain.errors import NotFound, Overloaded
from monitor.domain.fleet.servers import Server, ServerId
from tests.unit.application.alerts.alert_world import ROOT, World
from tests.unit.application.hindsight.backtests import DEADLINE, SOMEBODY, begun, finished, result
from tests.unit.domain.alerts.test_alert_engine import CPU


class TestJobs:
    """More than can be answered at once is a job."""

    @pytest.fixture
    def days(self) -> int:
        return AT_ONCE  # of two hosts

    @pytest.fixture
    def fleet(self, world: World, web) -> list[Server]:
        other = world.server("db", "10.0.0.2")
        for server in (web, other):
            world.report(server.id, 99.0)
        world.clock.advance(1)
        return [web, other]

    def test_its_result_is_that_of_an_immediate_backtest(self, world: World, fleet, days):
        backtests, policy = world.process.get(Backtests), replace(CPU, sustained_for=timedelta(0))
        job_id = begun(world, policy, days)
        assert isinstance(job_id, str)
        job = finished(backtests, job_id)
        assert (job.progress, job.error) == (1.0, None)
        assert result(world, policy, 1) == job.result
        backtests.close()

    def test_progress_rises_with_each_host(self, world: World, fleet):
        seen: list[float] = []
        world.process.get(RunBacktest)(ROOT, CPU, 1, fleet, seen.append)
        assert [0.0, 0.5, 1.0] == seen

    def test_a_host_that_is_deleted_meanwhile_is_left_out(self, world: World, fleet):
        run, policy = world.process.get(RunBacktest), replace(CPU, sustained_for=timedelta(0))
        servers = run.servers(ROOT, policy)
        world.process.get(DeleteServer)(ROOT, fleet[0].id)
        assert [(fleet[1].id, 1)] == [row[:2] for row in run(ROOT, policy, 1, servers, lambda _: None).servers]

    def test_only_its_owner_has_access(self, world: World, fleet, days):
        backtests = world.process.get(Backtests)
        job_id = begun(world, days=days)
        assert isinstance(job_id, str)
        for act in (backtests.get, backtests.cancel):
            with pytest.raises(NotFound):
                act(SOMEBODY, job_id)
        finished(backtests, job_id)
        backtests.close()

    def test_a_cancelled_job_ends_with_the_next_host(self, world: World, fleet, days):
        slow = SlowQueries(world.store.queries)
        backtests = Backtests(self._run(world, slow), world.secrets)
        job_id = backtests.start(ROOT, CPU, days)
        assert isinstance(job_id, str)
        slow.asked.acquire()
        job = backtests.get(ROOT, job_id)
        backtests.cancel(ROOT, job_id)
        slow.go_on.set()
        backtests.close()
        assert (job.result, job.error) == (None, None)
        assert len(slow.asked_of) == 1  # the second host was not looked at
        with pytest.raises(NotFound):
            backtests.get(ROOT, job_id)

    def test_jobs_are_limited_and_the_oldest_finished_one_is_removed(self, world: World, fleet, days):
        slow = SlowQueries(world.store.queries)
        backtests = Backtests(self._run(world, slow), world.secrets)
        ids = [backtests.start(ROOT, CPU, days) for _ in range(MAX_JOBS)]
        with pytest.raises(Overloaded):
            backtests.start(ROOT, CPU, days)
        slow.go_on.set()
        for job_id in ids:
            finished(backtests, str(job_id))
        backtests.start(ROOT, CPU, days)
        with pytest.raises(NotFound):
            backtests.get(ROOT, str(ids[0]))
        assert backtests.get(ROOT, str(ids[1])).progress == 1.0
        backtests.close()

    def test_a_failed_job_says_so(self, world: World, fleet, days):
        slow = SlowQueries(world.store.queries)
        slow.error = RuntimeError("disk on fire")
        slow.go_on.set()
        backtests = Backtests(self._run(world, slow), world.secrets)
        assert finished(backtests, str(backtests.start(ROOT, CPU, days))).error == "internal"
        backtests.close()

    def _run(self, world: World, queries: "SlowQueries") -> RunBacktest:
        return replace(world.process.get(RunBacktest), queries=queries)


class TestFleets:
    """Of many hosts, the open hours are read at once, and each host ahead."""

    @pytest.fixture
    def fleet(self, world: World) -> list[Server]:
        servers = [world.server(f"web{n}", f"10.0.1.{n}") for n in range(25)]
        for minute in range(0, 180, 10):
            world.clock.advance(600)
            for n, server in enumerate(servers):
                value = 99.0 if minute // 10 % (n + 2) == 0 else 20.0
                world.report(server.id, value, extra={"load1": value})
        return servers

    @pytest.mark.parametrize("metric", ["cpu", "load1"])
    @pytest.mark.parametrize("is_sealed", [False, True])
    def test_each_host_is_found_as_if_it_were_alone(self, world: World, fleet, metric, is_sealed):
        run, policy = world.process.get(RunBacktest), replace(CPU, metric=metric, sustained_for=timedelta(0))
        if is_sealed:
            list(world.process.get(SealHistory)(world.now, in_turn=False))
            world.report(fleet[7].id, 97.0)
        progress: list[float] = []
        found = run(ROOT, policy, 1, fleet, progress.append)
        alone = [run(ROOT, policy, 1, [server], lambda _: None) for server in fleet]
        assert {row for one in alone for row in one.servers} == {*found.servers}
        assert sum(one.total for one in alone) == found.total
        assert found.total > len(fleet)
        assert progress == sorted(progress)
        assert (progress[0], progress[-1]) == (0.0, 1.0)

    def test_an_error_ends_it_at_once(self, world: World, fleet):
        def cancel_at(part: float) -> None:
            if part > 0.5:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            world.process.get(RunBacktest)(ROOT, CPU, 1, fleet, cancel_at)

    def test_hosts_that_are_deleted_meanwhile_are_left_out(self, world: World, fleet):
        run, policy = world.process.get(RunBacktest), replace(CPU, sustained_for=timedelta(0))
        for server in fleet[:3]:
            world.process.get(DeleteServer)(ROOT, server.id)
        found = run(ROOT, policy, 1, fleet, lambda _: None)
        assert {row[0] for row in found.servers} == {server.id for server in fleet[3:]}


class SlowQueries(Queries):
    """Its history is read once the test lets it *go_on*."""

    def __init__(self, inner: Queries) -> None:
        self.asked = threading.Semaphore(0)
        self.asked_of: set[ServerId] = set()
        self.go_on = threading.Event()
        self.error: Exception | None = None
        self.samples = inner.samples
        self.history = cast(HistoryQueries, SlowHistory(inner.history, self))
        self.alerts = inner.alerts


class SlowHistory:
    def __init__(self, inner: HistoryQueries, queries: SlowQueries) -> None:
        self._inner = inner
        self._queries = queries

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def open_hours(self, server_id: ServerId, *asked: Any) -> list[OpenHour]:
        self._queries.asked_of.add(server_id)
        self._queries.asked.release()
        assert self._queries.go_on.wait(DEADLINE)
        if self._queries.error is not None:
            raise self._queries.error
        return self._inner.open_hours(server_id, *asked)
