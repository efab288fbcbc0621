import threading
import time
from collections.abc import Callable

from monitor.domain.errors import TransactionConflict

DEADLINE = 60.0


def at_once(*works: Callable[[], None]) -> None:
    """Run each on a thread of its own, all released at the same moment. Raises the first error of any."""
    gate = threading.Barrier(len(works))
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            gate.wait(DEADLINE)
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), "a thread did not end"


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        threading.Event().wait(0.001)


def until_no_conflict(transaction: Callable[[], None]) -> None:
    """Repeat as a use case does, but longer."""
    for _ in range(100):
        try:
            return transaction()
        except TransactionConflict:
            continue
    raise AssertionError("conflicted a hundred times")
