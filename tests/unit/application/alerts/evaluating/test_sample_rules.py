"""Limits tell exactly which values leave an idle rule idle."""

import math

import pytest

from monitor.application.alerts.evaluating.sample_rules import Limits, SampleRule
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.policies import Direction, Policy
from monitor.domain.times import moment

AT = moment(0)


def a_rule(metric: str, direction: Direction, threshold: float) -> SampleRule:
    policy = Policy(metric=metric, warning=threshold, direction=direction)
    column = Sample._fields.index(metric) if metric in Sample._fields else -1
    return SampleRule(policy.key, column, policy.rule.floor, policy.rule, policy)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("metric", ["cpu", "load"])
@pytest.mark.parametrize("threshold", [70.1, 0.3, 0.0])
def test_a_value_at_its_threshold_is_beyond_the_limit_and_the_next_float_is_not(
    direction: Direction, metric: str, threshold: float
) -> None:
    rule = a_rule(metric, direction, threshold)
    limits = Limits.of([(rule, rule.idle)])
    for value in (threshold, math.nextafter(threshold, math.inf), math.nextafter(threshold, -math.inf)):
        cpu, extra = (value, None) if metric == "cpu" else (0.0, {metric: value})
        sample = Sample(ServerId(1), AT, AT, cpu, 0.0, 0.0, extra)
        assert rule.value_in(sample) == value
        assert limits.hold(sample) is (value * rule.compares.sign < rule.floor)


def test_a_sample_without_the_metric_is_within_its_limits() -> None:
    rule = a_rule("load", Direction.ABOVE, 4.0)
    assert Limits.of([(rule, rule.idle)]).hold(Sample(ServerId(1), AT, AT, 0.0, 0.0, 0.0, {"swap": 99.0}))
