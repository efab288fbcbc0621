"""A transaction that met another one runs again, whole."""

import pytest

from monitor.application.transactions import ATTEMPTS, retried
from monitor.domain.errors import AddressTaken, StorageUnavailable, TransactionConflict
from tests.unit.application.core import Core


class Unlucky:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.runs = 0

    @retried
    def transaction(self, first: int, *, second: int) -> int:
        """What it does."""
        self.runs += 1
        if self.errors:
            raise self.errors.pop(0)
        return first + second


@pytest.mark.parametrize("conflicts", range(ATTEMPTS))
def test_it_runs_again_until_it_succeeds(conflicts: int) -> None:
    unlucky = Unlucky(*[TransactionConflict()] * conflicts)
    assert unlucky.transaction(1, second=2) == 3
    assert unlucky.runs == conflicts + 1


def test_it_gives_up_with_the_last_conflict() -> None:
    conflicts = [TransactionConflict(str(number)) for number in range(ATTEMPTS + 3)]
    unlucky = Unlucky(*conflicts)
    with pytest.raises(TransactionConflict) as last:
        unlucky.transaction(1, second=2)
    assert last.value is conflicts[ATTEMPTS - 1]
    assert unlucky.runs == ATTEMPTS


@pytest.mark.parametrize("error", [StorageUnavailable(), AddressTaken(), ZeroDivisionError(), KeyboardInterrupt()])
def test_anything_else_is_not_tried_again(error: Exception) -> None:
    unlucky = Unlucky(error)
    with pytest.raises(type(error)):
        unlucky.transaction(1, second=2)
    assert unlucky.runs == 1


def test_it_is_still_the_function_it_was() -> None:
    assert (Unlucky.transaction.__name__, Unlucky.transaction.__doc__) == ("transaction", "What it does.")


def test_a_use_case_leaves_the_work_of_one_run(core: Core, root) -> None:
    core.faults.extend([TransactionConflict()] * (ATTEMPTS - 1))
    server = core.create_server(root, name="web", ip_address="10.0.0.1")
    assert core.stored_server(server.id) == server
    assert [entry.action for entry in core.audit()] == ["server.create"]


def test_a_use_case_that_gives_up_leaves_nothing(core: Core, root) -> None:
    core.faults.extend([TransactionConflict()] * ATTEMPTS)
    with pytest.raises(TransactionConflict):
        core.create_server(root, name="web", ip_address="10.0.0.1")
    assert core.audit() == []
    assert core.create_server(root, name="web", ip_address="10.0.0.1")
