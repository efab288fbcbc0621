"""A thread with many steps lets others in between."""

import signal
import threading
import time

import pytest

from monitor.application.fair_lock import FairLock
from tests.contracts.threads import until


def test_it_is_handed_over_in_the_order_of_asking() -> None:
    lock, order = FairLock(), list[int]()

    def work(number: int) -> None:
        with lock:
            order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    with lock:
        for thread in threads:
            before = lock.waiting
            thread.start()
            until(lambda: lock.waiting > before)  # noqa: B023 (done with before the next turn)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_thread_that_asks_again_at_once_lets_the_other_go_first() -> None:
    lock, order = FairLock(), list[str]()

    def one() -> None:
        with lock:
            order.append("one")

    other = threading.Thread(target=one)
    for step in range(3):
        with lock:
            order.append("step")
            if step == 0:
                other.start()
                until(lambda: lock.waiting == 1)
    other.join()
    assert order == ["step", "one", "step", "step"]


def test_one_at_a_time_and_an_error_gives_it_back() -> None:
    lock, inside, most = FairLock(), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            try:
                with lock:
                    inside += 1
                    most = max(most, inside)
                    time.sleep(0)
                    inside -= 1
                    raise ValueError
            except ValueError:
                continue

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, lock.waiting) == (1, 0)
    with lock:
        pass


def test_a_thread_that_waits_too_long_gives_up_and_is_not_called() -> None:
    lock = FairLock()
    with lock:
        assert not lock.acquire(0.01)
        assert lock.waiting == 0
    assert lock.acquire(0.01)
    lock.release()


class Interrupted(Exception):
    pass


def test_a_thread_that_is_interrupted_while_it_waits_leaves_the_queue() -> None:
    """As by Ctrl-C, which only the main thread gets."""
    lock = FairLock()

    def interrupt(*_: object) -> None:
        raise Interrupted

    def interrupt_main_thread() -> None:
        until(lambda: lock.waiting == 1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    interrupting = threading.Thread(target=interrupt_main_thread)
    try:
        with lock:
            interrupting.start()
            with pytest.raises(Interrupted):
                lock.acquire()
            assert lock.waiting == 0
    finally:
        interrupting.join()
        signal.signal(signal.SIGUSR1, before)
    assert lock.acquire(0.01)
    lock.release()


def test_whenever_patience_ends_the_lock_is_free_in_the_end() -> None:
    """Also where it is handed over at the very moment at which a thread gives up."""
    lock, taken = FairLock(), list[bool]()

    def work(patience: float) -> None:
        for _ in range(100):
            if lock.acquire(patience):
                taken.append(True)
                lock.release()

    threads = [threading.Thread(target=work, args=(patience,)) for patience in (0.0, 0.0001, 0.001, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) >= 100
    assert lock.waiting == 0
    assert lock.acquire(0.01)
