"""The runs of checks, in one process and in several, with a database that comes and goes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.memory.fakes import FixedClock, InsecurePasswordHasher, MemoryMailer
from monitor.adapters.memory.store import MemoryStore
from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.checks import runs
from monitor.application.checks.checks import ChangeCheck, CreateCheck, DeleteCheck
from monitor.application.checks.ports import CheckFilter, Prober
from monitor.application.checks.runs import RunCheck, RunDueChecks
from monitor.application.intake.queue import IntakeQueue
from monitor.assembly import over
from monitor.container import Container
from monitor.domain.checks import kinds
from monitor.domain.checks.checks import Check, CheckState, CheckStatus, Result, StoredCheck
from monitor.domain.errors import Forbidden, NotFound, StorageUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import sample_at
from monitor.settings import Settings
from tests.contracts.builders import ADMIN, NOBODY, SECOND
from tests.contracts.checks import a_check
from tests.contracts.threads import until
from tests.integration.http.faulty_store import FaultyStore


class Probing(Prober):
    """*asked*: the names of checks, in order. Those in *hanging* wait until *released*; *failing* ones fail."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.hanging: set[str] = set()
        self.failing: set[str] = set()
        self.days: float | None = None
        self.released = threading.Event()

    def __call__(self, check: Check, now: datetime) -> Result:
        self.asked.append(check.name)
        if check.name == "bug":
            raise ZeroDivisionError
        if check.name in self.hanging:
            self.released.wait(30)
        is_up = check.name not in self.failing | self.hanging
        return Result(at=now, up=is_up, ms=1.0, cert_days=self.days, error="" if is_up else "timed out")


class Scene:
    def __init__(self, store: Any = None, prober: Probing | None = None, clock: FixedClock | None = None) -> None:
        self.clock, self.prober, self.store = clock or FixedClock(), prober or Probing(), store or MemoryStore()
        parts: dict[str, Any] = {"clock": self.clock, "prober": self.prober, "mailer": MemoryMailer(), "senders": {}}
        settings = Settings(database_url="", data_dir=Path())
        self.container: Container = over(self.store, settings, "x" * 40, hasher=InsecurePasswordHasher(), **parts)
        self.run = self.container.get(RunDueChecks)
        self.container.get(IntakeQueue).start(lambda _: None)

    def checks(self, *names: str, **more: Any) -> list[Check]:
        create = self.container.get(CreateCheck)
        made = [create(ADMIN, a_check(name=name, **more)).check for name in names]
        self.container.fleet.refresh()
        return made

    def stored(self) -> dict[str, StoredCheck]:
        return {each.check.name: each for each in self.store.queries.checks.find(ADMIN, CheckFilter())}

    def settle(self) -> None:
        """Wait until nothing runs, and store the results."""
        until(lambda: not self.run._running)
        self.run()
        until(lambda: self.container.get(IntakeQueue).depth == 0)

    def go_on(self, seconds: float = 150) -> None:
        """Run what is due in this time."""
        for _ in range(int(seconds)):
            self.clock.advance(timedelta(seconds=1))
            self.run()
            until(lambda: not self.run._running)
        self.settle()

    def close(self) -> None:
        self.prober.released.set()
        until(lambda: not self.run._running)
        self.container.get(IntakeQueue).close(10)


@contextmanager
def scene(*args: Any) -> Iterator[Scene]:
    made = Scene(*args)
    try:
        yield made
    finally:
        made.close()


def test_each_runs_once_an_interval_and_its_results_are_samples() -> None:
    with scene() as s:
        checks = s.checks("a", "b")
        s.prober.failing = {"b"}
        s.go_on(600)
        for check in checks:
            times = [sample.recorded_at for sample in raw_samples_of(s, check.id)]
            assert 10 <= len(times) <= 11
            gaps = {(later - earlier).total_seconds() for earlier, later in pairwise(times[1:])}
            assert gaps <= {59.0, 60.0, 61.0}
        [sample] = raw_samples_of(s, checks[1].id)[-1:]
        assert ({"up": 0.0, "ms": 1.0}, 60.0) == (sample.extra, sample.interval)
        stored = s.stored()
        assert ("up", "down") == (stored["a"].status.state, stored["b"].status.state)


def raw_samples_of(s: Scene, check_id: ServerId) -> list[Any]:
    with s.container.uow() as uow:
        keys = uow.samples.later({(check_id, datetime.min.replace(tzinfo=s.clock.now().tzinfo))})
    frames = s.store.queries.samples.frame(ADMIN, check_id, min(k[1] for k in keys), s.clock.now() + SECOND)
    return [sample_at(frames, place, check_id) for place in range(len(frames))]


