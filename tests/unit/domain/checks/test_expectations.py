import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.checks import kinds
from monitor.domain.checks.json_paths import MOST_STEPS, equals, steps_of, value_at
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.requests import Request

NAMES = st.text(st.characters(exclude_characters=".[]", exclude_categories=("Z", "C")), min_size=1, max_size=5)
PLAIN = st.none() | st.booleans() | st.integers(-999, 999) | st.floats(allow_nan=False, allow_infinity=False) | NAMES


def problems(**fields: Any) -> list[str]:
    return [name.removeprefix("expect.") for name in kinds.HTTP.problems(Expectation(**fields), Request())]


@pytest.mark.parametrize(
    ("statuses", "good", "bad"),
    [
        (None, (200, 301, 399), (400, 500)),
        ("200", (200,), (201, 199)),
        ("200-299,401", (200, 299, 401), (300, 400, 402)),
        (" 200 - 204 , 500", (200, 204, 500), (205,)),
    ],
)
def test_accepted_statuses(statuses: str | None, good: tuple[int, ...], bad: tuple[int, ...]) -> None:
    accepted = Expectation(statuses=statuses).accepted
    assert [True] * len(good) + [False] * len(bad) == [any(n in each for each in accepted) for n in good + bad]


@pytest.mark.parametrize("statuses", ["", "2xx", "200-", "299-200", "200,,201", "600", "99", "200;201", "2" * 300])
def test_wrong_statuses(statuses: str) -> None:
    assert ["statuses"] == problems(statuses=statuses)


def test_one_of_status_and_statuses() -> None:
    assert ["statuses"] == problems(status=200, statuses="200")


@pytest.mark.parametrize("path", [" ", "a..b", "a[", "a[x]", "a[1234567]", "a b", ".".join("a" * (MOST_STEPS + 1))])
def test_wrong_paths(path: str) -> None:
    assert ["json_path"] == problems(json_path=path)


def test_a_value_needs_a_path() -> None:
    assert ["json_path"] == problems(json_value="1")
    assert [] == problems(json_path="$.a", json_value="")


def test_paths() -> None:
    assert ["data", "items", 0, "state"] == steps_of("$.data.items[0].state") == steps_of("data.items[0].state")
    assert [0, 1, "a"] == steps_of("$[0][1].a")
    assert [] == steps_of("$")


@given(st.lists(NAMES | st.integers(0, 3), min_size=1, max_size=8), PLAIN)
def test_what_is_put_at_a_path_is_found_there(steps: list[Any], value: Any) -> None:
    document: Any = value
    for step in reversed(steps):
        document = {step: document} if isinstance(step, str) else [*[None] * step, document]
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    assert value == value_at(json.loads(json.dumps(document)), f"${path}")
    with pytest.raises(LookupError):
        value_at(document, f"${path}[0]")


@given(PLAIN)
def test_a_value_equals_what_json_writes(value: Any) -> None:
    assert equals(value, value if isinstance(value, str) else json.dumps(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, "true"), (True, "1"), ("1", "1.0"), (None, ""), (0, "false"), ([], "[]"), ({}, "x"), (1, "one")],
)
def test_different_kinds_are_not_equal(value: Any, expected: str) -> None:
    assert not equals(value, expected)


def test_numbers_are_compared_as_numbers() -> None:
    assert equals(1, "1.0")
    assert equals(0.5, "5e-1")
    assert equals(2**63 + 1, str(2**63 + 1))
    assert not equals(2**53, str(2**53 + 1))
