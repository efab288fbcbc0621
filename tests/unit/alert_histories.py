"""Random histories of one host whose reporting changes, with values that sit on every edge of the policy."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from monitor.domain.levels import Level
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import Direction, Policy, Scope
from tests.unit.alert_oracle import SECOND, Report

START = 1_900_000_000 * SECOND
_SPANS = (0, 15, 60, 300)


def random_policy(random: Random, scope: Scope | None = None) -> Policy:
    direction = random.choice([Direction.ABOVE, Direction.ABOVE, Direction.BELOW])
    near, far = Decimal(random.randrange(500, 760)) / 10, Decimal(random.randrange(0, 200)) / 10 + Decimal("0.1")
    warning, critical = (near, near + far) if direction is Direction.ABOVE else (near, near - far)
    kind = random.choice(["both", "both", "warning", "critical"])
    return Policy(
        metric="cpu",
        warning=None if kind == "critical" else float(warning),
        critical=None if kind == "warning" else float(critical),
        direction=direction,
        sustained_for=timedelta(seconds=random.choice(_SPANS)),
        clear_for=timedelta(seconds=random.choice(_SPANS)),
        clear_margin=float(Decimal(random.choice([0, 1, 26, 50, 77])) / 10),
        scope=scope or Scope(),
    )


def random_reports(random: Random, policy: Policy, *, are_complete: bool) -> list[Report]:
    """Reports as they arrive, some late or twice. *are_complete*: each has the metric."""
    edges = _edges(policy)
    reports: list[Report] = []
    at, declared, step, value = START, 15.0, 15.0, random.choice(edges)
    for _ in range(random.randrange(1, 45)):
        if random.random() < 0.08:  # the agent is set otherwise, or replaced
            step = random.choice([1.0, 15.0, 15.0, 45.0, 60.0, 300.0])
            declared = random.choice([step, step, 15.0, 60.0, 300.0])
        if random.random() < 0.35:
            value = random.choice(edges) if random.random() < 0.8 else round(random.uniform(0, 100), 2)
        gap = random.choice([step] * 12 + [3 * step, 3 * step + 0.000001, 46.0, 1000.0, 0.000001])
        at += round(gap * SECOND)
        has_metric = are_complete or random.random() < 0.8
        report = Report(at, value if has_metric else None, declared if random.random() < 0.85 else None)
        reports.append(report)
        if random.random() < 0.05:
            reports.append(random.choice(reports))
        if random.random() < 0.05:
            late = at - random.choice([1, 7 * SECOND, 100 * SECOND])
            if all(late != report.at for report in reports):  # else it would be another sample of the same moment
                # It declares nothing: what was judged after it would not know its interval.
                reports.append(Report(late, random.choice(edges), None))
    return reports


def random_forecast(random: Random, scope: Scope | None = None) -> Policy:
    """A policy that sees the line of one or two hours."""
    return replace(
        random_policy(random, scope),
        kind=FORECAST,
        over=timedelta(hours=random.choice([1, 1, 2])),
        within=timedelta(hours=random.choice([1, 1, 6, 24])),
    )


def random_range(random: Random, scope: Scope | None = None) -> Policy:
    """A policy that sees the range of a day."""
    return Policy(
        metric="cpu",
        kind=RANGE,
        days=1,
        beyond=random.choice([0.0, 0.1, 0.1, 0.5]),
        level=random.choice([Level.WARNING, Level.WARNING, Level.CRITICAL]),
        sustained_for=timedelta(seconds=random.choice([0, 0, 900, 3600])),
        clear_for=timedelta(seconds=random.choice([0, 0, 900, 3600])),
        scope=scope or Scope(),
    )


def random_days(random: Random, policy: Policy, *, are_complete: bool) -> list[Report]:
    """Reports over days: mostly between 40 and 60, with some on and beyond the bounds of that, gaps and late ones."""
    usual = [40.0, 45.5, 50.0, 55.5, 60.0]
    edges = [value + by for value in (38.0, 40.0, 60.0, 62.0) for by in (-0.01, 0.0, 0.01)] + [0.0, 100.0]
    reports: list[Report] = []
    at, step, unusual = START, 1800.0, 0.02
    for _ in range(random.randrange(1, 90)):
        if random.random() < 0.05:
            step = random.choice([900.0, 1800.0, 1800.0, 3600.0])
        if random.random() < 0.1:
            unusual = random.choice([0.02, 0.02, 0.9])
        value = round(random.choice(edges if random.random() < unusual else usual), 2)
        at += round(random.choice([step] * 15 + [3 * step, 3 * step + 0.000001, 30_000.0]) * SECOND)
        has_metric = are_complete or random.random() < 0.9
        reports.append(Report(at, value if has_metric else None, step if random.random() < 0.9 else None))
        if random.random() < 0.03:
            late = at - random.choice([1, 100 * SECOND, 9000 * SECOND, 50_000 * SECOND])
            if late > START and all(late != report.at for report in reports):
                reports.append(Report(late, random.choice(edges), None))
    return reports


def random_courses(random: Random, policy: Policy, *, are_complete: bool) -> list[Report]:
    """Reports over hours: values that rise, fall, or stay on an edge of the policy, with gaps and late ones."""
    edges = _edges(policy)
    reports: list[Report] = []
    at, step, value, slope = START, 300.0, random.choice(edges), 0.0
    for _ in range(random.randrange(1, 90)):
        if random.random() < 0.1:
            step = random.choice([60.0, 120.0, 300.0, 300.0, 600.0])
        if random.random() < 0.1:
            value, slope = random.choice([(random.choice(edges), 0.0), (value, random.choice([-1.5, -0.1, 0.1, 0.7]))])
        value = round(min(max(value + slope, 0.0), 100.0), 2)
        at += round(random.choice([step] * 15 + [3 * step, 3 * step + 0.000001, 4000.0]) * SECOND)
        has_metric = are_complete or random.random() < 0.8
        reports.append(Report(at, value if has_metric else None, step if random.random() < 0.85 else None))
        if random.random() < 0.05:
            late = at - random.choice([1, 100 * SECOND, 1000 * SECOND, 3000 * SECOND])
            if all(late != report.at for report in reports):
                reports.append(Report(late, random.choice(edges), None))
    return reports


def as_stored(reports: list[Report]) -> list[Report]:
    """In order of time, each once, as the history holds them in the end."""
    first: dict[int, Report] = {}
    for report in reports:
        first.setdefault(report.at, report)
    return [first[at] for at in sorted(first)]


def _edges(policy: Policy) -> list[float]:
    thresholds = [Decimal(repr(value)) for value in (policy.warning, policy.critical) if value is not None]
    margin = Decimal(repr(policy.clear_margin)) * (1 if policy.direction is Direction.ABOVE else -1)
    sides = [*thresholds, *(threshold - margin for threshold in thresholds)]
    values = [side + by for side in sides for by in (Decimal("-0.01"), Decimal(0), Decimal("0.01"))]
    return [float(min(max(value, Decimal(0)), Decimal(100))) for value in values]
