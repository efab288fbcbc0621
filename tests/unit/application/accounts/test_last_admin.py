"""There is always an administrator, and administrators can't delete themselves."""

import threading

import pytest

from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.accounts.errors import LastAdmin, OwnAccount
from monitor.domain.errors import MonitorError
from tests.unit.application.core import Core


def test_the_last_admin_is_not_demoted(core: Core, root, ann) -> None:
    with pytest.raises(LastAdmin):
        core.change_user(root, root.user_id, role=Role.USER)
    assert core.stored_user(root.user_id).role is Role.ADMIN


def test_other_changes_of_the_last_admin_are_allowed(core: Core, root) -> None:
    assert core.change_user(root, root.user_id, role=Role.ADMIN, email="r@example.com").email == "r@example.com"


def test_the_last_admin_is_not_deleted(core: Core, root) -> None:
    """The actor was demoted a moment ago."""
    former = core.admin("former")
    core.change_user(root, former.user_id, role=Role.USER)
    with pytest.raises(LastAdmin):
        core.delete_user(former, root.user_id)
    assert core.stored_user(root.user_id).role is Role.ADMIN


def test_one_of_two_admins_can_be_deleted(core: Core, root) -> None:
    second, third = core.admin("second"), core.admin("third")
    core.change_user(root, second.user_id, role=Role.USER)
    core.delete_user(root, third.user_id)
    assert [user.username for user in core.store.queries.users.all(root)] == ["root", "second"]


@pytest.mark.parametrize("others", [0, 2])
def test_admins_cannot_delete_themselves(core: Core, root, others: int) -> None:
    for number in range(others):
        core.admin(f"admin {number}")
    with pytest.raises(OwnAccount):
        core.delete_user(root, root.user_id)
    assert core.stored_user(root.user_id).username == "root"


def test_admins_who_demote_each_other_at_once_leave_one(core: Core) -> None:
    admins = [core.admin(f"admin {number}") for number in range(8)]
    barrier = threading.Barrier(len(admins))

    def demote(actor: Actor, target: Actor) -> None:
        barrier.wait()
        try:
            core.change_user(actor, target.user_id, role=Role.USER)
        except MonitorError as error:
            refusals.append(error)

    refusals: list[MonitorError] = []
    threads = [
        threading.Thread(target=demote, args=(a, b)) for a, b in zip(admins, admins[1:] + admins[:1], strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(refusal) for refusal in refusals] == [LastAdmin]
    assert [u.role for u in core.store.queries.users.all(admins[0])].count(Role.ADMIN) == 1
