"""Changes of credentials ask for a proof of the last ten minutes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.application.accounts.sessions import LoggedIn
from monitor.application.fleet.teams import ChangeTeam, CreateTeam
from monitor.application.operations.preferences import ChangePreferences
from monitor.domain.accounts.actors import FRESH, Actor, Role
from monitor.domain.accounts.errors import (
    CodeRequired,
    InvalidCode,
    InvalidCredentials,
    ReauthenticationRequired,
    TooManyAttempts,
)
from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.accounts.limits import FAILURES
from monitor.domain.accounts.sessions import SSO_SESSION_TTL, SignIn
from monitor.domain.errors import MonitorError, Unauthenticated
from monitor.domain.fleet.teams import Team, TeamAccess
from tests.unit.application.accounts.authenticator import (
    actions,
    demand,
    log_in,
    session,
    set_up,
)
from tests.unit.application.core import ORIGIN, PASSWORD, Core

TEAM = Team(name="team", access=TeamAccess.READ, created_at=datetime(2030, 1, 1, tzinfo=UTC))


PROOFS: dict[str, Callable[[Core, Actor, Actor], object]] = {
    "begin": lambda core, ann, _: core.manage_totp.begin(ann, PASSWORD),
    "confirm": lambda core, ann, _: core.manage_totp.confirm(ann, "123456"),
    "password": lambda core, ann, _: core.change_password(
        ann, old_password=PASSWORD, new_password="another password", origin=ORIGIN
    ),
    "reset password": lambda core, ann, bob: core.reset_password(ann, username="bob", password="another password"),
    "reset factors": lambda core, ann, bob: core.reset_factors(ann, bob.user_id),
    "new user": lambda core, ann, _: core.create_user(ann, username="eve", password=PASSWORD),
    "promotion": lambda core, ann, bob: core.change_user(ann, bob.user_id, role=Role.ADMIN),
    "demotion": lambda core, ann, _: core.change_user(ann, core.user("eve", Role.ADMIN).user_id, role=Role.USER),
    "deletion": lambda core, ann, bob: core.delete_user(ann, bob.user_id),
    "new team": lambda core, ann, _: CreateTeam(core.new_uow, core.clock)(ann, TEAM),
    "team": lambda core, ann, _: ChangeTeam(core.new_uow, core.clock)(ann, TEAM),
    "days of the audit log": lambda core, ann, _: ChangePreferences(core.new_uow, core.clock)(ann, {"audit_days": 30}),
    "key": lambda core, ann, _: core.create_api_key(ann, name="key", server_id=None),
}


@pytest.mark.parametrize(("seconds", "is_asked"), [(0, False), (1, True)])
@pytest.mark.parametrize("change", PROOFS.values(), ids=PROOFS)
def test_changes_of_credentials_need_a_fresh_proof(core: Core, bob, change, seconds: float, is_asked: bool) -> None:
    core.user("ann", Role.ADMIN)
    held = log_in(core)
    core.clock.advance(FRESH)
    core.clock.advance(seconds)
    assert asked(core, core.refresh_session(held.refresh_token), bob, change) is is_asked


def asked(core: Core, held: LoggedIn, bob: Actor, change: Callable[[Core, Actor, Actor], object]) -> bool:
    """Whether the change asks for a new proof; other errors don't matter here."""
    try:
        change(core, core.authenticate(held.access_token, "").actor, bob)
    except ReauthenticationRequired:
        return True
    except MonitorError:
        pass
    return False


def test_an_unchanged_role_needs_no_fresh_proof(core: Core, bob) -> None:
    core.user("ann", Role.ADMIN)
    held = log_in(core)
    core.clock.advance(FRESH * 1.2)
    actor = core.authenticate(held.access_token, "").actor
    assert core.change_user(actor, bob.user_id, role=Role.USER, email="bob@example.com")


def test_scripts_on_the_machine_are_not_asked(core: Core, root) -> None:
    core.clock.advance(FRESH * 2)
    assert core.create_api_key(root, name="key", server_id=None)


def test_a_new_proof_makes_the_session_fresh(core: Core, ann) -> None:
    app = set_up(core, ann)
    held = log_in(core, app.code())
    core.clock.advance(FRESH * 1.1)
    actor = core.authenticate(held.access_token, "").actor
    with pytest.raises(InvalidCredentials):
        core.reauthenticate(actor, "wrong", app.code())
    with pytest.raises(CodeRequired):
        core.reauthenticate(actor, PASSWORD)
    with pytest.raises(InvalidCode):
        core.reauthenticate(actor, PASSWORD, "123456")
    assert core.reauthenticate(actor, PASSWORD, app.code()) == core.clock.now()
    actor = core.authenticate(held.access_token, "").actor
    assert actor.authenticated_at == core.clock.now()
    assert core.change_password(actor, old_password=PASSWORD, new_password="another password", origin=ORIGIN)
    assert ("session.reauthenticate", "ann", "") in actions(core)


