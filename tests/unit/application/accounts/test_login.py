from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import InsecurePasswordHasher
from monitor.domain.accounts.errors import InvalidCredentials
from monitor.domain.accounts.sessions import ACCESS_TTL
from monitor.domain.errors import Unauthenticated
from tests.unit.application.core import ORIGIN, PASSWORD, Core

ADDRESS = ORIGIN.address


def test_the_right_password_opens_a_session(core: Core, ann) -> None:
    logged_in = core.log_in("ann", PASSWORD, ORIGIN)

    assert logged_in.user == core.stored_user(ann.user_id)
    assert logged_in.expires_at == core.clock.now() + ACCESS_TTL
    caller = core.authenticate(logged_in.access_token, "198.51.100.1")
    assert (caller.actor.user_id, caller.actor.username, caller.actor.role) == (ann.user_id, "ann", ann.role)
    assert caller.actor.address == "198.51.100.1"
    assert not caller.must_change_password
    [session] = core.store.queries.users.sessions(caller.actor, core.clock.now())
    assert session.id == caller.actor.session_id
    assert (session.address, session.user_agent) == (ORIGIN.address, ORIGIN.user_agent)


@pytest.mark.parametrize("name", ["ANN", " ann ".strip(), "\uff41nn"])
def test_the_case_of_the_name_does_not_matter(core: Core, ann, name: str) -> None:
    assert core.log_in(name, PASSWORD, ORIGIN).user.username == "ann"


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "wrong"), ("nobody", PASSWORD), ("nobody", ""), ("ann", ""), ("", ""), ("ann", PASSWORD.upper())],
)
def test_a_wrong_name_and_a_wrong_password_give_the_same_error(core: Core, ann, name: str, password: str) -> None:
    with pytest.raises(InvalidCredentials) as refusal:
        core.log_in(name, password, ORIGIN)
    assert (refusal.value.reason, str(refusal.value)) == ("invalid_credentials", "")
    assert core.store.queries.users.sessions(ann, core.clock.now()) == []


def test_an_unknown_name_takes_a_verification_too(core: Core, ann) -> None:
    """Else the time would show which names exist."""

    class Counting(InsecurePasswordHasher):
        def verify(self, password: str, password_hash: str | None) -> bool:
            verified.append(password_hash is not None)
            return super().verify(password, password_hash)

    verified: list[bool] = []
    core.hasher = Counting()
    for name in ("ann", "nobody"):
        with pytest.raises(InvalidCredentials):
            core.log_in(name, "wrong", ORIGIN)
    assert verified == [True, False]


def test_a_reset_while_the_old_password_is_verified_wins(core: Core, root, ann) -> None:
    core.while_hashing(lambda: core.reset_password(root, username="ann", password="a new password"))
    with pytest.raises(InvalidCredentials):
        core.log_in("ann", PASSWORD, ORIGIN)
    assert core.store.queries.users.sessions(ann, core.clock.now()) == []


def test_a_deletion_while_the_password_is_verified_wins(core: Core, root, ann) -> None:
    core.while_hashing(lambda: core.delete_user(root, ann.user_id))
    with pytest.raises(InvalidCredentials):
        core.log_in("ann", PASSWORD, ORIGIN)


def test_log_ins_and_failures_are_in_the_audit_log(core: Core, ann) -> None:
    core.log_in("Ann", PASSWORD, ORIGIN)
    with pytest.raises(InvalidCredentials):
        core.log_in("x" * 500, "wrong", ORIGIN)
    assert [(e.action, e.target, e.username, e.address) for e in core.audit()] == [
        ("session.login_failed", "", "", ADDRESS),
        ("session.login", "ann", "ann", ADDRESS),
    ]


def test_an_access_token_lasts_15_minutes(core: Core, ann) -> None:
    token = core.log_in("ann", PASSWORD, ORIGIN).access_token
    core.clock.advance(ACCESS_TTL - timedelta(seconds=1))
    assert core.authenticate(token, ADDRESS).actor.user_id == ann.user_id
    core.clock.advance(1)
    with pytest.raises(Unauthenticated):
        core.authenticate(token, ADDRESS)


def test_expired_claims_are_refused(core: Core, ann) -> None:
    """A live stream presents the same claims repeatedly."""
    claims = core.authenticate(core.log_in("ann", PASSWORD, ORIGIN).access_token, ADDRESS).claims
    core.clock.advance(ACCESS_TTL)
    with pytest.raises(Unauthenticated):
        core.authenticate.by_claims(claims, ADDRESS)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é"])
def test_an_invalid_token_is_refused(core: Core, token: str) -> None:
    with pytest.raises(Unauthenticated):
        core.authenticate(token, ADDRESS)
