"""Set up a second factor, log in with it, and lose it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pyotp
import pytest

from monitor.application.accounts.issuing import LoggedIn
from monitor.application.fleet.teams import ChangeTeam, CreateTeam
from monitor.application.operations.preferences import ChangePreferences
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import FRESH, Actor, Role
from monitor.domain.accounts.errors import (
    CodeRequired,
    InvalidCode,
    InvalidCredentials,
    PasskeyRequired,
    ReauthenticationRequired,
    SecondFactorOff,
    SecondFactorOn,
    TooManyAttempts,
)
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy
from monitor.domain.accounts.limits import FAILURES
from monitor.domain.accounts.sessions import SSO_SESSION_TTL, SignIn
from monitor.domain.errors import Forbidden, MonitorError, NotFound, TransactionConflict, Unauthenticated
from monitor.domain.fleet.teams import Team, TeamAccess
from tests.contracts.builders import stored_passkey
from tests.unit.application.core import ORIGIN, PASSWORD, Core

TEAM = Team(name="team", access=TeamAccess.READ, created_at=datetime(2030, 1, 1, tzinfo=UTC))


class App:
    """An authenticator. Each code is of a later step than the one before."""

    def __init__(self, core: Core, secret: str) -> None:
        self._core = core
        self._totp = pyotp.TOTP(secret)
        self.recovery_codes: list[str] = []

    def code(self) -> str:
        self._core.clock.advance(30)
        return self._totp.at(for_time=self._core.clock.now())


def set_up(core: Core, actor: Actor) -> App:
    app = App(core, core.manage_totp.begin(actor, PASSWORD).secret)
    app.recovery_codes = core.manage_totp.confirm(actor, app.code())
    return app


def log_in(core: Core, code: str | None = None, password: str = PASSWORD) -> LoggedIn:
    return core.log_in("ann", password, ORIGIN, code)


def session(core: Core, code: str | None = None) -> Actor:
    return core.authenticate(log_in(core, code).access_token, ORIGIN.address).actor


def works(core: Core, logged_in: LoggedIn) -> bool:
    try:
        core.authenticate(logged_in.access_token, "")
    except Unauthenticated:
        return False
    return True


def demand(core: Core, policy: SecondFactorPolicy) -> None:
    with core.new_uow() as uow:
        uow.preferences.save({"second_factor": float(policy)})
        uow.commit()


def actions(core: Core) -> list[tuple[str, str, str]]:
    return [(entry.action, entry.target, entry.detail) for entry in core.audit()]


def mails(core: Core) -> list[AccountEvent]:
    with core.new_uow() as uow:
        return [mail.event for mail in uow._draft.account_mails.values()]  # type: ignore[attr-defined]  # of memory


def own_factors(core: Core, actor: Actor) -> OwnFactors:
    return core.store.queries.users.factors(actor.user_id)


def test_the_log_in_asks_for_a_code_once_it_is_confirmed(core: Core, ann) -> None:
    core.manage_totp.begin(ann, PASSWORD)
    assert log_in(core)
    app = set_up(core, ann)
    for code in (None, "", "  "):
        with pytest.raises(CodeRequired):
            log_in(core, code)
    logged_in = log_in(core, app.code())
    assert logged_in.factors == OwnFactors(has_totp=True, recovery_codes_left=10)


def test_no_code_is_good_twice(core: Core, ann) -> None:
    app = set_up(core, ann)
    code = app.code()
    assert log_in(core, code)
    with pytest.raises(InvalidCode):
        log_in(core, code)
    with pytest.raises(InvalidCode):
        core.manage_totp.turn_off(ann, PASSWORD, code)


def test_the_code_that_confirms_is_used(core: Core, ann) -> None:
    app = App(core, core.manage_totp.begin(ann, PASSWORD).secret)
    code = app.code()
    core.manage_totp.confirm(ann, code)
    with pytest.raises(InvalidCode):
        log_in(core, code)


def test_a_right_code_with_a_wrong_password_is_not_used(core: Core, ann) -> None:
    app = set_up(core, ann)
    for code in (app.code(), app.recovery_codes[0]):
        with pytest.raises(InvalidCredentials):
            log_in(core, code, "wrong")
        assert log_in(core, code)


def test_a_recovery_code_is_good_once_and_its_use_is_noticed(core: Core) -> None:
    ann = core.user("ann", email="ann@example.com")
    app = set_up(core, ann)
    typed = app.recovery_codes[4].upper().replace("-", " ")
    assert log_in(core, typed).factors.recovery_codes_left == 9
    assert ("recovery_code.use", "ann", "9 left") in actions(core)
    assert mails(core) == [AccountEvent.TOTP_ON, AccountEvent.RECOVERY_CODE_USED]
    with pytest.raises(InvalidCode):
        log_in(core, typed)


def test_a_missing_code_is_no_failure_and_a_wrong_one_is(core: Core, ann) -> None:
    app = set_up(core, ann)
    for _ in range(3 * FAILURES):
        with pytest.raises(CodeRequired):
            log_in(core)
    for _ in range(FAILURES):
        with pytest.raises(InvalidCode):
            log_in(core, "wrong")
    with pytest.raises(TooManyAttempts):
        log_in(core, app.code())
    assert actions(core)[0] == ("session.login_failed", "ann", f"wrong code, {FAILURES} times")


def test_wrong_codes_in_a_session_are_limited_too(core: Core, ann) -> None:
    set_up(core, ann)
    for _ in range(FAILURES):
        with pytest.raises(InvalidCode):
            core.manage_totp.renew_recovery_codes(ann, "wrong")
    with pytest.raises(TooManyAttempts):
        core.manage_totp.turn_off(ann, PASSWORD, "wrong")
    assert actions(core)[0] == ("session.reauthenticate_failed", "ann", f"wrong code, {FAILURES} times")


def test_a_wrong_password_sets_nothing_up(core: Core, ann) -> None:
    for password in ("wrong", "", None):
        with pytest.raises(InvalidCredentials):
            core.manage_totp.begin(ann, password)
    with pytest.raises(SecondFactorOff):
        core.manage_totp.confirm(ann, "123456")


def test_an_account_without_a_password_needs_none(core: Core) -> None:
    ann = core.user("ann")
    with core.new_uow() as uow:
        uow.users.save(replace(uow.users.get(ann.user_id), password_hash=""))
        uow.commit()
    app = App(core, core.manage_totp.begin(ann, None).secret)
    core.manage_totp.confirm(ann, app.code())
    for password in ("", PASSWORD):
        with pytest.raises(InvalidCredentials):
            log_in(core, app.code(), password)
        with pytest.raises(InvalidCredentials):
            core.reauthenticate(ann, password)
    core.manage_totp.turn_off(ann, None, app.code())
    assert own_factors(core, ann) == OwnFactors()


def test_a_second_factor_that_is_on_is_not_replaced(core: Core, ann) -> None:
    app = set_up(core, ann)
    with pytest.raises(SecondFactorOn):
        core.manage_totp.begin(ann, PASSWORD)
    with pytest.raises(SecondFactorOn):
        core.manage_totp.confirm(ann, app.code())
    assert log_in(core, app.code())


def test_what_is_off_can_neither_be_turned_off_nor_renewed(core: Core, ann) -> None:
    core.manage_totp.begin(ann, PASSWORD)
    with pytest.raises(SecondFactorOff):
        core.manage_totp.turn_off(ann, PASSWORD, "123456")
    with pytest.raises(SecondFactorOff):
        core.manage_totp.renew_recovery_codes(ann, "123456")


def test_a_new_secret_replaces_one_that_was_not_confirmed(core: Core, ann) -> None:
    old = App(core, core.manage_totp.begin(ann, PASSWORD).secret)
    new = App(core, core.manage_totp.begin(ann, PASSWORD).secret)
    with pytest.raises(InvalidCode):
        core.manage_totp.confirm(ann, old.code())
    assert len(set(core.manage_totp.confirm(ann, new.code()))) == 10


def test_new_recovery_codes_end_the_old_ones(core: Core, ann) -> None:
    app = set_up(core, ann)
    new = core.manage_totp.renew_recovery_codes(ann, app.recovery_codes[0])
    assert not set(new) & set(app.recovery_codes)
    with pytest.raises(InvalidCode):
        log_in(core, app.recovery_codes[1])
    assert log_in(core, new[0])


def test_turning_it_off_ends_the_other_sessions(core: Core) -> None:
    ann = core.user("ann", email="ann@example.com")
    app = set_up(core, ann)
    other, here = log_in(core, app.code()), log_in(core, app.code())
    core.manage_totp.turn_off(core.authenticate(here.access_token, "").actor, PASSWORD, app.code())
    assert (works(core, other), works(core, here)) == (False, True)
    assert own_factors(core, ann) == OwnFactors()
    assert mails(core)[-1] is AccountEvent.TOTP_OFF
    assert log_in(core)


def test_an_administrator_resets_all_second_factors(core: Core, root) -> None:
    ann = core.user("ann", email="ann@example.com")
    app = set_up(core, ann)
    stored_passkey(core.store, ann.user_id)
    held = log_in(core, app.code())
    core.reset_factors(root, ann.user_id)
    assert not works(core, held)
    assert own_factors(core, ann) == OwnFactors()
    assert actions(core)[0] == ("user.reset_factors", "ann", 'authenticator: true -> null, passkeys: "1" -> null')
    assert mails(core)[-1] is AccountEvent.FACTORS_RESET
    assert log_in(core)


def test_a_reset_of_nothing_changes_nothing(core: Core, root, ann, bob) -> None:
    held, before = log_in(core), actions(core)
    core.reset_factors(root, ann.user_id)
    assert works(core, held)
    assert actions(core) == before
    with pytest.raises(NotFound):
        core.reset_factors(root, type(ann.user_id)(999))
    with pytest.raises(Forbidden):
        core.reset_factors(bob, ann.user_id)


def test_administrators_who_reset_their_own_stay_logged_in(core: Core) -> None:
    root = core.user("ann", Role.ADMIN)
    app = set_up(core, root)
    other, here = log_in(core, app.code()), log_in(core, app.code())
    core.reset_factors(core.authenticate(here.access_token, "").actor, root.user_id)
    assert (works(core, other), works(core, here)) == (False, True)


def test_passkeys_alone_are_asked_for_only_where_a_second_factor_is_demanded(core: Core, ann) -> None:
    stored_passkey(core.store, ann.user_id)
    assert log_in(core)
    demand(core, SecondFactorPolicy.ADMINS)
    actor = session(core)
    demand(core, SecondFactorPolicy.EVERYONE)
    for _ in range(2 * FAILURES):
        with pytest.raises(PasskeyRequired):
            log_in(core)
        with pytest.raises(PasskeyRequired):
            core.reauthenticate(actor, PASSWORD)
    app = set_up(core, ann)
    assert log_in(core, app.code())


@pytest.mark.parametrize("sign_in", SignIn)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("policy", SecondFactorPolicy)
def test_the_policy_holds_at_the_next_request(core: Core, policy, role, sign_in) -> None:
    ann = core.user("ann", role)
    with core.new_uow() as uow:
        held = core.issuer.log_in(uow, uow.users.get(ann.user_id), ORIGIN, sign_in)
        uow.commit()
    caller = core.authenticate(held.access_token, "")
    assert not caller.must_set_up_second_factor
    demand(core, policy)
    is_out = policy.demands_of(role) and sign_in is not SignIn.SSO
    elsewhere = core.other_process()
    assert elsewhere.authenticate(held.access_token, "").must_set_up_second_factor is is_out
    assert elsewhere.authenticate.ended([caller.claims]) == ({caller.claims} if is_out else set())
    assert elsewhere.refresh_session(held.refresh_token).must_set_up_second_factor is is_out
    set_up(core, ann)
    assert not elsewhere.authenticate(held.access_token, "").must_set_up_second_factor
    assert elsewhere.authenticate.ended([caller.claims]) == set()


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
    core.end_session(actor, actor.session_id)
    with pytest.raises(Unauthenticated):
        core.reauthenticate(actor, PASSWORD)


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


def opened_by_a_former_version(core: Core) -> LoggedIn:
    """Return a session whose opening knew no second factors, and did not note the proof."""
    held = log_in(core)
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


def test_a_repeated_transaction_takes_a_code_once(core: Core, ann) -> None:
    app = set_up(core, ann)
    core.faults.append(TransactionConflict("deadlock"))
    assert log_in(core, app.code())
    assert own_factors(core, ann).has_totp


def test_no_secret_is_in_the_audit_log(core: Core, root) -> None:
    ann = core.user("ann", email="ann@example.com")
    app = set_up(core, ann)
    secrets = [app._totp.secret, PASSWORD, *app.recovery_codes]
    log_in(core, app.recovery_codes[0])
    secrets += core.manage_totp.renew_recovery_codes(ann, app.code())
    core.manage_totp.turn_off(ann, PASSWORD, app.code())
    written = repr(core.audit())
    assert [secret for secret in secrets if secret in written] == []
