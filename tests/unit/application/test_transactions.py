"""A transaction that met another one runs again, whole."""

import time

import pytest

from monitor.application.transactions import retried
from monitor.domain.errors import StorageUnavailable, TransactionConflict, TransactionLost
from monitor.domain.fleet.errors import AddressTaken
from tests.unit.application.core import Core


class Unlucky:
    def __init__(self, *errors: Exception) -> None:
        self.errors = iter(errors)
        self.runs = 0

    @retried
    def transaction(self, first: int, *, second: int) -> int:
        """What it does."""
        self.runs += 1
        for error in self.errors:
            raise error
        return first + second


AGAIN = [TransactionConflict, TransactionLost]


@pytest.mark.parametrize("error", AGAIN)
@pytest.mark.parametrize("times", range(5))
def test_it_runs_again_until_it_succeeds(times: int, error: type[Exception]) -> None:
    unlucky = Unlucky(*[error()] * times)
    assert unlucky.transaction(1, second=2) == 3
    assert unlucky.runs == times + 1


@pytest.mark.parametrize("error", AGAIN)
def test_it_gives_up_with_the_last_error_when_its_time_is_over(error: type[Exception]) -> None:
    """Its pauses grow: so many runs would have taken no time without."""
    raised = []

    def transaction() -> None:
        raised.append(error())
        raise raised[-1]

    began = time.monotonic()
    with pytest.raises(error) as last:
        retried(transaction, patience=0.3)()
    assert last.value is raised[-1]
    assert 2 <= len(raised) < 100
    assert time.monotonic() - began < 5


def test_one_that_took_long_is_not_repeated() -> None:
    """A database that hangs must not keep callers for much longer than the driver waits for it."""
    raised = []

    def transaction() -> None:
        raised.append(TransactionLost())
        raise raised[-1]

    with pytest.raises(TransactionLost):
        retried(transaction, patience=0)()
    assert len(raised) == 1


@pytest.mark.parametrize("error", [StorageUnavailable(), AddressTaken(), ZeroDivisionError(), KeyboardInterrupt()])
def test_anything_else_is_not_tried_again(error: Exception) -> None:
    """A lost commit, for one, may have taken place."""
    unlucky = Unlucky(error)
    with pytest.raises(type(error)):
        unlucky.transaction(1, second=2)
    assert unlucky.runs == 1


def test_it_is_still_the_function_it_was() -> None:
    assert (Unlucky.transaction.__name__, Unlucky.transaction.__doc__) == ("transaction", "What it does.")


def test_a_use_case_leaves_the_work_of_one_run(core: Core, root) -> None:
    core.faults.extend([TransactionConflict(), TransactionLost(), TransactionConflict()])
    server = core.create_server(root, name="web", ip_address="10.0.0.1")
    assert core.stored_server(server.id) == server
    assert [entry.action for entry in core.audit()] == ["server.create"]


def test_a_use_case_that_gives_up_leaves_nothing(core: Core, root) -> None:
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.create_server(root, name="web", ip_address="10.0.0.1")
    assert core.audit() == []
    assert core.create_server(root, name="web", ip_address="10.0.0.1")
