import pytest

from monitor.domain.accounts.actors import Role, UserId
from monitor.domain.accounts.errors import UsernameTaken
from monitor.domain.errors import InvalidInput, NotFound
from tests.unit.application.core import ORIGIN, PASSWORD, Core


def test_a_created_user_can_log_in(core: Core, root) -> None:
    created = core.create_user(root, username="  eve ", password=PASSWORD, role=Role.ADMIN, email="eve@example.com")

    assert (created.username, created.role, created.email) == ("eve", Role.ADMIN, "eve@example.com")
    assert core.stored_user(created.id) == created
    assert core.log_in("EVE", PASSWORD, ORIGIN).user == created


def test_a_user_is_no_administrator_by_default(core: Core, root) -> None:
    assert core.create_user(root, username="eve", password=PASSWORD).role is Role.USER


@pytest.mark.parametrize("name", ["ann", "ANN", " Ann ", "\uff21nn"])
def test_names_are_unique_in_any_spelling(core: Core, root, ann, name: str) -> None:
    with pytest.raises(UsernameTaken):
        core.create_user(root, username=name, password=PASSWORD)
    assert len(core.store.queries.users.all(root)) == 2


@pytest.mark.parametrize("name", ["", "  ", "a\tb", "x" * 51])
def test_a_bad_name_is_refused(core: Core, root, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        core.create_user(root, username=name, password=PASSWORD)
    assert set(refusal.value.problems) == {"username"}


def test_an_email_can_be_set_changed_and_removed(core: Core, root, ann) -> None:
    assert core.change_user(root, ann.user_id, email="ann@example.com").email == "ann@example.com"
    assert core.change_user(root, ann.user_id, role=Role.ADMIN).email == "ann@example.com"
    assert core.change_user(root, ann.user_id, email=None).email is None
    assert core.stored_user(ann.user_id).email is None


def test_a_bad_email_changes_nothing(core: Core, root, ann) -> None:
    before = core.stored_user(ann.user_id)
    with pytest.raises(InvalidInput):
        core.change_user(root, ann.user_id, role=Role.ADMIN, email="no address")
    assert core.stored_user(ann.user_id) == before


def test_an_unknown_user_is_not_found(core: Core, root) -> None:
    nobody = UserId(4711)
    with pytest.raises(NotFound):
        core.change_user(root, nobody, email=None)
    with pytest.raises(NotFound):
        core.delete_user(root, nobody)
    with pytest.raises(NotFound):
        core.reset_password(root, username="nobody", password=PASSWORD)


def test_deleting_a_user_removes_links_and_sessions_and_nothing_else(core: Core, root, ann, bob) -> None:
    server = core.server(linked=[ann, bob])
    key, _ = core.create_api_key(ann, name="web", server_id=server.id)
    core.log_in("ann", PASSWORD, ORIGIN)

    core.delete_user(root, ann.user_id)

    assert core.stored_server(server.id).user_ids == {bob.user_id}
    assert core.store.queries.users.sessions(ann, core.clock.now()) == []
    assert [kept.id for kept in core.store.queries.api_keys.all(bob)] == [key.id]


def test_changes_of_accounts_are_in_the_audit_log(core: Core, root, ann, bob) -> None:
    core.create_user(root, username="eve", password=PASSWORD)
    core.change_user(root, ann.user_id, role=Role.ADMIN)
    core.reset_password(root, username="ann", password="another horse")
    core.delete_user(root, bob.user_id)

    log = [(e.username, e.action, e.target, e.detail) for e in reversed(core.audit())]
    assert log == [
        ("root", "user.create", "eve", 'role: null -> "user", alert_level: null -> "warning"'),
        ("root", "user.update", "ann", 'role: "user" -> "admin"'),
        ("root", "user.reset_password", "ann", ""),
        ("root", "user.delete", "bob", 'role: "user" -> null, alert_level: "warning" -> null'),
    ]


def test_the_audit_log_holds_no_password(core: Core, root, ann) -> None:
    core.create_user(root, username="eve", password="eve's own secret")
    core.reset_password(root, username="ann", password="ann's new secret")
    with pytest.raises(InvalidInput):
        core.change_password(ann, old_password="guessed secret", new_password="chosen secret", origin=ORIGIN)
    assert "secret" not in repr(core.audit())
