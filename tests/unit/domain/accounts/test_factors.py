"""Codes of authenticators and recovery codes, and who must have a second factor."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.security.factors import PyotpCodes
from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.factors import (
    SecondFactorPolicy,
    Totp,
    as_compared,
    is_totp_code,
    recovery_code,
    recovery_digest,
    totp_secret,
)
from monitor.domain.accounts.sessions import SignIn

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
STEP = int(AT.timestamp()) // 30
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
code_of = PyotpCodes().code


def a_totp(last_step: int = 0) -> Totp:
    return Totp(user_id=UserId(1), secret=SECRET, created_at=AT, confirmed_at=AT, last_step=last_step)


@given(drift=st.integers(-5, 5), seconds=st.floats(0, 29.9))
def test_a_code_is_good_for_one_step_each_way(drift: int, seconds: float) -> None:
    after = a_totp().after(code_of(SECRET, STEP + drift), AT + timedelta(seconds=seconds), code_of)
    if abs(drift) <= 1:
        assert after == a_totp(STEP + drift)
    else:
        assert after is None or after.last_step != STEP + drift  # the code of another step may be equal


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(-2, 2)), max_size=30))
def test_no_step_is_taken_twice_and_none_after_a_later_one(uses: list[tuple[int, int]]) -> None:
    """Of all that a person types while time passes."""
    totp, now, taken = a_totp(), AT, []
    for pause, drift in uses:
        now += timedelta(seconds=pause)
        step = int(now.timestamp()) // 30 + drift
        after = totp.after(code_of(SECRET, step), now, code_of)
        if after is not None:
            taken.append(after.last_step)
            totp = after
    assert taken == sorted(set(taken))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12 456", "\ud800" * 6])
def test_other_texts_are_no_codes(code: str) -> None:
    assert not is_totp_code(code)
    assert a_totp().after(code, AT, lambda *_: code) is None


def test_an_unreadable_secret_takes_no_code() -> None:
    unreadable = Totp(user_id=UserId(1), secret=None, created_at=AT, confirmed_at=AT)
    assert unreadable.after("123456", AT, lambda *_: "123456") is None


def test_a_secret_is_not_in_its_repr() -> None:
    assert SECRET not in repr(a_totp())


@pytest.mark.parametrize("typed", ["123 456", " 123456\n", "123-456", "１２３４５６", "1\u00a023\u200945 6"])
def test_a_code_is_compared_without_spaces_and_hyphens(typed: str) -> None:
    assert as_compared(typed) == "123456"


@given(st.text())
def test_a_recovery_code_has_groups_of_base32_and_may_be_typed_in_any_way(token: str) -> None:
    code = recovery_code(token.encode("utf-8", "replace").decode())
    assert re.fullmatch(r"([a-z2-7]{4}-){5}[a-z2-7]{4}", code)
    for typed in (code.upper(), code.replace("-", ""), code.replace("-", " "), f"  {code}\n"):
        assert recovery_digest(typed) == recovery_digest(code)
    assert recovery_digest(code[:-1]) != recovery_digest(code)


@given(st.text(st.characters(codec=None)))
def test_any_text_has_a_digest(typed: str) -> None:
    assert len(recovery_digest(typed)) == 32


def test_a_secret_has_160_bits() -> None:
    assert re.fullmatch(r"[A-Z2-7]{32}", totp_secret("token"))
    assert totp_secret("token") != totp_secret("another")


@pytest.mark.parametrize(
    ("policy", "who"),
    [
        (SecondFactorPolicy.OPTIONAL, set()),
        (SecondFactorPolicy.ADMINS, {Role.ADMIN}),
        (SecondFactorPolicy.EVERYONE, {Role.ADMIN, Role.USER}),
    ],
)
def test_who_must_have_a_second_factor(policy: SecondFactorPolicy, who: set[Role]) -> None:
    assert {role for role in Role if policy.demands_of(role)} == who
    for role in Role:
        for sign_in in SignIn:
            is_out = role in who and sign_in is not SignIn.SSO
            assert policy.locks_out(role, sign_in, has_factor=False) is is_out
            assert policy.locks_out(role, sign_in, has_factor=True) is False


@pytest.mark.parametrize(("rank", "policy"), [(1.0, "OPTIONAL"), (2.0, "ADMINS"), (3.0, "EVERYONE")])
def test_a_policy_has_its_rank(rank: float, policy: str) -> None:
    assert SecondFactorPolicy.of(rank) is SecondFactorPolicy[policy]


@pytest.mark.parametrize("rank", [None, 0.0, 1.5, 4.0, float("nan"), float("inf")])
def test_any_other_rank_is_optional(rank: float | None) -> None:
    assert SecondFactorPolicy.of(rank) is SecondFactorPolicy.OPTIONAL
