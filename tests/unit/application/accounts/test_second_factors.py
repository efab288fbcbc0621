"""Set up a second factor, and log in with it."""

from dataclasses import replace

import pytest

from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.errors import (
    CodeRequired,
    InvalidCode,
    InvalidCredentials,
    SecondFactorOff,
    SecondFactorOn,
    TooManyAttempts,
)
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.limits import FAILURES
from monitor.domain.errors import TransactionConflict, Unauthenticated
from tests.unit.application.accounts.authenticator import (
    App,
    actions,
    log_in,
    mails,
    own_factors,
    session,
    set_up,
    works,
)
from tests.unit.application.core import PASSWORD, Core


def test_the_log_in_asks_for_a_code_once_it_is_confirmed(core: Core, ann) -> None:
    core.manage_totp.begin(ann, PASSWORD)
    assert log_in(core)
    app = set_up(core, ann)
    for code in (None, "", "  "):
        with pytest.raises(CodeRequired):
            log_in(core, code)
    logged_in = log_in(core, app.code())
    assert logged_in.factors == OwnFactors(has_totp=True, recovery_codes_left=10)


def test_turning_it_on_ends_the_other_sessions(core: Core, ann) -> None:
    before, own = log_in(core), session(core)
    set_up(core, own)
    assert not works(core, before)
    with pytest.raises(Unauthenticated):
        core.refresh_session(before.refresh_token)
    assert [own.session_id] == [each.id for each in core.store.queries.users.sessions(own, core.clock.now())]


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


def test_a_repeated_transaction_takes_a_code_once(core: Core, ann) -> None:
    app = set_up(core, ann)
    core.faults.append(TransactionConflict("deadlock"))
    assert log_in(core, app.code())
    assert own_factors(core, ann).has_totp


def test_no_secret_is_in_the_audit_log(core: Core, root) -> None:
    ann = core.user("ann", email="ann@example.com")
    app = set_up(core, ann)
    secrets = [app.secret, PASSWORD, *app.recovery_codes]
    log_in(core, app.recovery_codes[0])
    secrets += core.manage_totp.renew_recovery_codes(ann, app.code())
    core.manage_totp.turn_off(ann, PASSWORD, app.code())
    written = repr(core.audit())
    assert [secret for secret in secrets if secret in written] == []
