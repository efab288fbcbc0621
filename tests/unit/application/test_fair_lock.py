"""Whoever has many steps to do lets others in between."""

import threading
import time

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


def test_who_takes_it_again_at_once_lets_the_other_go_first() -> None:
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
