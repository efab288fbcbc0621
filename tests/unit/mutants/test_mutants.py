"""The list of mutants fits the source: a line that moved is seen here, long before `make mutants` runs."""

import pytest

from mutants.known import MUTANTS
from mutants.mutant import TESTS, Mutant

EVERY = [mutant for some in MUTANTS.values() for mutant in some]


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: f"{mutant.file}: {mutant.what}")
def test_each_changes_one_place_of_the_source_and_names_its_tests(mutant: Mutant) -> None:
    compile(mutant.broken(), mutant.file, "exec")
    assert mutant.new != mutant.old
    assert [test for test in mutant.tests.split() if not (TESTS / test.partition("::")[0]).is_file()] == []


def test_no_two_of_a_concept_have_one_name() -> None:
    names = [(concept, mutant.what) for concept, some in MUTANTS.items() for mutant in some]
    assert len(names) == len(set(names)) >= 60
