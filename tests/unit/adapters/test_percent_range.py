"""One range for percentages, at each place that asks for it."""

from math import nextafter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.probes.sample import percent
from monitor.adapters.http.intake.reports import Percent
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.metrics import bounds
from monitor.domain.intake.samples import COLUMN_METRICS, Sample, checked_sample
from monitor.domain.policies.changing import checked_policy
from monitor.domain.policies.policies import Policy
from tests.contracts.builders import AT

on_the_edges = st.sampled_from([nextafter(0.0, -1), -0.01, 0.0, 0.01, 99.99, 100.0, nextafter(100.0, 101), 100.01])
numbers = on_the_edges | st.floats(-1000, 1000)


def is_a_value(metric: str, value: float) -> bool:
    values: dict[str, Any] = dict.fromkeys(COLUMN_METRICS, 50.0) | {metric: value}
    try:
        checked_sample(Sample(ServerId(1), AT, AT, **values))
    except InvalidInput:
        return False
    return True


def is_a_threshold(metric: str, value: float) -> bool:
    try:
        checked_policy(Policy(metric=metric, critical=value, clear_margin=0.0))
    except InvalidInput:
        return False
    return True


def is_read(value: float) -> bool:
    try:
        msgspec.convert(value, Percent)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("metric", COLUMN_METRICS)
@given(numbers)
def test_a_percentage_has_the_same_range_everywhere(metric: str, value: float):
    low, high = bounds(metric)
    expected = low <= value <= high
    found = is_a_value(metric, value), is_a_threshold(metric, value), is_read(value)
    assert found == (expected, expected, expected)
    assert is_a_value(metric, percent(value))