def test_after_a_long_stop_each_runs_once_and_not_all_at_once() -> None:
    with scene() as s:
        s.checks(*(f"c{n}" for n in range(60)))
        s.go_on(60)
        s.prober.asked.clear()
        s.clock.advance(timedelta(hours=5))
        assert 0 == s.run()
        most = 0
        for _ in range(60):
            s.clock.advance(timedelta(seconds=1))
            most = max(most, s.run())
        s.settle()
        assert sorted(s.prober.asked) == sorted(f"c{n}" for n in range(60))
        assert most <= 3


def test_of_several_processes_one_runs_it() -> None:
    store, prober, clock = MemoryStore(), Probing(), FixedClock()
    with scene(store, prober, clock) as one, scene(store, prober, clock) as other:
        one.checks(*(f"c{n}" for n in range(30)))
        other.container.fleet.poll()
        for _ in range(90):
            clock.advance(timedelta(seconds=1))
            for each in (one, other):
                each.run()
                until(lambda: not one.run._running and not other.run._running)
        counts = [prober.asked.count(f"c{n}") for n in range(30)]
        assert all(1 <= count <= 3 for count in counts)
        assert len(prober.asked) == sum(len(raw_samples_of(one, check.id)) for check in checks_of(one, other))


def checks_of(*scenes: Scene) -> list[Check]:
    for each in scenes:
        each.settle()
    return [stored.check for stored in scenes[0].stored().values()]


def test_what_hangs_leaves_room_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "AT_ONCE", 8)
    monkeypatch.setattr(runs, "FAILING_AT_ONCE", 6)
    with scene() as s:
        names = [f"h{n}" for n in range(30)]
        s.prober.failing = {*names}
        s.checks(*names, "well")
        s.go_on(120)
        s.prober.hanging, s.prober.asked = {*names}, []
        for _ in range(120):
            s.clock.advance(timedelta(seconds=1))
            s.run()
        assert 6 == len(s.run._running.keys() - {s.stored()["well"].check.id})
        until(lambda: s.prober.asked.count("well") >= 2)


def test_a_dead_process_loses_its_lease_and_nothing_else() -> None:
    store, clock = MemoryStore(), FixedClock()
    with scene(store, Probing(), clock) as dead, scene(store, Probing(), clock) as other:
        dead.prober.hanging = {"a"}
        dead.checks("a")
        assert 1 == dead.run()
        other.container.fleet.poll()
        other.go_on(130)
        assert other.prober.asked
        last = other.stored()["a"].status.last
        assert last is not None
        assert last.up
        dead.prober.released.set()
        dead.settle()
        assert last == other.stored()["a"].status.last


def test_a_dead_database_costs_no_result() -> None:
    store = FaultyStore()
    with scene(store) as s:
        s.prober.hanging = {"a"}
        [check] = s.checks("a")
        s.run()
        store.is_down = True
        s.prober.released.set()
        until(lambda: not s.run._running)
        for _ in range(3):
            with pytest.raises(StorageUnavailable):
                s.run()
        store.is_down = False
        s.settle()
        assert 1 == s.stored()["a"].status.failures
        assert 1 == len(raw_samples_of(s, check.id))


def test_a_clock_that_is_set_back_stops_no_check() -> None:
    with scene() as s:
        s.checks("a", "b")
        s.checks("daily", interval=86_400.0)
        s.clock.advance(timedelta(days=5))
        s.prober.hanging = {"b"}
        for _ in range(90):
            s.clock.advance(timedelta(seconds=1))
            s.run()
        until(lambda: len(s.run._running) == 1)  # b
        s.clock.advance(timedelta(days=-5))
        s.prober.hanging, s.prober.asked = set(), []
        s.prober.released.set()
        s.go_on(180)
        assert {"a", "b", "daily"} == set(s.prober.asked)
        assert 1 == s.prober.asked.count("daily")


def test_a_change_ends_what_was_asked_before() -> None:
    with scene() as s:
        s.prober.hanging = {"a"}
        [check] = s.checks("a", interval=3600.0, timeout=59.0, attempts=1)
        s.run()
        s.container.get(ChangeCheck)(ADMIN, replace(check, name="b", target="ok.example.com:80"))
        for _ in range(8):
            s.clock.advance(SECOND)
            s.run()
        until(lambda: "b" in s.prober.asked)
        s.prober.released.set()
        s.settle()
        assert (CheckState.UP, 0) == (s.stored()["b"].status.state, s.stored()["b"].status.failures)
        assert [1.0] == [sample.extra["up"] for sample in raw_samples_of(s, check.id)]
        assert [] == s.container.get(Alerting).states.firing()


