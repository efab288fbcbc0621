import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import MAX_EXTRA, METRIC_NAME, Sample, checked_sample, is_on_time, time_problem
from tests.contracts.builders import AT, MICROSECOND, SECOND, a_sample

BOUNDARY = [
    -0.01,
    math.nextafter(0, -1),
    -0.0,
    0.0,
    0.004,
    0.005,
    99.994,
    99.995,
    100.0,
    math.nextafter(100, 101),
    100.01,
]
numbers = st.floats() | st.floats(-1, 101) | st.sampled_from([*BOUNDARY, math.nan, math.inf, -math.inf])


def problems(sample: Sample) -> dict[str, str]:
    try:
        checked_sample(sample)
    except InvalidInput as error:
        return {field: problem.code for field, problem in error.problems.items()}
    return {}


@given(cpu=numbers, memory=numbers, disk=numbers)
def test_percentages_are_from_0_to_100_and_kept_to_two_decimals(cpu, memory, disk):
    """NaN and the infinities are none."""
    sample = a_sample(ServerId(1), cpu=cpu, memory=memory, disk=disk)
    given_ = {"cpu": cpu, "memory": memory, "disk": disk}
    bad = {f"metrics.{name}_value": "out_of_range" for name, value in given_.items() if not 0 <= value <= 100}
    assert problems(sample) == bad
    if not bad:
        checked = checked_sample(sample)
        for name, value in given_.items():
            kept = getattr(checked, name)
            assert 0 <= kept <= 100
            assert abs(kept - value) <= 0.005 + 1e-12
            assert kept == round(kept, 2)
        assert checked_sample(checked) == checked


def test_a_check_changes_nothing_but_the_decimals():
    sample = a_sample(ServerId(1), extra={"load1": 0.123456}, interval=15.0, cpu=1.23456)
    assert checked_sample(sample) == sample._replace(cpu=1.23)


@given(st.dictionaries(st.from_regex(METRIC_NAME, fullmatch=True), numbers, max_size=5))
def test_further_numbers_are_finite(extra):
    bad = {f"metrics.extra.{name}": "not_finite" for name, value in extra.items() if not math.isfinite(value)}
    assert problems(a_sample(ServerId(1), extra=extra)) == bad


@pytest.mark.parametrize("name", ["load1", "disk:/var", "net_rx", "a", "0", "m" * 64, "a.b-c/d:e_f"])
def test_metric_names(name):
    assert problems(a_sample(ServerId(1), extra={name: 1.0})) == {}


@pytest.mark.parametrize(
    "name", ["", "m" * 65, "Load", "a b", "a\n", "\na", "é", "а", "a\0", "a'b", 'a"b', "a;b", "\ud800"]
)
def test_other_metric_names_are_refused(name):
    assert problems(a_sample(ServerId(1), extra={name: 1.0})) == {"metrics.extra": "invalid_metric_name"}


@given(name=st.text(max_size=70))
def test_a_metric_name_is_short_plain_ascii_or_refused(name):
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789_.:/-")
    is_good = 1 <= len(name) <= 64 and set(name) <= allowed
    assert (problems(a_sample(ServerId(1), extra={name: 1.0})) == {}) is is_good


@pytest.mark.parametrize(("count", "fits"), [(MAX_EXTRA, True), (MAX_EXTRA + 1, False)])
def test_there_are_at_most_64_of_them(count, fits):
    extra = {f"m{n}": 1.0 for n in range(count)}
    assert problems(a_sample(ServerId(1), extra=extra)) == ({} if fits else {"metrics.extra": "too_many"})


def test_all_problems_are_reported_together():
    sample = a_sample(ServerId(1), cpu=-1.0, disk=101.0, extra={"x": math.nan})
    assert set(problems(sample)) == {"metrics.cpu_value", "metrics.disk_value", "metrics.extra.x"}


@pytest.mark.parametrize(
    ("age", "problem"),
    [
        (-61 * SECOND, "in_future"),
        (-60 * SECOND - MICROSECOND, "in_future"),
        (-60 * SECOND, None),
        (0 * SECOND, None),
        (timedelta(days=400), None),
        (timedelta(days=400) + MICROSECOND, "too_old"),
    ],
)
def test_a_sample_may_be_a_minute_early_and_400_days_late(age, problem):
    assert time_problem(AT - age, AT) == problem


def test_a_metric_is_a_column_or_a_further_number_or_nothing():
    sample = a_sample(ServerId(1), cpu=1, extra={"load1": 0.5, "cpu": 99.0})
    assert sample.metric("cpu") == 1.0
    assert isinstance(sample.metric("cpu"), float)
    assert sample.metric("load1") == 0.5
    assert sample.metric("load5") is None
    assert sample.metric("server_id") is None
    assert a_sample(ServerId(1)).metric("load1") is None


seconds = st.floats(0, 10_000).map(lambda value: timedelta(seconds=value))


@given(interval=st.none() | st.floats(1, 3600), ahead=st.floats(-10_000, 10_000), waited=seconds, late=seconds)
def test_a_sample_with_a_newer_one_is_never_on_time(interval, ahead, waited, late):
    """Whatever the clock of its host shows: the last sample, which came at once, was taken by the same clock."""
    gap, clock = timedelta(seconds=interval or 15), timedelta(seconds=ahead)
    last = a_sample(ServerId(1), AT + clock, received_at=AT + timedelta(milliseconds=200), interval=interval)
    taken = AT + gap
    sample = a_sample(ServerId(1), taken + clock, received_at=taken + gap + late, interval=interval)
    assert not is_on_time(sample, last, taken + gap + late + waited)


def test_a_sample_that_comes_at_once_is_on_time():
    last, sample = a_sample(ServerId(1)), a_sample(ServerId(1), AT + 15 * SECOND)
    assert is_on_time(sample, last, AT + 15.5 * SECOND)
    assert not is_on_time(sample, None, AT + 15.5 * SECOND)
    assert not is_on_time(sample, last, AT + 16.5 * SECOND)
    assert not is_on_time(sample._replace(interval=1.0), last, AT + 15.5 * SECOND)
