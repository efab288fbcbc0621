"""Live, past and backtest against an oracle: the same alerts of the same history, however the host reports.

Each history has its own host in a product in memory. A seed makes one history: a failure names it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from hypothesis import settings

from monitor.application.alerts.evaluating.anew import SETTLED_AFTER
from monitor.application.alerts.maintenance import LEASE, AlertMaintenance
from monitor.application.hindsight.backtest import RunBacktest
from monitor.application.history.sealing import SealHistory
from monitor.domain.alerts.alert import AlertState, TimelineEntry
from monitor.domain.alerts.anew import AlertFold, ServerFold
from monitor.domain.history.frames import frame_of
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.policies.policies import Policy, Scope
from monitor.domain.times import microseconds, moment
from tests.examples import examples
from tests.unit.alert_histories import (
    START,
    as_stored,
    random_courses,
    random_days,
    random_forecast,
    random_policy,
    random_range,
    random_reports,
)
from tests.unit.alert_oracle import Changed, Oracle, Report
from tests.unit.application.alerts.alert_world import ROOT, World

HISTORIES = 1_000_000 if settings.get_current_profile_name() == "fuzz" else examples(600)
PER_WORLD = 60
_AlertSpan = tuple[str, int, int | None, float]
ENGINE = {"fired", "escalated", "deescalated", "resolved"}


def test_live_past_and_backtest_find_what_the_oracle_finds():
    for first in range(0, HISTORIES, PER_WORLD):
        world = World()
        for seed in range(first, first + PER_WORLD):
            _Case(world, seed).check()


@dataclass
class _Case:
    """One host with a policy of its own, and its history."""

    world: World
    seed: int

    def check(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 (a repeatable test)
        number = self.seed % PER_WORLD + 1
        self.server_id = self.world.server(f"host {number}", f"10.0.0.{number}").id
        scope = Scope(server_id=self.server_id)
        draw, course = self.random.choice(
            [(random_policy, random_reports), (random_forecast, random_courses), (random_range, random_days)]
        )
        policy = draw(self.random, scope)
        if self.random.random() < 0.4:
            policy = replace(policy, metric="load1")
        with self.world.new_uow() as uow:  # as if it were older than all samples
            self.policy = uow.alert_policies.add(policy)
            uow.commit()
        self.world.process.fleet.refresh()
        later = microseconds(self.world.now) - START
        drawn = course(self.random, self.policy, are_complete=policy.metric == "cpu")
        groups = self._groups([report._replace(at=report.at + later) for report in drawn])
        arrived = [report for group in groups for report in group]
        stored = as_stored(arrived)
        alerts = _alerts_of(stored, self.policy)
        changed = self.live(groups)
        if all(first.at <= then.at for first, then in pairwise(arrived)):
            assert changed == Oracle(self.policy).run(arrived), f"live, seed {self.seed}"
        self.evaluated_anew()
        assert self.recorded() == alerts, f"live after late samples, seed {self.seed}"
        changes = Oracle(self.policy).run(stored)
        assert self.past(stored) == changes, f"past, seed {self.seed}"
        assert self.backtested() == alerts, f"backtest, seed {self.seed}"

    def _groups(self, reports: list[Report]) -> list[list[Report]]:
        """Group some reports; a group is evaluated in order of time."""
        groups = []
        while reports:
            size = self.random.randrange(1, 6)
            groups.append(sorted(reports[:size], key=lambda report: report.at))
            reports = reports[size:]
        if self.random.random() < 0.3:  # the newest first, and what was kept meanwhile after it
            begin = self.random.randrange(len(groups))
            end = self.random.randrange(begin, len(groups)) + 1
            groups[begin:end] = reversed(groups[begin:end])
        return groups

    def live(self, groups: list[list[Report]]) -> list[Changed]:
        """The live engine, with some restarts, before some of which what is older is sealed."""
        for group in groups:
            now = max(moment(group[-1].at), self.world.now)
            self.world.clock.advance(now - self.world.now)
            samples = [self.sample(report)._replace(received_at=now) for report in group]
            self.world.store_samples(self.random.sample(samples, len(samples)))
            if self.random.random() < 0.05:
                self.evaluated_anew()
            if self.random.random() < 0.05:
                if self.random.random() < 0.2:
                    list(self.world.process.get(SealHistory)(self.world.now, in_turn=False))
                self.world.restart()
        entries = [entry for alert in self.world.alerts() for entry in self._timeline(alert)]
        return _changes(entries)

    def evaluated_anew(self) -> None:
        self.world.clock.advance(max(SETTLED_AFTER, LEASE))  # that of a process that ended
        self.world.process.get(AlertMaintenance)()

    def recorded(self) -> list[_AlertSpan]:
        """The alerts that were not taken away again."""
        own = [a for a in self.world.alerts() if a.server_id == self.server_id and a.state is not AlertState.CANCELLED]
        return [
            (
                alert.peak_level.name.lower(),
                microseconds(alert.fired_at),
                None if alert.resolved_at is None else microseconds(alert.resolved_at),
                alert.peak_value,
            )
            for alert in sorted(own, key=lambda alert: alert.fired_at)
        ]

    def _timeline(self, alert) -> Iterable[TimelineEntry]:
        return self.world.timeline(alert) if alert.server_id == self.server_id else ()

    def past(self, stored: list[Report]) -> list[Changed]:
        """The alerts of the stored samples, folded in parts."""
        alerts = AlertFold(self.server_id, self.policy)
        fold = ServerFold({self.policy.key: alerts})
        samples = [self.sample(report) for report in stored]
        while samples:
            size = self.random.randrange(1, 12)
            fold.see(frame_of(samples[:size]))
            samples = samples[size:]
        return _changes(entry for found in alerts.alerts for entry in found.timeline)

    def backtested(self) -> list[_AlertSpan]:
        self.world.clock.advance(1)
        run = self.world.process.get(RunBacktest)
        servers = run.servers(ROOT, self.policy)
        found = run(ROOT, self.policy, 30, servers, lambda _: None)
        alerts = sorted(found.alerts, key=lambda alert: alert.fired_at)
        return [(e.level.name.lower(), e.fired_at, e.ended_at, e.value) for e in alerts]

    def sample(self, report: Report) -> Sample:
        at = moment(report.at)
        metric = self.policy.metric
        cpu = report.value if metric == "cpu" and report.value is not None else 1.0
        extra = {metric: report.value} if metric != "cpu" and report.value is not None else None
        return Sample(self.server_id, at, at, cpu, 1.0, 1.0, extra, report.declared)


def _changes(entries: Iterable[TimelineEntry]) -> list[Changed]:
    found = [e for e in entries if e.event_kind.value in ENGINE]
    named = [(e.event_kind.value, Level(e.level or 0).name.lower(), microseconds(e.at)) for e in found]
    return sorted(named, key=lambda changed: changed[2])


def _alerts_of(stored: list[Report], policy: Policy) -> list[_AlertSpan]:
    """Each alert's highest level, its times, and its worst value."""
    oracle = Oracle(policy)
    found: list[_AlertSpan] = []
    for report in stored:
        changed = oracle.sees(report)
        what = changed[0] if changed is not None else None
        if what == "fired":
            found.append((oracle.level, report.at, None, 0.0))
        if not found or found[-1][2] is not None:
            continue
        level, fired_at, _, _ = found[-1]
        level, ended_at = "critical" if what == "escalated" else level, report.at if what == "resolved" else None
        found[-1] = (level, fired_at, ended_at, float(oracle.worst or 0))
    return found