def test_a_change_of_what_is_asked_cancels_alerts() -> None:
    with scene() as s:
        s.prober.days, s.prober.failing = 5.0, {"b"}
        one, other = s.checks("a", "b", attempts=1)
        s.go_on(70)
        assert {(one.id, "cert_days"), (other.id, "cert_days"), (other.id, "up")} == {
            *s.container.get(Alerting).states.firing()
        }
        s.prober.days = None
        s.container.get(ChangeCheck)(ADMIN, replace(one, kind=kinds.PING, target="a"))
        s.container.get(ChangeCheck)(ADMIN, replace(other, name="c", interval=120.0))
        assert {(other.id, "cert_days"), (other.id, "up")} == {*s.container.get(Alerting).states.firing()}
        assert CheckStatus() == s.stored()["a"].status
        with s.container.uow() as uow:
            assert {other.id} == {alert.server_id for alert in uow.alerts.open()}


def test_alerts_follow_a_check_that_another_process_just_made() -> None:
    store, prober, clock = MemoryStore(), Probing(), FixedClock()
    prober.failing = {"new"}
    with scene(store, prober, clock) as one, scene(store, prober, clock) as other:
        one.checks("known")
        other.container.fleet.poll()
        [check] = one.checks("new", attempts=1, interval=86_400.0)
        other.run()
        other.settle()
        assert CheckState.DOWN is other.stored()["new"].status.state
        assert [(check.id, "up")] == other.container.get(Alerting).states.firing()


def test_without_threads_no_check_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    with scene() as s:
        s.checks("a", "b")
        with monkeypatch.context() as patched:
            patched.setattr(threading, "Thread", NoThread)
            assert 2 == s.run()
        assert {} == s.run._running
        s.go_on(130)
        assert {"a", "b"} == set(s.prober.asked)


class NoThread:
    def __init__(self, **_: object) -> None:
        raise RuntimeError("can't start new thread")


def test_who_waits_for_a_run_that_comes_to_nothing_gets_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LEASE_BEYOND", -timedelta(seconds=9.5))
    store, clock = MemoryStore(), FixedClock()
    with scene(store, Probing(), clock) as dead, scene(store, Probing(), clock) as other:
        dead.prober.hanging = {"a"}
        [check] = dead.checks("a")
        dead.run()
        ending = threading.Timer(0.2, clock.advance, [timedelta(seconds=30)])
        ending.start()
        found = other.container.get(RunCheck)(ADMIN, check.id)
        ending.join()
        assert found.status.last is not None
        assert ["a"] == other.prober.asked
        assert 1 == len([each for each in store.queries.audit.newest(ADMIN, limit=9) if each.action == "check.run"])


def test_a_bug_in_a_probe_ends_nothing() -> None:
    with scene() as s:
        s.checks("bug", "a")
        s.go_on()
        assert s.prober.asked.count("bug") >= 1
        assert s.prober.asked.count("a") >= 2


def test_a_stop_frees_what_runs() -> None:
    store, clock = MemoryStore(), FixedClock()
    with scene(store, Probing(), clock) as s:
        s.prober.hanging = {"a"}
        [check] = s.checks("a", timeout=59, interval=60)
        s.run()
        s.run.close()
        assert 0 == s.run()
        with s.container.uow() as uow:
            assert uow.checks.claim_one(check.id, clock.now(), "another")


def test_one_that_was_deleted_meanwhile_is_forgotten() -> None:
    with scene() as s:
        s.prober.hanging = {"a"}
        [check] = s.checks("a")
        s.run()
        s.container.get(DeleteCheck)(ADMIN, check.id)
        s.prober.released.set()
        s.settle()
        assert {} == s.stored()


CHANGES: list[Callable[[Container, Any, Check], object]] = [
    lambda container, actor, check: container.get(CreateCheck)(actor, check),
    lambda container, actor, check: container.get(ChangeCheck)(actor, check),
    lambda container, actor, check: container.get(DeleteCheck)(actor, check.id),
    lambda container, actor, check: container.get(RunCheck)(actor, check.id),
]


@pytest.mark.parametrize("change", CHANGES)
def test_only_administrators_change_and_run_them(change: Callable[[Container, Any, Check], object]) -> None:
    with scene() as s:
        [check] = s.checks("a")
        with pytest.raises(Forbidden):
            change(s.container, NOBODY, check)
        assert [] == s.prober.asked


@pytest.mark.parametrize("change", CHANGES[1:])
def test_what_is_not_there_is_not_found(change: Callable[[Container, Any, Check], object]) -> None:
    with scene() as s, pytest.raises(NotFound):
        change(s.container, ADMIN, a_check(id=ServerId(4711)))
