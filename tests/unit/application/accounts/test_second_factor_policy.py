"""Who must have a second factor."""

import pytest

from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.errors import (
    PasskeyRequired,
)
from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.accounts.limits import FAILURES
from monitor.domain.accounts.sessions import SignIn
from tests.contracts.builders import stored_passkey
from tests.unit.application.accounts.authenticator import demand, log_in, session, set_up
from tests.unit.application.core import ORIGIN, PASSWORD, Core


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
    set_up(core, caller.actor)
    assert not elsewhere.authenticate(held.access_token, "").must_set_up_second_factor
    assert elsewhere.authenticate.ended([caller.claims]) == set()
