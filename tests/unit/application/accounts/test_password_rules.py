"""Passwords: 8 to 128 characters, not the user's name, and not common except for the documented examples."""

from collections.abc import Callable

import pytest

from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.errors import InvalidInput, Problem
from tests.unit.application.core import ORIGIN, PASSWORD, Core

Give = Callable[[Core, Actor, str, Role], object]
COMMON = "password123"


def create(core: Core, root: Actor, password: str, role: Role) -> object:
    return core.create_user(root, username="penelope", password=password, role=role)


def reset(core: Core, root: Actor, password: str, role: Role) -> object:
    core.user("penelope", role)
    return core.reset_password(root, username="Penelope", password=password)


def change(core: Core, root: Actor, password: str, role: Role) -> object:
    return core.change_password(
        core.user("penelope", role), old_password=PASSWORD, new_password=password, origin=ORIGIN
    )


every_way = pytest.mark.parametrize("give", [create, reset, change])


@every_way
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "too_short"),
        ("x" * 7, "too_short"),
        ("x" * 129, "too_long"),
        ("penelope", "password_is_username"),
        ("PENELOPE", "password_is_username"),
        ("nul\0inside", "control_characters"),
        ("surrogate\ud800", "control_characters"),
    ],
)
def test_a_bad_password_is_refused(core: Core, root, give: Give, role: Role, password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        give(core, root, password, role)
    assert [problem.code for problem in refusal.value.problems.values()] == [code]


@every_way
@pytest.mark.parametrize("password", ["x" * 8, "x" * 128, "密码密码密码密码", "penelope's"])
def test_the_longest_and_the_shortest_are_accepted(core: Core, root, give: Give, password: str) -> None:
    give(core, root, password, Role.ADMIN)
    assert core.log_in("penelope", password, ORIGIN).user.username == "penelope"


@every_way
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("password", ["iloveyou", "PassWord123", "Sunshine2026!"])
def test_a_common_password_is_refused(core: Core, root, give: Give, password: str, role: Role) -> None:
    with pytest.raises(InvalidInput) as refusal:
        give(core, root, password, role)
    assert list(refusal.value.problems.values()) == [Problem("common_password")]


@pytest.mark.parametrize("give", [create, reset])
def test_the_documented_example_may_be_given_to_users_and_is_marked(core: Core, root, give: Give) -> None:
    give(core, root, COMMON, Role.USER)
    assert core.log_in("penelope", COMMON, ORIGIN).user.has_common_password
    core = Core()
    with pytest.raises(InvalidInput):
        give(core, core.admin(), COMMON, Role.ADMIN)


def test_users_cannot_choose_the_documented_example_themselves(core: Core, root) -> None:
    with pytest.raises(InvalidInput):
        change(core, root, COMMON, Role.USER)


@every_way
def test_other_passwords_are_not_marked(core: Core, root, give: Give) -> None:
    give(core, root, "an uncommon password", Role.USER)
    assert not core.log_in("penelope", "an uncommon password", ORIGIN).user.has_common_password


def test_a_user_with_a_common_password_is_not_promoted(core: Core, root) -> None:
    eve = core.create_user(root, username="eve", password=COMMON)
    with pytest.raises(InvalidInput) as refusal:
        core.change_user(root, eve.id, role=Role.ADMIN)
    assert refusal.value.problems == {"role": Problem("common_password")}
    assert core.stored_user(eve.id) == eve

    core.reset_password(root, username="eve", password=PASSWORD)
    assert core.change_user(root, eve.id, role=Role.ADMIN).role is Role.ADMIN


def test_a_promotion_during_the_hash_does_not_accept_a_common_password(core: Core, root, ann) -> None:
    """A slow hash leaves time for another administrator's change."""
    core.while_hashing(lambda: core.change_user(root, ann.user_id, role=Role.ADMIN))
    with pytest.raises(InvalidInput):
        core.reset_password(root, username="ann", password=COMMON)
    assert not core.stored_user(ann.user_id).has_common_password
    assert core.log_in("ann", PASSWORD, ORIGIN).user.role is Role.ADMIN
