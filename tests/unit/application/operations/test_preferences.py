"""Who must have a second factor is decided by an administrator, in person and after a fresh log-in."""

from dataclasses import replace

import pytest

from monitor.application.operations.preferences import ChangePreferences
from monitor.domain.accounts.actors import FRESH, Actor, PersonalTokenId, Role, SessionId, UserId
from monitor.domain.accounts.errors import NotForTokens, ReauthenticationRequired
from monitor.domain.accounts.factors import SecondFactorPolicy
from tests.unit.application.core import Core

POLICY = {"second_factor": SecondFactorPolicy.EVERYONE}


def test_the_policy_asks_for_a_person_with_a_fresh_log_in(core: Core) -> None:
    change = ChangePreferences(core.new_uow, core.clock)
    account = Actor(user_id=UserId(1), username="admin", role=Role.ADMIN)
    admin = replace(account, session_id=SessionId("any"), authenticated_at=core.clock.now())
    token = replace(account, token_id=PersonalTokenId(1))
    assert change(admin, POLICY).second_factor is SecondFactorPolicy.EVERYONE
    with pytest.raises(NotForTokens):
        change(token, POLICY)
    core.clock.advance(FRESH * 2)
    with pytest.raises(ReauthenticationRequired):
        change(admin, POLICY)
    assert change(token, {"digest_wait": 20}).digest_wait == 20
    assert change(admin, {"digest_wait": 30}).digest_wait == 30


def test_only_what_changes_is_written(core: Core) -> None:
    """Else a change that another makes at the same moment, as of whom a deleted person is handed over to, is undone."""
    change = ChangePreferences(core.new_uow, core.clock)
    admin = Actor(user_id=UserId(1), username="admin", role=Role.ADMIN)
    change(admin, {"digest_wait": 20, "last_resort": (("user", 1),)})
    change(admin, {"reminder_after": 60})
    with core.new_uow() as uow:
        assert {"digest_wait": 20, "last_resort": "user:1", "reminder_after": 60} == uow.preferences.all()
