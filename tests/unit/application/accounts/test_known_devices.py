"""On a known device no other person can prevent the owner's log-in."""

from datetime import timedelta

import pytest

from monitor.application.accounts.sessions import Origin
from monitor.domain.accounts.errors import InvalidCredentials, TooManyAttempts
from monitor.domain.accounts.limits import FAILURES, FREE_FAILURES
from monitor.domain.accounts.sessions import DEVICE_TTL
from tests.unit.application.core import ORIGIN, PASSWORD, Core


def known(core: Core, name: str = "ann", address: str = ORIGIN.address) -> Origin:
    """Log in from a device where *name* has logged in before."""
    logged_in = core.log_in(name, PASSWORD, ORIGIN)
    assert logged_in.device_token is not None
    return Origin(address=address, device_tokens={str(logged_in.user.id): logged_in.device_token})


def fail(core: Core, origin: Origin, name: str = "ann") -> None:
    with pytest.raises(InvalidCredentials):
        core.log_in(name, "wrong", origin)


def attack(core: Core) -> None:
    """Fail from many addresses, including the owner's own."""
    for _ in range(FAILURES):
        fail(core, ORIGIN)
    for host in range(FREE_FAILURES):
        try:
            core.log_in("ann", "wrong", Origin(address=f"198.51.100.{host}"))
        except (InvalidCredentials, TooManyAttempts):
            continue


def test_the_owner_can_log_in_after_failures_of_others(core: Core, ann) -> None:
    here = known(core)
    attack(core)
    with pytest.raises(TooManyAttempts):
        core.log_in("ann", PASSWORD, ORIGIN)
    for _ in range(20):
        assert core.log_in("ann", PASSWORD, here).user.username == "ann"


def test_a_stolen_device_has_ten_guesses_like_any_address(core: Core, ann) -> None:
    here, there = known(core), known(core)
    for _ in range(FAILURES):
        fail(core, here)
    with pytest.raises(TooManyAttempts) as refusal:
        core.log_in("ann", PASSWORD, here)
    assert refusal.value.retry_after == 900
    assert core.log_in("ann", PASSWORD, there)


def test_failures_of_a_device_count_for_that_device_only(core: Core, ann) -> None:
    here = known(core)
    for _ in range(FAILURES):
        fail(core, here)
    assert core.log_in("ann", PASSWORD, ORIGIN)


def test_logging_in_again_renews_it_and_forgets_no_failure(core: Core, ann) -> None:
    here = known(core)
    for _ in range(FAILURES - 1):
        fail(core, here)
    core.clock.advance(1)
    renewed = core.log_in("ann", PASSWORD, here).device_token
    assert renewed is not None
    assert renewed != here.device_tokens[str(ann.user_id)]
    again = Origin(address="192.0.2.9", device_tokens={str(ann.user_id): renewed})
    fail(core, again)
    with pytest.raises(TooManyAttempts):
        core.log_in("ann", PASSWORD, again)


def test_it_counts_for_its_account_only(core: Core, ann, bob) -> None:
    bobs = known(core, "bob").device_tokens[str(bob.user_id)]
    attack(core)
    with pytest.raises(TooManyAttempts):
        core.log_in("ann", PASSWORD, Origin(address=ORIGIN.address, device_tokens={str(ann.user_id): bobs}))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5000, "\ud800", "access"])
def test_an_invalid_device_token_is_ignored(core: Core, ann, token: str) -> None:
    if token == "access":
        token = core.log_in("ann", PASSWORD, ORIGIN).access_token
    attack(core)
    with pytest.raises(TooManyAttempts):
        core.log_in("ann", PASSWORD, Origin(address=ORIGIN.address, device_tokens={str(ann.user_id): token}))


def test_it_is_forgotten_after_180_days(core: Core, ann) -> None:
    here = known(core)
    core.clock.advance(DEVICE_TTL)
    attack(core)
    with pytest.raises(TooManyAttempts):
        core.log_in("ann", PASSWORD, here)
    core.clock.advance(-timedelta(seconds=1))
    assert core.log_in("ann", PASSWORD, here)
