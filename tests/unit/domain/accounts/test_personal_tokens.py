from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.personal_tokens import (
    LONGEST_LIFE,
    TokenUse,
    check_expiry,
    is_well_formed,
    shown_prefix,
    token_text,
)
from monitor.domain.errors import InvalidInput, Problem
from tests.contracts.builders import AT, SECOND, a_token

X = "x" * 43
USER = UserId(7)


@pytest.mark.parametrize("name", ["", "  ", "a\tb", "\u202eevil", "x" * 101])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        a_token(USER, name)
    assert ["name"] == list(refusal.value.problems)


def test_a_name_loses_surrounding_space() -> None:
    assert "backup" == a_token(USER, " backup ").name


@pytest.mark.parametrize("text", [token_text("x" * 32), token_text("aZ0_-" * 8 + "abc"), token_text("f" * 64)])
def test_a_token_is_recognised(text: str) -> None:
    assert is_well_formed(text)


@pytest.mark.parametrize(
    "text",
    ["", "mon_", "mon_short", f"MON_{X}", f"mk_{X}", "mon_" + "x" * 129, f"mon_{X}\n", "mon_" + "é" * 43],
)
def test_anything_else_is_not_looked_for(text: str) -> None:
    assert not is_well_formed(text)


def test_the_shown_prefix_tells_eight_of_its_characters() -> None:
    assert "mon_abcdefgh" == shown_prefix("mon_abcdefghijkl")


@pytest.mark.parametrize("after", [SECOND, timedelta(days=90), LONGEST_LIFE])
def test_it_may_expire_within_ten_years(after: timedelta) -> None:
    check_expiry(AT + after, AT)


def test_it_need_not_expire() -> None:
    check_expiry(None, AT)


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        (timedelta(), Problem("not_in_future")),
        (-SECOND, Problem("not_in_future")),
        (LONGEST_LIFE + SECOND, Problem("too_far", {"years": 10})),
    ],
)
def test_other_expiries_are_refused(after: timedelta, problem: Problem) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_expiry(AT + after, AT)
    assert {"expires_at": problem} == refusal.value.problems


def test_ten_years_from_any_day_are_allowed() -> None:
    for year in range(2026, 2040):
        check_expiry(datetime(year + 10, 3, 1, tzinfo=UTC), datetime(year, 3, 1, tzinfo=UTC))


def test_the_newest_use_wins() -> None:
    used = a_token(USER).used(TokenUse(at=AT, address="192.0.2.1"))
    assert (AT, "192.0.2.1") == (used.last_used_at, used.last_address)
    assert used == used.used(TokenUse(at=AT - SECOND, address="192.0.2.2"))
