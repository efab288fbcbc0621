"""A refresh token works once, and shortly after for a repeated call. A later use means theft."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from monitor.domain.accounts.sessions import REFRESH_TTL, ROTATION_GRACE, SESSION_TTL
from monitor.domain.errors import Unauthenticated
from tests.unit.application.core import ORIGIN, PASSWORD, Core


@pytest.fixture
def first(core: Core, ann) -> str:
    return refresh_token(core)


def refresh_token(core: Core) -> str:
    return core.log_in("ann", PASSWORD, ORIGIN).refresh_token


def renew(core: Core, token: str) -> str:
    return core.refresh_session(token).refresh_token


def test_renewing_gives_two_new_tokens(core: Core, ann, first: str) -> None:
    core.clock.advance(timedelta(minutes=20))
    renewed = core.refresh_session(first)
    assert renewed.refresh_token != first
    assert core.authenticate(renewed.access_token, "").actor.user_id == ann.user_id


def test_it_stays_the_same_session(core: Core, ann, first: str) -> None:
    [before] = core.store.queries.users.sessions(ann, core.clock.now())
    core.clock.advance(60)
    renew(core, first)
    [after] = core.store.queries.users.sessions(ann, core.clock.now())
    assert (after.id, after.created_at, after.last_used_at) == (before.id, before.created_at, core.clock.now())


def test_a_session_in_use_ends_after_90_days(core: Core, ann, first: str) -> None:
    token = first
    for _ in range(9):
        core.clock.advance(SESSION_TTL / 10)
        token = renew(core, token)
    core.clock.advance(SESSION_TTL / 10 - timedelta(seconds=1))
    renewed = core.refresh_session(token)
    core.clock.advance(timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        core.refresh_session(renewed.refresh_token)
    with pytest.raises(Unauthenticated) as refusal:
        core.authenticate(renewed.access_token, "")
    assert refusal.value.ended == "expired"
    assert core.store.queries.users.sessions(ann, core.clock.now()) == []


def test_an_unused_session_ends_after_14_days(core: Core, ann, first: str) -> None:
    core.clock.advance(REFRESH_TTL)
    with pytest.raises(Unauthenticated):
        core.refresh_session(first)
    assert core.store.queries.users.sessions(ann, core.clock.now()) == []


@pytest.mark.parametrize("pause", [timedelta(), ROTATION_GRACE])
def test_a_repeated_call_within_the_grace_gets_the_same_token(core: Core, first: str, pause) -> None:
    """Two tabs may renew at once, or a response may get lost."""
    second = renew(core, first)
    core.clock.advance(pause)
    repeated = core.refresh_session(first)
    assert repeated.refresh_token == second
    assert core.authenticate(repeated.access_token, "").actor.username == "ann"
    core.clock.advance(timedelta(minutes=14))
    assert renew(core, repeated.refresh_token)


def test_a_later_use_ends_the_session_for_both_holders(core: Core, ann, first: str) -> None:
    renewed = core.refresh_session(first)
    core.clock.advance(ROTATION_GRACE + timedelta(microseconds=1))
    with pytest.raises(Unauthenticated):
        core.refresh_session(first)
    with pytest.raises(Unauthenticated):
        core.refresh_session(renewed.refresh_token)
    with pytest.raises(Unauthenticated):
        core.authenticate(renewed.access_token, "")
    assert core.audit()[0].action == "session.refresh_reused"


@pytest.mark.parametrize("rotations", [2, 3, 50])
def test_a_thief_who_rotated_is_detected_by_the_owners_old_token(core: Core, ann, first: str, rotations) -> None:
    token = first
    for _ in range(rotations):
        token = renew(core, token)
    with pytest.raises(Unauthenticated) as refusal:
        core.refresh_session(first)
    assert refusal.value.ended == "stolen"
    with pytest.raises(Unauthenticated):
        core.refresh_session(token)
    assert core.store.queries.users.sessions(ann, core.clock.now()) == []
    assert (core.audit()[0].action, core.audit()[0].target) == ("session.refresh_reused", "ann")


def test_both_holders_learn_that_the_session_was_stolen(core: Core, first: str) -> None:
    held = core.refresh_session(first)
    renew(core, held.refresh_token)
    core.clock.advance(1)
    with pytest.raises(Unauthenticated):
        core.refresh_session(first)
    with pytest.raises(Unauthenticated) as refusal:
        core.authenticate(held.access_token, "")
    assert refusal.value.ended == "stolen"


def test_a_theft_of_one_session_does_not_end_others(core: Core, first: str) -> None:
    other = refresh_token(core)
    renew(core, first)
    core.clock.advance(61)
    with pytest.raises(Unauthenticated):
        core.refresh_session(first)
    assert renew(core, other)


@pytest.mark.parametrize("token", ["", "never issued", "é", ".", "x.", "never.issued"])
def test_an_unknown_token_is_refused(core: Core, first: str, token: str) -> None:
    with pytest.raises(Unauthenticated):
        core.refresh_session(token)
    assert renew(core, first)


def test_many_calls_at_once_get_the_same_token(core: Core, first: str) -> None:
    def call(_: int) -> str:
        barrier.wait()
        return core.refresh_session(first).refresh_token

    barrier = threading.Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        [second] = set(pool.map(call, range(8)))
    assert renew(core, second)


def test_the_session_id_alone_can_neither_renew_nor_end_it(core: Core, ann, first: str) -> None:
    """Every access token contains the id."""
    session_id, number, _ = first.split(".")
    for forged in (f"{session_id}.x", f"{session_id}.{number}.x", f"{session_id}.{int(number) + 1}.{first[-43:]}"):
        with pytest.raises(Unauthenticated) as refusal:
            core.refresh_session(forged)
        assert refusal.value.ended is None
    assert renew(core, first)


def test_the_store_holds_no_usable_token(core: Core, ann, first: str) -> None:
    second = renew(core, first)
    [session] = core.store.queries.users.sessions(ann, core.clock.now())
    assert first not in repr(session)
    assert second not in repr(session)
