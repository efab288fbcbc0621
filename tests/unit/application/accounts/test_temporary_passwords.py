"""With a password that another person set, a user can only change it."""

import pytest

from monitor.domain.accounts.actors import Actor
from tests.unit.application.core import ORIGIN, Core

GIVEN, OWN = "given by root", "chosen by oneself"


def must_change(core: Core, password: str = GIVEN, name: str = "eve") -> bool:
    logged_in = core.log_in(name, password, ORIGIN)
    return core.authenticate(logged_in.access_token, "").must_change_password


@pytest.fixture
def eve(core: Core, root) -> Actor:
    user = core.create_user(root, username="eve", password=GIVEN, is_temporary=True)
    return Actor(user_id=user.id, username=user.username, role=user.role)


def test_the_user_of_a_new_account_changes_it_once(core: Core, eve) -> None:
    assert must_change(core)
    core.change_password(eve, old_password=GIVEN, new_password=OWN, origin=ORIGIN)
    assert not must_change(core, OWN)


def test_a_reset_password_must_be_changed_too(core: Core, root, eve) -> None:
    core.change_password(eve, old_password=GIVEN, new_password=OWN, origin=ORIGIN)
    core.reset_password(root, username="eve", password=GIVEN, is_temporary=True)
    assert must_change(core)


def test_it_must_be_changed_even_if_the_default_password_is_allowed(core: Core, eve) -> None:
    core.allows_default_password = True
    assert must_change(core)


def test_a_reset_of_ones_own_password_is_not_temporary(core: Core, root) -> None:
    core.reset_password(root, username="root", password=GIVEN, is_temporary=True)
    assert not must_change(core, name="root")


def test_an_embedder_decides(core: Core, root) -> None:
    core.create_user(root, username="eve", password=GIVEN)
    assert not must_change(core)
