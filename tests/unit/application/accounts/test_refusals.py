"""All refused attempts are counted, and a flood of them writes few rows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.application.accounts.recording import MOST
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.errors import InvalidCredentials
from monitor.domain.errors import InvalidInput, StorageUnavailable
from tests.unit.application.core import ORIGIN, PASSWORD, ROOT, Core


def attempt(core: Core, target: str = "DELETE /api/users/{user_id}", action: str = "access.refused") -> AuditEntry:
    return AuditEntry(at=core.clock.now(), action=action, target=target, detail="forbidden", username="ann")


def rows(core: Core) -> list[tuple[str, str]]:
    """Return target and detail, the oldest first, without a last flush."""
    core.refusals()
    return [(entry.target, entry.detail) for entry in reversed(core.store.queries.audit.newest(ROOT, limit=1000))]


def test_the_first_is_written_at_once_and_those_of_a_minute_together(core: Core):
    core.refusals.note(attempt(core))
    assert [("DELETE /api/users/{user_id}", "forbidden")] == rows(core)
    for _ in range(500):
        core.refusals.note(attempt(core))
        core.clock.advance(0.1)
    assert 1 == len(rows(core))
    core.clock.advance(10)
    assert [("DELETE /api/users/{user_id}", "forbidden, 500 times")] == rows(core)[1:]
    core.clock.advance(60)
    assert 2 == len(rows(core))
    core.refusals.note(attempt(core))
    assert "forbidden" == rows(core)[2][1]


def test_a_row_has_user_address_and_time(core: Core):
    noted = replace(attempt(core), address="192.0.2.1")
    core.refusals.note(noted)
    core.refusals()
    [entry] = core.store.queries.audit.newest(ROOT, limit=10)
    assert replace(noted, id=entry.id) == entry


def test_many_different_attempts_become_others(core: Core):
    for number in range(5 * MOST):
        core.refusals.note(attempt(core, f"route {number}"))
    core.refusals.note(attempt(core, "another kind", "access.limited"))
    found = rows(core)
    assert MOST + 2 == len(found)
    assert ("", f"others, {4 * MOST} times") in found
    assert ("another kind", "forbidden") in found


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from([0.0, 0.5, 20.0, 61.0])), max_size=60))
def test_every_attempt_is_counted_once(attempts: list[tuple[int, float]]):
    core = Core()
    for route, pause in attempts:
        core.refusals.note(attempt(core, f"route {route}"))
        core.clock.advance(pause)
        if pause:
            core.refusals()
    noted = [entry.detail.removeprefix("forbidden").removeprefix("others").strip(", ") for entry in core.audit()]
    assert len(attempts) == sum(int(times.removesuffix(" times") or 1) for times in noted)


def test_entries_that_could_not_be_written_are_written_later(core: Core):
    core.refusals.note(attempt(core))
    core.refusals.note(attempt(core))
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.refusals()
    core.refusals.note(attempt(core))
    assert [("DELETE /api/users/{user_id}", "forbidden, 3 times")] == rows(core)


def test_failed_log_ins_name_only_known_accounts(core: Core, ann):
    for name in ("Ann", "ann", "s3cret typed in the wrong field"):
        with pytest.raises(InvalidCredentials):
            core.log_in(name, "wrong", ORIGIN)
    noted = [(entry.action, entry.target, entry.detail, entry.address) for entry in core.audit()]
    assert {
        ("session.login_failed", "ann", "wrong password, 2 times", ORIGIN.address),
        ("session.login_failed", "", "unknown user", ORIGIN.address),
    } == set(noted)


def test_a_wrong_old_password_is_noted(core: Core, ann):
    with pytest.raises(InvalidInput):
        core.change_password(ann, old_password="wrong", new_password=PASSWORD + "!", origin=ORIGIN)
    assert [("user.change_password_failed", "ann", "ann")] == [(e.action, e.target, e.username) for e in core.audit()]


def test_a_flood_of_an_hour_is_bounded(core: Core):
    """The flood has 10 different attempts a second, each from another address."""
    for second in range(3600):
        for number in range(10):
            core.refusals.note(replace(attempt(core), address=f"2001:db8::{second:x}:{number:x}"))
        core.clock.advance(timedelta(seconds=1))
        core.refusals()
    assert len(core.audit()) <= 60 * (MOST + 1) + MOST + 1
