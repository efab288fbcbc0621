"""The list of metrics, with unit and bounds of a name."""

import pytest

from monitor.domain.intake.metrics import METRICS, Unit, bounds, known, unit_of
from scripts import metrics, policies, silences
from scripts.screen_copies import SOURCES

INFINITY = float("inf")


@pytest.mark.parametrize(
    ("metric", "unit", "range_"),
    [
        ("cpu", Unit.PERCENT, (0, 100)),
        ("disk:/var", Unit.PERCENT, (0, 100)),
        ("net_rx:eth0", Unit.BYTES_PER_SECOND, (0, INFINITY)),
        ("temperature", Unit.CELSIUS, (-INFINITY, INFINITY)),
        ("queue_length", Unit.NONE, (-INFINITY, INFINITY)),
    ],
)
def test_unit_and_bounds_of_a_metric(metric, unit, range_):
    assert unit == unit_of(metric)
    assert range_ == bounds(metric)


def test_a_custom_metric_is_unknown():
    assert known("queue_length") is None


def test_each_chart_is_named_by_its_first_metric():
    charts = [metric.chart for metric in METRICS if metric.chart]
    assert all(next(m.name for m in METRICS if m.chart == chart) == chart for chart in charts)


@pytest.mark.parametrize("script", [metrics, policies, silences])
def test_the_screen_has_a_current_copy(script):
    assert {path: (SOURCES / path).read_text() for path in script.texts()} == script.texts()
