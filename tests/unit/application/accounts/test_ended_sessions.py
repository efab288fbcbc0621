"""The end of a session ends its tokens at once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.application.accounts.sessions import LoggedIn
from monitor.domain.accounts.actors import Actor, Role, SessionId
from monitor.domain.errors import NotFound, Unauthenticated
from tests.unit.application.core import ORIGIN, PASSWORD, Core

ENDINGS: dict[str, Callable[[Core, Actor, Actor], object]] = {
    "promotion": lambda core, root, ann: core.change_user(root, ann.user_id, role=Role.ADMIN),
    "reset": lambda core, root, ann: core.reset_password(root, username="ann", password="another password"),
    "deletion": lambda core, root, ann: core.delete_user(root, ann.user_id),
    "logout": lambda core, root, ann: core.log_out(ann),
    "change of password": lambda core, root, ann: core.change_password(
        ann, old_password=PASSWORD, new_password="another password", origin=ORIGIN
    ),
}


def log_in(core: Core, name: str = "ann") -> LoggedIn:
    return core.log_in(name, PASSWORD, ORIGIN)


def works(core: Core, logged_in: LoggedIn) -> bool:
    try:
        core.authenticate(logged_in.access_token, "")
    except Unauthenticated:
        with pytest.raises(Unauthenticated):
            core.refresh_session(logged_in.refresh_token or "")
        return False
    return True


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_every_token_of_the_user_ends(core: Core, root, ann, bob, end) -> None:
    held, untouched = [log_in(core) for _ in range(3)], log_in(core, "bob")
    end(core, root, ann)
    elsewhere = core.other_process()
    assert [works(elsewhere, logged_in) for logged_in in held] == [False] * 3
    assert works(elsewhere, untouched)


def test_a_demotion_ends_all_tokens(core: Core, root) -> None:
    second = core.admin("second")
    held = log_in(core, "second")
    core.change_user(root, second.user_id, role=Role.USER)
    assert not works(core, held)
    assert core.authenticate(log_in(core, "second").access_token, "").actor.role is Role.USER


def test_a_change_that_leaves_the_role_ends_nothing(core: Core, root, ann) -> None:
    held = log_in(core)
    core.change_user(root, ann.user_id, role=Role.USER, email="ann@example.com")
    core.update_profile(ann, email="a@example.com", locale="en")
    assert works(core, held)


def test_one_session_can_be_ended_by_itself(core: Core, ann) -> None:
    ended, kept = log_in(core), log_in(core)
    actor = core.authenticate(ended.access_token, "").actor
    assert actor.session_id is not None
    core.end_sessions.one(actor, actor.session_id)
    assert not works(core, ended)
    assert works(core, kept)
    assert core.audit()[0].action == "session.end"


def test_users_cannot_end_the_sessions_of_others(core: Core, root, ann) -> None:
    held = log_in(core)
    session_id = core.authenticate(held.access_token, "").actor.session_id
    assert session_id is not None
    with pytest.raises(NotFound):
        core.end_sessions.one(root, session_id)
    with pytest.raises(NotFound):
        core.end_sessions.one(ann, SessionId("never opened"))
    assert works(core, held)


def test_a_token_of_one_user_does_not_open_the_session_of_another(core: Core, ann, bob) -> None:
    """Not even with a valid signature."""
    claims = core.authenticate(log_in(core).access_token, "").claims
    forged = replace(claims, user_id=bob.user_id, token_version=core.stored_user(bob.user_id).token_version)
    with pytest.raises(Unauthenticated):
        core.authenticate.by_claims(forged, "")


@pytest.mark.parametrize("drift", [-1, 1])
def test_a_token_of_another_version_is_refused(core: Core, ann, drift: int) -> None:
    claims = core.authenticate(log_in(core).access_token, "").claims
    with pytest.raises(Unauthenticated):
        core.authenticate.by_claims(replace(claims, token_version=claims.token_version + drift), "")


def test_the_current_role_counts(core: Core, root, ann) -> None:
    """The role at the creation of the token does not matter."""
    core.change_user(root, ann.user_id, role=Role.ADMIN)
    assert core.authenticate(log_in(core).access_token, "").actor.is_admin
