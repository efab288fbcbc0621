"""Only administrators manage accounts and fleet keys."""

from collections.abc import Callable

import pytest

from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.errors import Forbidden
from tests.unit.application.core import PASSWORD, Core

ADMINISTRATION: dict[str, Callable[[Core, Actor, Actor], object]] = {
    "create a user": lambda core, actor, _: core.create_user(actor, username="eve", password=PASSWORD),
    "change a user": lambda core, actor, other: core.change_user(actor, other.user_id, role=Role.ADMIN),
    "change themselves": lambda core, actor, _: core.change_user(actor, actor.user_id, role=Role.ADMIN),
    "reset a password": lambda core, actor, other: core.reset_password(
        actor, username=other.username, password=PASSWORD
    ),
    "delete a user": lambda core, actor, other: core.delete_user(actor, other.user_id),
    "make a fleet key": lambda core, actor, _: core.create_api_key(actor, name="fleet", server_id=None),
    "list users": lambda core, actor, _: core.store.queries.users.all(actor),
    "read the audit log": lambda core, actor, _: core.store.queries.audit.newest(actor, limit=10),
    "see unregistered hosts": lambda core, actor, _: core.store.queries.servers.unregistered(actor),
}


@pytest.mark.parametrize("act", ADMINISTRATION.values(), ids=ADMINISTRATION)
def test_a_user_may_not(core: Core, root, ann, bob, act) -> None:
    with pytest.raises(Forbidden):
        act(core, ann, bob)
    assert [(u.username, u.role) for u in core.store.queries.users.all(root)] == [
        ("root", Role.ADMIN),
        ("ann", Role.USER),
        ("bob", Role.USER),
    ]
    assert core.audit() == []


@pytest.mark.parametrize("act", ADMINISTRATION.values(), ids=ADMINISTRATION)
def test_an_admin_may(core: Core, root, bob, act) -> None:
    core.admin("second")
    act(core, root, bob)
