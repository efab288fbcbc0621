"""With single sign-on alone, sessions of passwords and passkeys end, also those that were begun before."""

import pytest

from monitor.application.accounts.log_in import LogInByLink
from monitor.application.accounts.sessions import LoggedIn
from monitor.domain.accounts.errors import InvalidLink, PasswordLoginDisabled
from monitor.domain.accounts.sessions import Ended, SignIn
from monitor.domain.errors import InvalidInput, Unauthenticated
from tests.unit.application.core import ORIGIN, PASSWORD, Core


def begun(core: Core, sign_in: SignIn) -> LoggedIn:
    ann = core.user("ann")
    with core.new_uow() as uow:
        held = core.issuer.log_in(uow, uow.users.get(ann.user_id), ORIGIN, sign_in)
        uow.commit()
    return held


@pytest.mark.parametrize("sign_in", SignIn)
def test_a_session_lives_on_only_if_it_could_begin_today(core: Core, sign_in: SignIn) -> None:
    held = begun(core, sign_in)
    claims = core.tokens.read(held.access_token, core.clock.now())
    core.takes_passwords = False
    if sign_in in {SignIn.SSO, SignIn.LINK}:
        assert core.authenticate(held.access_token, "").actor.username == "ann"
        assert core.authenticate.ended([claims]) == set()
        assert not core.refresh_session(held.refresh_token).takes_passwords
        return
    with pytest.raises(Unauthenticated) as refusal:
        core.authenticate(held.access_token, "")
    assert refusal.value.ended is Ended.EXPIRED
    assert core.authenticate.ended([claims]) == {claims}
    with pytest.raises(Unauthenticated):
        core.refresh_session(held.refresh_token)


def test_an_account_is_made_without_a_password(core: Core, root) -> None:
    with pytest.raises(InvalidInput) as refusal:
        core.create_user(root, username="eve", password=None)
    assert list(refusal.value.problems) == ["password"]
    core.takes_passwords = False
    assert not core.create_user(root, username="eve", password=None).has_password


def test_refused_log_ins_are_in_the_audit_log(core: Core, ann) -> None:
    core.takes_passwords = False
    with pytest.raises(PasswordLoginDisabled):
        core.log_in("ann", PASSWORD, ORIGIN)
    with pytest.raises(InvalidLink):
        LogInByLink(core.new_uow, core.clock, core.issuer, core.refusals)("never made", ORIGIN)
    noted = {(row.action, row.target, row.detail, row.address) for row in core.audit()}
    assert noted == {
        ("session.login_failed", "", "password log-in disabled", ORIGIN.address),
        ("session.login_failed", "", "link", ORIGIN.address),
    }
