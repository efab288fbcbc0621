from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.oncall.escalations import (
    LAST_RESORT,
    Escalation,
    Progress,
    Run,
    Step,
    Target,
    TargetKind,
    begun,
    next_steps,
    note_of,
    noted,
    run,
)

START = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ESCALATIONS = st.builds(
    lambda gaps, repeat_after, repeats: Escalation(
        name="night",
        steps=tuple(Step(sum(gaps[: number + 1]) * MINUTE, ()) for number in range(len(gaps))),
        repeat_after=None if repeat_after is None else repeat_after * MINUTE,
        repeats=repeats,
    ),
    st.lists(st.integers(0, 20), min_size=1, max_size=5),
    st.none() | st.integers(1, 30),
    st.integers(0, 3),
)


def three(*minutes: int, **more: object) -> Escalation:
    return Escalation(name="e", steps=tuple(Step(each * MINUTE, ()) for each in minutes), **more)  # type: ignore[arg-type]


def played(escalation: Escalation, looks: list[int], nobody: frozenset[int] = frozenset()) -> list[tuple[int, int]]:
    """Return (minute, step) of what ran, looking at these minutes. *nobody*: steps that reach nobody."""
    done: list[tuple[int, int]] = []
    progress: Progress | None = begun(escalation, START)
    for minute in looks:
        if progress is not None:
            runs, progress = run(
                escalation,
                progress,
                START + minute * MINUTE,
                lambda step: () if step is not None and escalation.steps.index(step) in nobody else ("somebody",),
            )
            done += [(minute, each.step) for each in runs]
    return done


def test_each_step_runs_at_its_time() -> None:
    assert [(0, 0), (5, 1), (15, 2)] == played(three(0, 5, 15), [*range(30)])


def test_a_step_with_nobody_passes_to_the_next_at_once_and_gaps_stay() -> None:
    assert [(0, 0), (5, 1), (5, 2)] == played(three(0, 5, 15), [*range(30)], frozenset({1}))
    assert [(0, 0), (0, 1), (10, 2)] == played(three(0, 5, 15), [*range(30)], frozenset({0}))


def test_after_steps_with_nobody_comes_the_last_resort() -> None:
    everybody = frozenset({0, 1, 2})
    assert [(0, 0), (0, 1), (0, 2), (0, LAST_RESORT)] == played(three(0, 5, 15), [*range(30)], everybody)


def test_after_an_outage_one_step_runs_and_gaps_stay() -> None:
    """Not all that were due meanwhile: that would be three messages at once."""
    assert [(40, 0), (45, 1), (55, 2)] == played(three(0, 5, 15), [*range(40, 90)])
    assert [(0, 0), (40, 1), (50, 2)] == played(three(0, 5, 15), [0, *range(40, 90)])


def test_it_repeats_as_often_as_it_says() -> None:
    escalation = three(0, 5, repeat_after=10 * MINUTE, repeats=1)
    assert [(0, 0), (5, 1), (15, 0), (20, 1)] == played(escalation, [*range(60)])


@given(
    ESCALATIONS, st.lists(st.integers(0, 300), max_size=60, unique=True).map(sorted), st.frozensets(st.integers(0, 4))
)
def test_each_step_runs_once_a_turn_in_order_whenever_anybody_looks(
    escalation: Escalation, looks: list[int], nobody: frozenset[int]
) -> None:
    """A look is a process that is alive: restarts and outages only make them rarer."""
    rare = played(escalation, [*looks, *range(301, 2000)], nobody)
    often = played(escalation, [*range(2000)], nobody)
    assert [step for _, step in rare] == [step for _, step in often]
    assert all(late >= early for (late, _), (early, _) in zip(rare, often, strict=True))


def test_a_run_tells_whom_it_reached() -> None:
    runs, _ = run(three(0), begun(three(0), START), START, lambda _: ("ann",))
    assert [Run(0, 0, ("ann",))] == runs


@given(ESCALATIONS, ESCALATIONS, st.integers(0, 60))
def test_an_escalation_that_changes_meanwhile_ends_in_its_own_time(
    before: Escalation, after: Escalation, changed: int
) -> None:
    """It may have fewer steps by then, or other gaps. No step runs twice in a turn, and the order stays."""
    done: list[tuple[int, int]] = []
    progress: Progress | None = begun(before, START)
    for minute in range(2000):
        if progress is not None:
            current = before if minute < changed else after
            runs, progress = run(current, progress, START + minute * MINUTE, lambda _: ("somebody",))
            done += [(each.turn, each.step) for each in runs]
    assert progress is None
    assert sorted(set(done)) == done


def test_fewer_steps_end_the_turn() -> None:
    at = START + 5 * MINUTE
    for has_reached, expected in ((True, []), (False, [Run(0, LAST_RESORT, ("boss",))])):
        progress = Progress(0, 2, at, has_reached)
        assert (expected, None) == run(three(0, 5), progress, at, lambda _: ("boss",))
    again = run(three(0, 5, repeat_after=MINUTE, repeats=1), Progress(0, 2, at, True), at, lambda _: ("boss",))
    assert ([], Progress(1, 0, at + MINUTE)) == again


@given(ESCALATIONS, st.integers(0, 2), st.integers(-1, 19))
def test_a_note_is_read_as_it_was_written(escalation: Escalation, turn: int, step: int) -> None:
    assert (step, escalation.name) == noted(note_of(escalation, Run(turn, step, ())))
    assert noted("step by step") is None


def calling(*users: int) -> Escalation:
    steps = tuple(Step(n * MINUTE, (Target(TargetKind.USER, user),)) for n, user in enumerate(users))
    return Escalation(name="e", steps=steps)


def test_what_comes_next_moves_with_the_steps_before_it() -> None:
    assert {1: 0, 2: 1} == next_steps(calling(1, 2, 3), calling(2, 3))
    assert {1: 2} == next_steps(calling(1, 2), calling(9, 1, 2))
    assert {1: 2} == next_steps(calling(1, 2), calling(2, 1, 2))
    assert {2: 1} == next_steps(calling(1, 2, 3), calling(1, 3, 2))
    assert {} == next_steps(calling(1, 2, 3), calling(1, 2, 3, 4))
    assert {} == next_steps(calling(1, 2), calling(1, 9))


@given(*[st.lists(st.integers(1, 5), max_size=6)] * 2)
def test_no_step_that_has_not_run_is_skipped(before: list[int], after: list[int]) -> None:
    moved = next_steps(calling(*before), calling(*after))
    for place in range(len(before)):
        there = moved.get(place, place)
        assert 0 <= there <= max(len(after), place)
        waiting = {user for user in before[place:] if user not in before[:place] and user in after}
        assert waiting <= set(after[there:])
    assert {} == next_steps(calling(*before), calling(*before))
