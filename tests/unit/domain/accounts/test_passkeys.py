from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import PasskeysUnavailable
from monitor.domain.accounts.passkeys import Site
from monitor.domain.errors import InvalidInput
from tests.contracts.builders import AT, SECOND, a_passkey

COUNTS = st.integers(0, 3) | st.integers(0, 2**32 - 1)


@given(COUNTS, COUNTS)
def test_a_number_that_does_not_rise_comes_from_a_copy(before: int, now: int) -> None:
    passkey = a_passkey(UserId(1), sign_count=before)
    used = passkey.used(now, AT + SECOND)
    if before == now == 0 or now > before:
        assert (used.sign_count, used.last_used_at, used.cloned_at) == (now, AT + SECOND, None)
    else:
        assert (used.sign_count, used.last_used_at, used.cloned_at) == (before, None, AT + SECOND)


def test_a_clone_stays_one() -> None:
    cloned = a_passkey(UserId(1), sign_count=5).used(5, AT)
    assert cloned.used(9, AT + timedelta(days=1)).cloned_at == AT


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "line\nbreak", "\u202eright to left", "\0"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        a_passkey(UserId(1), name, credential_id=b"id")
    assert [*refusal.value.problems] == ["name"]


@pytest.mark.parametrize(
    "changes",
    [{"credential_id": b""}, {"credential_id": b"x" * 1024}, {"public_key": b""}, {"public_key": b"x" * 2049}],
)
def test_keys_of_any_other_size_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        a_passkey(UserId(1), **changes)
    assert [*refusal.value.problems] == ["credential"]


@pytest.mark.parametrize(
    ("origin", "host", "is_allowed"),
    [
        ("https://monitor.example.com", "monitor.example.com", True),
        ("https://monitor.example.com:8443", "monitor.example.com", True),
        ("https://monitor", "monitor", True),
        ("http://localhost:8000", "localhost", True),
        ("http://monitor.localhost:8000", "monitor.localhost", True),
        ("https://localhost", "localhost", True),
        ("http://monitor.example.com", "monitor.example.com", False),
        ("http://notlocalhost", "notlocalhost", False),
        ("http://127.0.0.1:8000", "127.0.0.1", False),
        ("https://192.0.2.1", "192.0.2.1", False),
        ("https://[2001:db8::1]:8443", "2001:db8::1", False),
        ("http://[::1]:8000", "::1", False),
    ],
)
def test_browsers_offer_passkeys_in_some_places(origin: str, host: str, is_allowed: bool) -> None:
    site = Site(origin=origin)
    assert (site.host, site.allows_passkeys) == (host, is_allowed)
    if is_allowed:
        site.must_allow_passkeys()
    else:
        with pytest.raises(PasskeysUnavailable):
            site.must_allow_passkeys()
