"""A paused check neither runs nor alerts, and its time counts for no uptime."""

from datetime import timedelta

import pytest

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.checks.checks import ChangeCheck
from monitor.application.checks.reading import ReadUptime
from monitor.application.checks.runs import RunCheck
from monitor.application.history.sealing import SealHistory
from monitor.domain.checks.checks import Check, CheckPaused, CheckState, sample_of
from monitor.domain.checks.checks import Result as Ran
from monitor.domain.errors import Forbidden, NotFound
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import ADMIN, NOBODY
from tests.unit.application.checks.test_runs import Scene, raw_samples_of, scene


def pause(s: Scene, check: Check, *, paused: bool = True) -> None:
    s.container.get(ChangeCheck).pause(ADMIN, check.id, paused=paused)
    s.container.fleet.refresh()


def firing(s: Scene) -> list[ServerId]:
    return [id_ for id_, _ in s.container.get(Alerting).states.firing()]


def test_it_does_not_run_until_it_is_resumed() -> None:
    with scene() as s:
        [check] = s.checks("a")
        s.go_on(70)
        ran = len(s.prober.asked)
        pause(s, check)
        s.go_on(200)
        assert ran == len(s.prober.asked)
        assert CheckState.PAUSED is s.stored()["a"].state
        with pytest.raises(CheckPaused):
            s.container.get(RunCheck)(ADMIN, check.id)
        pause(s, check, paused=False)
        s.go_on(10)
        assert (ran + 1, CheckState.UP) == (len(s.prober.asked), s.stored()["a"].state)


def test_a_result_that_comes_after_it_fires_nothing() -> None:
    """It ran before, and its sample waited for the intake."""
    with scene() as s:
        s.prober.failing = {"a"}
        [check] = s.checks("a", attempts=1)
        s.go_on(70)
        assert [check.id] == firing(s)
        pause(s, check)
        assert [] == firing(s)
        late = sample_of(check, Ran(at=s.clock.now(), up=False), s.clock.now())
        s.run.results._samples.append(late)
        s.go_on(10)
        assert late.recorded_at in [sample.recorded_at for sample in raw_samples_of(s, check.id)]
        assert [] == firing(s)


def test_failures_before_it_do_not_count_after_it() -> None:
    with scene() as s:
        s.prober.failing = {"a"}
        [check] = s.checks("a", attempts=3)
        s.go_on(130)
        pause(s, check)
        pause(s, check, paused=False)
        s.go_on(70)
        assert [] == firing(s)
        s.go_on(130)
        assert [check.id] == firing(s)


def test_who_may() -> None:
    with scene() as s:
        [check] = s.checks("a")
        change = s.container.get(ChangeCheck)
        with pytest.raises(Forbidden):
            change.pause(NOBODY, check.id, paused=True)
        with pytest.raises(NotFound):
            change.pause(ADMIN, ServerId(4711), paused=True)


def test_uptime_is_the_same_before_and_after_sealing() -> None:
    with scene() as s:
        check, other = s.checks("a", interval=600.0) + s.checks("b", interval=600.0)
        for hours, failing in ((26, {"a"}), (10, set[str]())):
            s.prober.failing = failing
            for _ in range(hours * 6):
                s.clock.advance(timedelta(minutes=10))
                s.container.get(RunCheck)(ADMIN, check.id)
                s.container.get(RunCheck)(ADMIN, other.id)
        s.settle()
        spans = s.container.get(ReadUptime).spans
        before = spans(ADMIN, None)
        assert dict.fromkeys(("24h", "7d", "30d", "90d"), 100.0) == before[other.id]
        week = before[check.id]["7d"]
        assert week == before[check.id]["30d"] == before[check.id]["90d"]
        assert week == pytest.approx(100 * 10 / 36, abs=1)
        assert before[check.id]["24h"] == pytest.approx(100 * 10 / 24, abs=3)
        for _ in s.container.get(SealHistory)(s.clock.now()):
            pass
        assert before == spans(ADMIN, [check.id, other.id])
        assert {} == spans(NOBODY, None)
