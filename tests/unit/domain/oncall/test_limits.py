"""What rotas, escalations, absences and quiet hours may be, and where the first thing that is wrong stands."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.availability import QuietHours, Span, check_absences
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput, Problem, within
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind, checked_escalation
from monitor.domain.oncall.rotas import Hours, Override, Rota

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ANN = Target(TargetKind.USER, 1)


def rota(**more: Any) -> Rota:
    values: dict[str, Any] = {"name": "r", "timezone": "UTC", "starts_at": START}
    return Rota(**values | more)


def people(count: int) -> tuple[UserId, ...]:
    return tuple(map(UserId, range(1, count + 1)))


def overrides(count: int) -> tuple[Override, ...]:
    return tuple(Override(UserId(1), START + day * DAY, START + (day + 1) * DAY) for day in range(count))


def steps(*minutes: int) -> tuple[Step, ...]:
    return tuple(Step(each * MINUTE, (ANN,)) for each in minutes)


def user(*away: Span) -> User:
    return User(username="ann", password_hash="", role=Role.USER, created_at=START, token_version=1, away=away)


WRONG: dict[str, tuple[Callable[[], object], dict[str, str]]] = {
    "no name": (lambda: rota(name=" "), {"name": "empty"}),
    "a long name": (lambda: rota(name="n" * 101), {"name": "too_long"}),
    "a zone that nobody knows": (lambda: rota(timezone="Mars/Phobos"), {"timezone": "unknown_zone"}),
    "a start long ago": (lambda: rota(starts_at=START.replace(year=1999)), {"starts_at": "out_of_range"}),
    "a start far off": (lambda: rota(starts_at=START.replace(year=2100)), {"starts_at": "out_of_range"}),
    "no days": (lambda: rota(turn_days=0), {"turn.days": "out_of_range"}),
    "too many days": (lambda: rota(turn_days=367), {"turn.days": "out_of_range"}),
    "no hours": (lambda: rota(hours=()), {"hours": "empty"}),
    "too many hours": (
        lambda: rota(hours=tuple(Hours(frozenset({0}), time(0, n), time(9)) for n in range(21))),
        {"hours": "too_many"},
    ),
    "hours on no day": (lambda: Hours(frozenset(), time(9), time(17)), {"days": "empty"}),
    "hours on an eighth day": (lambda: Hours(frozenset({7}), time(9), time(17)), {"days": "invalid_choice"}),
    "too many people": (lambda: rota(user_ids=people(201)), {"user_ids": "too_many"}),
    "too many overrides": (lambda: rota(overrides=overrides(501)), {"overrides": "too_many"}),
    "an override of no time": (lambda: Override(UserId(1), START, START), {"ends_at": "not_after_start"}),
    "an override of years": (
        lambda: Override(UserId(1), START, START + 401 * DAY),
        {"ends_at": "too_long_after_start"},
    ),
    "no steps": (lambda: checked_escalation(Escalation(name="e", steps=())), {"steps": "empty"}),
    "too many steps": (lambda: Escalation(name="e", steps=steps(*range(21))), {"steps": "too_many"}),
    "a step before its predecessor": (
        lambda: Escalation(name="e", steps=steps(0, 5, 4)),
        {"steps.2.after": "before_previous_step"},
    ),
    "a step before the page": (lambda: steps(-1), {"after": "out_of_range"}),
    "a step after eight days": (lambda: Step(8 * DAY, (ANN,)), {"after": "out_of_range"}),
    "too many targets": (
        lambda: Step(MINUTE, tuple(Target(TargetKind.USER, n) for n in range(1, 52))),
        {"to": "too_many"},
    ),
    "a repetition at once": (
        lambda: Escalation(name="e", steps=steps(0), repeat_after=timedelta(seconds=59)),
        {"repeat_after": "out_of_range"},
    ),
    "too many repetitions": (
        lambda: Escalation(name="e", steps=steps(0), repeat_after=MINUTE, repeats=101),
        {"repeats": "out_of_range"},
    ),
    "a new step that names nobody": (
        lambda: checked_escalation(Escalation(name="e", steps=(*steps(0), Step(MINUTE, ())))),
        {"steps.1.to": "empty"},
    ),
    "repetitions without a time": (
        lambda: checked_escalation(Escalation(name="e", steps=steps(0), repeats=1)),
        {"repeat_after": "required"},
    ),
    "an absence of no time": (
        lambda: user(Span(START, START + DAY), Span(START, START)),
        {"away.1.ends_at": "not_after_start"},
    ),
    "an absence of years": (lambda: user(Span(START, START + 401 * DAY)), {"away.0.ends_at": "too_long_after_start"}),
    "too many absences": (
        lambda: user(*(Span(START + n * DAY, START + (n + 1) * DAY) for n in range(101))),
        {"away": "too_many"},
    ),
    "a new absence that is over": (
        lambda: check_absences([Span(START, START + DAY)], [], START + DAY),
        {"away.0.ends_at": "not_in_future"},
    ),
    "quiet hours nowhere": (lambda: QuietHours(time(22), time(7), "Nowhere"), {"timezone": "unknown_zone"}),
    "quiet hours that never end": (lambda: QuietHours(time(22), time(22), "UTC"), {"to": "same_as_start"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_refused_with_its_place(case: str) -> None:
    make, problems = WRONG[case]
    with pytest.raises(InvalidInput) as refusal:
        make()
    assert problems == {name: problem.code for name, problem in refusal.value.problems.items()}


def test_as_much_as_is_allowed() -> None:
    whole = rota(user_ids=people(200), overrides=overrides(500), turn_days=366)
    assert (200, 500) == (len(whole.user_ids), len(whole.overrides))
    escalation = Escalation(name="e", steps=steps(*range(20)), repeat_after=7 * DAY, repeats=100)
    assert escalation is checked_escalation(escalation)


def test_a_stored_absence_may_be_over() -> None:
    span = Span(START, START + DAY)
    check_absences([span], [span], START + 9 * DAY)


def test_a_stored_step_may_name_nobody() -> None:
    """All that it named may have been deleted."""
    assert () == Escalation(name="e", steps=(Step(MINUTE, ()),)).steps[0].to


def test_a_person_may_have_several_turns() -> None:
    assert 3 == len(rota(user_ids=(*people(2), UserId(1))).user_ids)


def test_times_are_whole_seconds() -> None:
    late = START + timedelta(microseconds=999_999)
    assert START == rota(starts_at=late).starts_at
    assert Override(UserId(1), START, START + DAY) == Override(UserId(1), late, late + DAY)


def test_a_place_has_what_is_around_it() -> None:
    with pytest.raises(InvalidInput) as refusal, within("hours.0"):
        raise InvalidInput({"from": Problem("invalid_clock_time")})
    assert {"hours.0.from": Problem("invalid_clock_time")} == refusal.value.problems
