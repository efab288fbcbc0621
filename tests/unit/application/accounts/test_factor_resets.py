"""Turn a second factor off, or lose it and let an administrator reset it."""

import pytest

from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.errors import Forbidden, NotFound
from tests.contracts.builders import stored_passkey
from tests.unit.application.accounts.authenticator import actions, log_in, mails, own_factors, set_up, works
from tests.unit.application.core import PASSWORD, Core


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