def test_guesses_in_a_session_are_counted_for_it(core: Core, ann) -> None:
    actor, other = session(core), session(core)
    for _ in range(FAILURES):
        with pytest.raises(InvalidCredentials):
            core.reauthenticate(actor, "wrong")
    with pytest.raises(TooManyAttempts):
        core.reauthenticate(actor, PASSWORD)
    assert core.reauthenticate(other, PASSWORD)


def test_an_ended_session_is_not_made_fresh(core: Core, ann) -> None:
    actor = session(core)
    assert actor.session_id is not None
    core.end_sessions.one(actor, actor.session_id)
    with pytest.raises(Unauthenticated):
        core.reauthenticate(actor, PASSWORD)


def opened_by_a_former_version(core: Core, code: str | None = None) -> LoggedIn:
    """Return a session whose opening knew no second factors, and did not note the proof."""
    held = log_in(core, code)
    actor = core.authenticate(held.access_token, "").actor
    assert actor.session_id is not None
    with core.new_uow() as uow:
        found = uow.sessions.get(actor.session_id)
        assert found is not None
        uow.sessions.save(replace(found, authenticated_at=None))
        uow.commit()
    return held


def test_a_session_of_a_former_version_is_not_fresh(core: Core, ann, bob) -> None:
    held = opened_by_a_former_version(core)
    assert asked(core, held, bob, PROOFS["password"])
    assert core.refresh_session(held.refresh_token).fresh_until is None
    core.reauthenticate(core.authenticate(held.access_token, "").actor, PASSWORD)
    assert not asked(core, held, bob, PROOFS["password"])


def test_a_session_of_a_former_version_does_not_go_around_the_code(core: Core, ann) -> None:
    held = opened_by_a_former_version(core)
    claims = core.tokens.read(held.access_token, core.clock.now())
    assert core.authenticate.ended([claims]) == set()
    set_up(core, ann)
    assert core.authenticate.ended([claims]) == {claims}
    with pytest.raises(Unauthenticated):
        core.authenticate(held.access_token, "")
    with pytest.raises(Unauthenticated):
        core.refresh_session(held.refresh_token)


def test_one_that_a_former_version_opens_beside_this_one_does_not_either(core: Core, ann) -> None:
    held = opened_by_a_former_version(core, set_up(core, ann).code())
    claims = core.tokens.read(held.access_token, core.clock.now())
    assert core.authenticate.ended([claims]) == {claims}
    with pytest.raises(Unauthenticated):
        core.authenticate(held.access_token, "")
    with pytest.raises(Unauthenticated):
        core.refresh_session(held.refresh_token)


def test_a_changed_password_keeps_how_the_session_began(core: Core) -> None:
    """Else a session of single sign-on would have to set up a second factor."""
    ann = core.user("ann")
    with core.new_uow() as uow:
        held = core.issuer.log_in(uow, uow.users.get(ann.user_id), ORIGIN, SignIn.SSO)
        uow.commit()
    demand(core, SecondFactorPolicy.EVERYONE)
    actor = core.authenticate(held.access_token, "").actor
    new = core.change_password(actor, old_password=PASSWORD, new_password="another password", origin=ORIGIN)
    assert not new.must_set_up_second_factor


def test_a_changed_password_leaves_the_session_as_old_as_it_was(core: Core) -> None:
    """Else single sign-on would last longer than its 24 hours, and a password would stand for a fresh factor."""
    ann = core.user("ann")
    began, id_token = core.clock.now(), "from the issuer"
    with core.new_uow() as uow:
        held = core.issuer.log_in(uow, uow.users.get(ann.user_id), ORIGIN, SignIn.SSO, id_token=id_token)
        uow.commit()
    core.clock.advance(FRESH * 0.5)
    actor = core.authenticate(held.access_token, "").actor
    new = core.change_password(actor, old_password=PASSWORD, new_password="another password", origin=ORIGIN)
    assert new.fresh_until == began + FRESH
    session_id = core.authenticate(new.access_token, "").actor.session_id
    assert session_id is not None
    with core.new_uow() as uow:
        found = uow.sessions.get(session_id)
    assert found is not None
    assert (found.created_at, found.expires_at, found.id_token) == (began, began + SSO_SESSION_TTL, id_token)
