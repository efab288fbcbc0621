"""Preferences: their ranges and defaults."""

import math
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.errors import InvalidInput
from monitor.domain.preferences import Preferences

NAMES = [field.name for field in fields(Preferences)]
SECONDS = ["offline_after", "reminder_after", "digest_wait", "ack_expires"]
MOST = dict.fromkeys(SECONDS, 30 * 86400.0) | {
    "raw_days": 400.0,
    "chunk_days": 4000.0,
    "ten_minute_days": 4000.0,
    "hour_days": 36500.0,
    "audit_days": 36500.0,
}

chosen = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([1.0, most]) | st.floats(1, most) for name, most in MOST.items()}
)


def of_numbers(values: dict[str, Any]) -> Preferences:
    return Preferences(**values)


@given(chosen)
def test_stored_values_are_read_back_equal(values: dict[str, float]) -> None:
    preferences = Preferences.of(values)
    assert Preferences.of(preferences.stored()) == preferences
    assert {name: getattr(preferences, name) for name in values} == values


@given(chosen)
def test_an_unset_value_has_its_default(values: dict[str, float]) -> None:
    preferences, untouched = Preferences.of(values), Preferences()
    for name in set(NAMES) - set(values):
        assert getattr(preferences, name) == getattr(untouched, name)


@given(chosen, st.dictionaries(st.text(), st.floats()))
def test_unknown_names_are_ignored(values, others) -> None:
    unknown = {name: value for name, value in others.items() if name not in NAMES}
    assert Preferences.of(unknown | {"default_policies": 1.0} | values) == Preferences.of(values)


def test_nothing_set_stores_the_defaults_and_no_offline_after() -> None:
    """It is then the configured value of the process."""
    assert Preferences.of({}) == Preferences()
    assert set(Preferences().stored()) == set(NAMES) - {"offline_after"}


@pytest.mark.parametrize("name", MOST)
def test_each_is_from_1_to_its_maximum(name: str) -> None:
    for value in (1, 1.0, MOST[name]):
        assert getattr(of_numbers({name: value}), name) == value
    for value in (0.999, 0.0, -1.0, math.nextafter(MOST[name], math.inf), math.nan, math.inf, -math.inf):
        with pytest.raises(InvalidInput) as caught:
            of_numbers({name: value})
        assert Preferences.of({name: value}) == Preferences()
        assert {field: problem.code for field, problem in caught.value.problems.items()} == {name: "out_of_range"}
        assert caught.value.problems[name].params == {"low": 1, "high": MOST[name]}


def test_all_wrong_values_are_reported_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        of_numbers(dict.fromkeys(MOST, 0.0))
    assert set(caught.value.problems) == set(MOST)


def test_every_number_has_a_maximum() -> None:
    assert set(NAMES) - {"second_factor", "prometheus_metrics", "default_locale", "last_resort"} == set(MOST)


@pytest.mark.parametrize("policy", SecondFactorPolicy)
def test_the_policy_is_stored_as_its_rank(policy: SecondFactorPolicy) -> None:
    stored = Preferences(second_factor=policy).stored()
    assert stored["second_factor"] == policy.value
    assert Preferences.of(stored).second_factor is policy


@pytest.mark.parametrize("rank", [0, 0.5, 1.5, 4, -1, math.nan, math.inf])
def test_an_unknown_policy_is_the_default(rank: float) -> None:
    assert Preferences.of({"second_factor": rank, "digest_wait": 7}) == Preferences(digest_wait=7)


def test_pauses_are_in_seconds() -> None:
    preferences = Preferences(reminder_after=90.5, digest_wait=2)
    assert preferences.reminder_pause == timedelta(seconds=90.5)
    assert preferences.digest_pause == timedelta(seconds=2)


def test_the_defaults_are_the_documented_ones() -> None:
    defaults = Preferences()
    assert defaults.reminder_pause == timedelta(hours=4)
    assert defaults.digest_pause == timedelta(seconds=10)
    assert (defaults.raw_days, defaults.chunk_days, defaults.ten_minute_days) == (2, 400, 90)
    assert defaults.hour_days == 5 * 365


def test_that_acknowledgements_never_expire_is_stored() -> None:
    never = Preferences(ack_expires=None)
    assert Preferences.of(never.stored()) == never
    assert Preferences.of({}).ack_expires == 14_400


@pytest.mark.parametrize("stored", [-1.0, 0.5, 3e7, math.nan, "10", ""])
def test_a_wrong_time_of_acknowledgements_is_the_default(stored: float | str) -> None:
    assert Preferences.of({"ack_expires": stored}) == Preferences()


@given(st.lists(st.tuples(st.sampled_from(["user", "channel"]), st.integers(0, 2**31)), max_size=50))
def test_the_last_resort_is_read_back(named: list[tuple[str, int]]) -> None:
    preferences = Preferences(last_resort=tuple(named))
    assert Preferences.of(preferences.stored()) == preferences


@pytest.mark.parametrize("stored", ["user", "team:1", "user:-1", "user:x", 5.0, "user:" + "9" * 30])
def test_a_wrong_last_resort_is_left_out(stored: float | str) -> None:
    assert Preferences.of({"last_resort": stored}).last_resort == ()


def test_a_last_resort_has_a_most() -> None:
    with pytest.raises(InvalidInput) as raised:
        Preferences(last_resort=(("user", 1),) * 51)
    assert list(raised.value.problems) == ["last_resort"]
