"""10 failures in 15 minutes per address. An account with many failures is slowed down and never locked."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.fakes import InsecurePasswordHasher
from monitor.application.accounts.sessions import Origin
from monitor.domain.accounts.errors import InvalidCredentials, TooManyAttempts
from monitor.domain.accounts.limits import BEGINNINGS, FAILURES, FREE_FAILURES, WINDOW, GuessKind
from tests.unit.application.core import ORIGIN, PASSWORD, Core


def fail(core: Core, name: str = "ann", address: str = ORIGIN.address, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            core.log_in(name, "wrong", Origin(address=address))


def fail_everywhere(core: Core, name: str, times: int) -> None:
    for host in range(times):
        fail(core, name, f"198.51.100.{host}")


def wait(core: Core, name: str = "ann", address: str = ORIGIN.address) -> int | None:
    """Return the seconds to wait, or None if the right password logs in."""
    try:
        core.log_in(name, PASSWORD, Origin(address=address))
    except TooManyAttempts as refusal:
        return refusal.retry_after
    return None


def test_the_eleventh_is_refused_even_with_the_right_password(core: Core, ann) -> None:
    fail(core, times=9)
    assert wait(core) is None
    fail(core)
    assert wait(core) == 900


def test_an_account_that_fails_from_many_addresses_is_slowed_down_and_not_locked(core: Core, ann, bob) -> None:
    fail_everywhere(core, "Ann", FREE_FAILURES - 1)
    assert wait(core, "ann", "198.51.100.99") is None
    waits = []
    for host in range(8):
        fail(core, address=f"203.0.113.{host}")
        waits.append(wait(core, "ann", "198.51.100.99"))
        core.clock.advance(waits[-1] or 0)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert wait(core, "ann", "198.51.100.99") is None
    assert wait(core, "bob", "198.51.100.99") is None


def test_ten_failures_from_one_address_do_not_affect_others(core: Core, ann) -> None:
    fail(core, times=FAILURES)
    assert wait(core) == 900
    assert wait(core, address="198.51.100.99") is None


def test_an_address_may_not_try_many_accounts(core: Core, ann) -> None:
    for number in range(FAILURES):
        fail(core, f"guess {number}")
    assert wait(core) == 900
    assert wait(core, address="198.51.100.99") is None


def test_an_unknown_name_has_the_same_limits(core: Core) -> None:
    """Else the limit would show which names exist."""
    fail_everywhere(core, "nobody", FREE_FAILURES)
    assert wait(core, "nobody", "198.51.100.99") == 1


@pytest.mark.parametrize("name", ["\tchange-password:1", "password_change", "device", "1", "\0"])
def test_no_user_name_counts_as_another_kind_of_guess(core: Core, name: str) -> None:
    ann = core.user("ann")
    session = core.authenticate(core.log_in("ann", PASSWORD, ORIGIN).access_token, "").actor
    assert ann.user_id == 1
    for source in ("192.0.2.1", str(session.session_id)):
        fail(core, name, source, times=FAILURES)
    assert core.change_password(session, old_password=PASSWORD, new_password="an even better one", origin=ORIGIN)


def test_the_reported_wait_is_enough_and_a_second_less_is_not(core: Core, ann) -> None:
    for _ in range(FAILURES):
        fail(core)
        core.clock.advance(7.5)
    seconds = wait(core)
    assert seconds == 900 - 75
    core.clock.advance(seconds - 1)
    assert wait(core) == 1
    core.clock.advance(1)
    assert wait(core) is None


@given(
    gaps=st.lists(st.integers(0, 400).map(lambda tenths: tenths / 10), min_size=9, max_size=30), late=st.floats(0, 5)
)
def test_after_the_reported_wait_the_log_in_succeeds(gaps: list[float], late: float) -> None:
    core = Core()
    core.user("ann")
    for gap in gaps:
        log_in_or_fail(core)
        core.clock.advance(gap)
    if seconds := wait(core):
        core.clock.advance(seconds)
        assert wait(core) is None


def log_in_or_fail(core: Core) -> None:
    with pytest.raises((InvalidCredentials, TooManyAttempts)):
        core.log_in("ann", "wrong", ORIGIN)


def test_of_two_limits_the_longer_wait_is_reported(core: Core, ann) -> None:
    fail_everywhere(core, "ann", FREE_FAILURES)
    for number in range(FAILURES):
        fail(core, f"guess {number}")
    seconds = wait(core)
    assert seconds == 900
    core.clock.advance(seconds)
    assert wait(core) is None


def test_being_refused_does_not_prolong_the_wait(core: Core, ann) -> None:
    fail(core, times=FAILURES)
    for _ in range(20):
        core.clock.advance(44)
        assert wait(core) is not None
    core.clock.advance(WINDOW - timedelta(seconds=20 * 44))
    assert wait(core) is None


def test_a_success_forgives_its_own_attempt_and_no_failure(core: Core, ann) -> None:
    for _ in range(50):
        assert wait(core) is None
    fail(core, times=9)
    for _ in range(5):
        assert wait(core) is None
    fail(core)
    assert wait(core) == 900


def test_an_ipv6_network_counts_as_one_address(core: Core, ann) -> None:
    for number in range(FAILURES):
        fail(core, f"guess {number}", f"2001:db8:1:2::{number:x}")
    assert wait(core, address="2001:db8:1:2:ffff::1") == 900
    assert wait(core, address="2001:db8:1:3::1") is None


def test_an_ipv4_address_mapped_into_ipv6_counts_as_ipv4(core: Core, ann) -> None:
    """On a socket for both families; in one /64 they would share a limit."""
    for number in range(FAILURES):
        fail(core, f"guess {number}", "::ffff:192.0.2.1")
    assert wait(core, address="::ffff:192.0.2.2") is None
    assert wait(core, address="192.0.2.1") == 900


@pytest.mark.parametrize("address", ["", "unix:", "fe80::1%eth0", "x" * 1000])
def test_a_text_that_is_not_an_address_is_limited_too(core: Core, ann, address: str) -> None:
    for number in range(FAILURES):
        fail(core, f"guess {number}", address)
    assert wait(core, address=address) == 900


def test_limits_outlive_a_restart(core: Core, ann) -> None:
    fail(core, times=FAILURES)
    assert wait(core.other_process()) == 900


def test_thirty_guesses_at_once_get_ten_verifications(core: Core, ann) -> None:
    assert at_once(core, 30, lambda _: ORIGIN) == 10


def test_thirty_guesses_at_once_from_thirty_addresses_get_twenty_verifications(core: Core, ann) -> None:
    assert at_once(core, 30, lambda number: Origin(address=f"198.51.100.{number}")) == 20


def at_once(core: Core, threads: int, origin: Callable[[int], Origin]) -> int:
    """Return how many passwords were verified."""

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


def test_a_network_may_begin_a_hundred_log_ins_in_a_window(core: Core) -> None:
    limits = core.limits
    for _ in range(BEGINNINGS):
        limits.begin("192.0.2.1", GuessKind.BEGINNING)
    with pytest.raises(TooManyAttempts):
        limits.begin("192.0.2.1", GuessKind.BEGINNING)
    limits.begin("192.0.2.2", GuessKind.BEGINNING)
    limits.begin("192.0.2.1", GuessKind.PASSKEY)
    core.clock.advance(WINDOW)
    limits.begin("192.0.2.1", GuessKind.BEGINNING)
