import pytest

from monitor.domain.accounts.actors import Actor, SessionId
from monitor.domain.accounts.errors import InvalidCredentials, TooManyAttempts
from monitor.domain.errors import InvalidInput, Problem, Unauthenticated
from tests.unit.application.accounts.authenticator import log_in, session, set_up
from tests.unit.application.core import ORIGIN, PASSWORD, Core

NEW = "an even better one"


@pytest.fixture
def caller(core: Core, ann) -> Actor:
    return core.authenticate(core.log_in("ann", PASSWORD, ORIGIN).access_token, "").actor


def change(core: Core, actor: Actor, old: str = PASSWORD, new: str = NEW):
    return core.change_password(actor, old_password=old, new_password=new, origin=ORIGIN)


def test_the_caller_stays_logged_in_with_new_tokens(core: Core, caller) -> None:
    changed = change(core, caller)
    assert core.authenticate(changed.access_token, "").actor.user_id == caller.user_id
    assert changed.refresh_token is not None
    assert core.refresh_session(changed.refresh_token)
    assert len(core.store.queries.users.sessions(caller, core.clock.now())) == 1


def test_only_the_new_password_works_afterwards(core: Core, caller) -> None:
    change(core, caller)
    assert core.log_in("ann", NEW, ORIGIN)
    with pytest.raises(InvalidCredentials):
        core.log_in("ann", PASSWORD, ORIGIN)


def test_the_old_password_must_be_right(core: Core, caller) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change(core, caller, old="wrong")
    assert refusal.value.problems == {"old_password": Problem("wrong_password")}
    assert core.log_in("ann", PASSWORD, ORIGIN)


def test_the_new_password_must_differ(core: Core, caller) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change(core, caller, new=PASSWORD)
    assert refusal.value.problems == {"new_password": Problem("same_password")}


def test_a_weak_new_password_is_named(core: Core, caller) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change(core, caller, new="short")
    assert set(refusal.value.problems) == {"new_password"}


def test_guesses_of_the_old_password_are_limited(core: Core, caller) -> None:
    """A thief of a token must not find the password."""
    for number in range(10):
        with pytest.raises(InvalidInput):
            change(core, caller, old=f"guess {number}")
    with pytest.raises(TooManyAttempts):
        change(core, caller)


def test_a_refused_new_password_is_not_a_guess_of_the_old_one(core: Core, caller) -> None:
    for _ in range(20):
        with pytest.raises(InvalidInput):
            change(core, caller, new="short")
    assert change(core, caller)


def test_failed_log_ins_do_not_prevent_a_change(core: Core, caller) -> None:
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            core.log_in("ann", "wrong", ORIGIN)
    with pytest.raises(TooManyAttempts):
        core.log_in("ann", PASSWORD, ORIGIN)
    assert change(core, caller)


def test_a_change_forgives_its_own_attempt(core: Core, caller) -> None:
    old, new = PASSWORD, NEW
    for _ in range(15):
        changed = change(core, caller, old, new)
        caller = core.authenticate(changed.access_token, "").actor
        old, new = new, old


def test_a_simultaneous_reset_wins(core: Core, root, caller) -> None:
    core.while_hashing(lambda: core.reset_password(root, username="ann", password="given by root"))
    with pytest.raises(InvalidInput):
        change(core, caller)
    assert core.log_in("ann", "given by root", ORIGIN)


def test_a_simultaneous_logout_wins(core: Core, caller) -> None:
    core.while_hashing(lambda: core.log_out(caller))
    with pytest.raises(Unauthenticated):
        change(core, caller)
    assert core.store.queries.users.sessions(caller, core.clock.now()) == []
    assert core.log_in("ann", PASSWORD, ORIGIN)


def test_a_second_factor_that_is_turned_on_meanwhile_wins(core: Core, caller) -> None:
    """A thief who knows the password would else keep a session that never proved the factor."""
    other = session(core)

    def turn_on() -> None:
        core.while_hashing(lambda: None)
        set_up(core, other)

    core.while_hashing(turn_on)
    with pytest.raises(Unauthenticated):
        change(core, caller)
    left = core.store.queries.users.sessions(other, core.clock.now())
    assert [other.session_id] == [each.id for each in left]


def test_a_session_from_before_the_second_factor_does_not_change_the_password(core: Core, caller) -> None:
    other = session(core)
    app = set_up(core, other)
    with pytest.raises(Unauthenticated):
        change(core, caller)
    assert log_in(core, app.code())


def test_the_audit_log_says_who(core: Core, caller) -> None:
    change(core, caller)
    assert (core.audit()[0].action, core.audit()[0].username) == ("user.change_password", "ann")


def test_a_session_id_is_not_needed(core: Core, ann) -> None:
    """An embedder may have none."""
    assert ann.session_id is None
    assert change(core, ann).user.username == "ann"
    assert core.store.queries.users.session_owner(ann.user_id, SessionId(""), core.clock.now()) is None
