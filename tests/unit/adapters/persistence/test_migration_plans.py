"""Which migrations each half of an upgrade runs, which steps a downgrade undoes, and that ours are in a good order."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.persistence.engine.migration_plans import (
    Half,
    Migration,
    MigrationRefused,
    described,
    downgrade_path,
    last_to_contract,
    last_to_expand,
    newest_contract,
    pending_after,
)

LAST_OF_RELEASES: dict[str, str] = {}
"""The newest migration of each release. Add yours when you make one."""
BEFORE_RELEASES = "0024"
"""Until here there was no release whose processes could run beside others."""

RELEASES = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4)


def migrations(halves: str) -> list[Migration]:
    """Return one for each letter."""
    names = {"e": Half.EXPAND, "c": Half.CONTRACT}
    return [Migration(f"{number:04d}", names[letter]) for number, letter in enumerate(halves, 1)]


@pytest.mark.parametrize(
    ("halves", "expanded", "contracted"),
    [
        ("", None, None),
        ("e", "0001", "--expand"),
        ("ee", "0002", "--expand"),
        ("c", None, "0001"),
        ("cc", None, "0002"),
        ("eecc", "0002", "--expand"),
        ("ce", "--contract", "0001"),
        ("ccec", "--contract", "0002"),
        ("ece", "one after the other", "--expand"),
    ],
)
def test_what_each_half_runs(halves: str, expanded: str | None, contracted: str | None):
    """Up to which migration, or with which words it is refused."""
    assert expanded == outcome(last_to_expand, halves, expanded)
    assert contracted == outcome(last_to_contract, halves, contracted)


def outcome(half: Callable[[Sequence[Migration]], str | None], halves: str, expected: str | None) -> str | None:
    try:
        return half(migrations(halves))
    except MigrationRefused as refused:
        return expected if expected and expected in str(refused) else str(refused)


@given(releases=RELEASES)
def test_each_release_after_the_other_runs_in_two_halves(releases: list[tuple[int, int]]):
    """All its expansions in the first, all its contracts in the second."""
    done = ""
    known: list[Migration] = []
    for number_of_expansions, number_of_contracts in releases:
        halves = "".join(migration.half[0] for migration in known)
        known = migrations(halves + "e" * number_of_expansions + "c" * number_of_contracts)
        for half, number in ((last_to_expand, number_of_expansions), (last_to_contract, number_of_contracts)):
            pending = [migration for migration in known if migration.revision > done]
            reached = half(pending)
            assert reached is not None
            assert number == int(reached) - int(done or 0)
            done = reached
        assert known[-1].revision == done == newest_contract(known)


def test_no_contract():
    assert newest_contract(migrations("ee")) == ""
    assert newest_contract([]) == ""


def test_ours_expand_first_in_each_release():
    """An expansion behind a contract that is not released belongs before it: old processes must run on both."""
    ends = [BEFORE_RELEASES, *LAST_OF_RELEASES.values(), "9999"]
    assert ends == sorted(ends)
    for before, end in pairwise(ends):
        release = [migration.half for migration in pending_after(before) if migration.revision <= end]
        assert release == sorted(release, key=list(Half).index), f"from {before} to {end}"


@pytest.mark.parametrize(
    ("revision", "end", "undone"),
    [
        ("0028", "0028", ["0030", "0029"]),
        ("-1", "0029", ["0030"]),
        ("-30", "", [f"{number:04d}" for number in range(30, 0, -1)]),
        ("base", "", [f"{number:04d}" for number in range(30, 0, -1)]),
        ("0030", "0030", []),
    ],
)
def test_the_way_to_a_revision(revision: str, end: str, undone: list[str]):
    way = downgrade_path("0030", revision)
    assert (end, undone) == (way.end, [step.revision for step in way.steps])


@pytest.mark.parametrize("revision", ["0031", "-31", "-0x1", "28", "", "head", "+1", "--"])
def test_a_revision_that_is_not_behind(revision: str):
    with pytest.raises(MigrationRefused, match="monitor db history"):
        downgrade_path("0030", revision)


def test_an_empty_database_has_no_downgrade_path():
    with pytest.raises(MigrationRefused, match="the database's, none"):
        downgrade_path("", "0001")


def test_what_is_lost_is_said():
    """And nothing of steps that lose nothing."""
    losses = {step.revision: step.loss for step in downgrade_path("0030", "0022").losses}
    assert "Checks and check-ins are deleted, with all that is known of them." == losses["0028"]
    assert not {"0023", "0024"} & losses.keys()


def test_each_step_says_what_it_does_and_what_is_lost():
    """A step that does not say what is lost is described by what it brought."""
    assert [] == [step.revision for step in described() if not step.title or not step.loss]
