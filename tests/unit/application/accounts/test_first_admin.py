"""The first administrator of a database without users."""

import pytest

from monitor.domain.accounts.actors import Role
from monitor.domain.errors import InvalidInput
from tests.unit.application.core import ORIGIN, PASSWORD, ROOT, Core


def test_it_is_called_admin_and_has_the_given_password(core: Core) -> None:
    assert core.ensure_first_admin(PASSWORD)
    user = core.log_in("admin", PASSWORD, ORIGIN).user
    assert (user.role, user.has_default_password, user.has_common_password) == (Role.ADMIN, False, False)


def test_it_is_created_once(core: Core) -> None:
    assert core.ensure_first_admin(PASSWORD)
    assert not core.ensure_first_admin("another password")
    assert len(core.store.queries.users.all(ROOT)) == 1
    assert core.log_in("admin", PASSWORD, ORIGIN)


def test_a_database_with_users_is_unchanged(core: Core, ann) -> None:
    assert not core.ensure_first_admin(PASSWORD)
    assert [user.username for user in core.store.queries.users.all(ROOT)] == ["ann"]


def test_the_documented_default_is_accepted_and_marked(core: Core) -> None:
    assert core.ensure_first_admin("admin123")
    user = core.log_in("admin", "admin123", ORIGIN).user
    assert user.has_default_password
    assert user.has_common_password


@pytest.mark.parametrize("password", ["short", "admin1234", "password123", "x" * 129])
def test_any_other_weak_password_is_refused(core: Core, password: str) -> None:
    with pytest.raises(InvalidInput):
        core.ensure_first_admin(password)
    assert core.store.queries.users.all(ROOT) == []


def test_two_processes_that_start_at_once_create_one(core: Core) -> None:
    other = core.other_process()
    core.while_hashing(lambda: other.ensure_first_admin("the other's password"))
    assert not core.ensure_first_admin(PASSWORD)
    assert core.log_in("admin", "the other's password", ORIGIN)
    assert len(core.store.queries.users.all(ROOT)) == 1
