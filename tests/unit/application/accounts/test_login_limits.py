"""10 failures in 15 minutes per address; an account that fails everywhere is slowed down, and never locked."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.stand_ins import InsecurePasswordHasher
from monitor.application.accounts.sessions import Origin
from monitor.domain.accounts.limits import FAILURES, FREE_FAILURES, WINDOW
from monitor.domain.errors import InvalidCredentials, TooManyAttempts
from tests.unit.application.core import ORIGIN, PASSWORD, Core


def fail(core: Core, name: str = "ann", address: str = ORIGIN.address, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            core.log_in(name, "wrong", Origin(address=address))


def fail_everywhere(core: Core, name: str, times: int) -> None:
    for host in range(times):
        fail(core, name, f"198.51.100.{host}")


def wait_told(core: Core, name: str = "ann", address: str = ORIGIN.address) -> int | None:
    """In seconds; None where the right password logs in."""
    try:
        core.log_in(name, PASSWORD, Origin(address=address))
    except TooManyAttempts as refusal:
        return refusal.retry_after
    return None


def test_the_eleventh_is_refused_even_with_the_right_password(core: Core, ann) -> None:
    fail(core, times=9)
    assert wait_told(core) is None
    fail(core)
    assert wait_told(core) == 900


def test_an_account_that_fails_from_many_addresses_is_slowed_down_and_not_locked(core: Core, ann, bob) -> None:
    fail_everywhere(core, "Ann", FREE_FAILURES - 1)
    assert wait_told(core, "ann", "198.51.100.99") is None
    told = []
    for host in range(8):
        fail(core, address=f"203.0.113.{host}")
        told.append(wait_told(core, "ann", "198.51.100.99"))
        core.clock.advance(told[-1] or 0)
    assert told == [1, 2, 4, 8, 16, 32, 60, 60]
    assert wait_told(core, "ann", "198.51.100.99") is None
    assert wait_told(core, "bob", "198.51.100.99") is None


def test_ten_failures_from_one_address_slow_nobody_down_elsewhere(core: Core, ann) -> None:
    fail(core, times=FAILURES)
    assert wait_told(core) == 900
    assert wait_told(core, address="198.51.100.99") is None


def test_an_address_may_not_try_many_accounts(core: Core, ann) -> None:
    for number in range(FAILURES):
        fail(core, f"guess {number}")
    assert wait_told(core) == 900
    assert wait_told(core, address="198.51.100.99") is None


def test_a_name_that_does_not_exist_is_limited_alike(core: Core) -> None:
    """Else the limit tells which names exist."""
    fail_everywhere(core, "nobody", FREE_FAILURES)
    assert wait_told(core, "nobody", "198.51.100.99") == 1


@pytest.mark.parametrize("name", ["\tchange-password:1", "password_change", "device", "1", "\0"])
def test_no_name_that_is_typed_counts_as_something_else(core: Core, name: str) -> None:
    ann = core.user("ann")
    session = core.authenticate(core.log_in("ann", PASSWORD, ORIGIN).access_token, "").actor
    assert ann.user_id == 1
    for source in ("192.0.2.1", str(session.session_id)):
        fail(core, name, source, times=FAILURES)
    assert core.change_password(session, old_password=PASSWORD, new_password="an even better one", origin=ORIGIN)


def test_waiting_as_long_as_told_is_enough_and_not_a_second_less(core: Core, ann) -> None:
    for _ in range(FAILURES):
        fail(core)
        core.clock.advance(7.5)
    told = wait_told(core)
    assert told == 900 - 75
    core.clock.advance(told - 1)
    assert wait_told(core) == 1
    core.clock.advance(1)
    assert wait_told(core) is None


@given(
    gaps=st.lists(st.integers(0, 400).map(lambda tenths: tenths / 10), min_size=9, max_size=30), late=st.floats(0, 5)
)
def test_whoever_waits_as_told_gets_in(gaps: list[float], late: float) -> None:
    core = Core()
    core.user("ann")
    for gap in gaps:
        wait_told_or_fail(core)
        core.clock.advance(gap)
    if told := wait_told(core):
        core.clock.advance(told)
        assert wait_told(core) is None


def wait_told_or_fail(core: Core) -> None:
    with pytest.raises((InvalidCredentials, TooManyAttempts)):
        core.log_in("ann", "wrong", ORIGIN)


def test_where_account_and_address_are_both_full_the_longer_wait_is_told(core: Core, ann) -> None:
    fail_everywhere(core, "ann", FREE_FAILURES)
    for number in range(FAILURES):
        fail(core, f"guess {number}")
    told = wait_told(core)
    assert told == 900
    core.clock.advance(told)
    assert wait_told(core) is None


def test_being_refused_does_not_prolong_the_wait(core: Core, ann) -> None:
    fail(core, times=FAILURES)
    for _ in range(20):
        core.clock.advance(44)
        assert wait_told(core) is not None
    core.clock.advance(WINDOW - timedelta(seconds=20 * 44))
    assert wait_told(core) is None


def test_a_success_forgives_its_own_attempt_and_no_failure(core: Core, ann) -> None:
    for _ in range(50):
        assert wait_told(core) is None
    fail(core, times=9)
    for _ in range(5):
        assert wait_told(core) is None
    fail(core)
    assert wait_told(core) == 900


def test_an_ipv6_network_counts_as_one_address(core: Core, ann) -> None:
    for number in range(FAILURES):
        fail(core, f"guess {number}", f"2001:db8:1:2::{number:x}")
    assert wait_told(core, address="2001:db8:1:2:ffff::1") == 900
    assert wait_told(core, address="2001:db8:1:3::1") is None


def test_ipv4_mapped_into_ipv6_counts_as_the_ipv4_it_is(core: Core, ann) -> None:
    """On a socket for both families; as a /64 they would all be one address."""
    for number in range(FAILURES):
        fail(core, f"guess {number}", "::ffff:192.0.2.1")
    assert wait_told(core, address="::ffff:192.0.2.2") is None
    assert wait_told(core, address="192.0.2.1") == 900


@pytest.mark.parametrize("address", ["", "unix:", "fe80::1%eth0", "x" * 1000])
def test_an_odd_address_is_limited_like_any(core: Core, ann, address: str) -> None:
    for number in range(FAILURES):
        fail(core, f"guess {number}", address)
    assert wait_told(core, address=address) == 900


def test_limits_outlive_a_restart(core: Core, ann) -> None:
    fail(core, times=FAILURES)
    assert wait_told(core.other_process()) == 900


def test_thirty_guesses_at_once_get_ten_verifications(core: Core, ann) -> None:
    assert at_once(core, 30, lambda _: ORIGIN) == 10


def test_thirty_guesses_at_once_from_thirty_addresses_get_twenty_verifications(core: Core, ann) -> None:
    assert at_once(core, 30, lambda number: Origin(address=f"198.51.100.{number}")) == 20


def at_once(core: Core, threads: int, origin: Callable[[int], Origin]) -> int:
    """How many passwords were verified."""

    class Counting(InsecurePasswordHasher):
        def verify(self, password: str, password_hash: str | None) -> bool:
            verified.append(password)
            return super().verify(password, password_hash)

    def guess(number: int) -> bool:
        barrier.wait()
        try:
            core.log_in("ann", f"guess {number}", origin(number))
        except TooManyAttempts:
            return False
        except InvalidCredentials:
            return True
        raise AssertionError("a guess was right")

    verified: list[str] = []
    core.hasher = Counting()
    barrier = threading.Barrier(threads)
    with ThreadPoolExecutor(threads) as pool:
        answered = list(pool.map(guess, range(threads)))
    assert sum(answered) == len(verified)
    return len(verified)
