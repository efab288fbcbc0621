import pytest

from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.fleet.errors import InvalidApiKey
from tests.unit.application.core import Core


def test_the_text_is_shown_once_and_kept_nowhere(core: Core, ann) -> None:
    server = core.server(linked=[ann])
    key, text = core.create_api_key(ann, name=" web ", server_id=server.id)
    assert (key.name, key.server_id, key.owner_id, key.last_used_at) == ("web", server.id, ann.user_id, None)
    assert core.key_of(text) == key
    assert text.startswith(key.prefix)
    assert len(text) >= len(key.prefix) + 24
    [stored] = core.store.queries.api_keys.all(ann)
    assert text not in repr(stored)
    assert text not in repr(core.audit())


def test_two_may_be_valid_at_once(core: Core, ann) -> None:
    """For rotation: the new one is in place before the old one goes."""
    server = core.server(linked=[ann])
    (old, old_text), (new, new_text) = [core.create_api_key(ann, name="web", server_id=server.id) for _ in range(2)]
    assert (core.key_of(old_text), core.key_of(new_text)) == (old, new)
    core.revoke_api_key(ann, old.id)
    with pytest.raises(InvalidApiKey):
        core.key_of(old_text)
    assert core.key_of(new_text) == new


def test_a_revoked_one_stops_in_every_process(core: Core, ann) -> None:
    server = core.server(linked=[ann])
    key, text = core.create_api_key(ann, name="web", server_id=server.id)
    elsewhere = core.other_process()
    assert elsewhere.key_of(text) == key
    core.revoke_api_key(ann, key.id)
    elsewhere.fleet.poll()
    with pytest.raises(InvalidApiKey):
        elsewhere.key_of(text)


def test_a_key_goes_with_its_server(core: Core, ann) -> None:
    server = core.server(linked=[ann])
    _, text = core.create_api_key(ann, name="web", server_id=server.id)
    core.delete_server(ann, server.id)
    with pytest.raises(InvalidApiKey):
        core.key_of(text)


@pytest.mark.parametrize("text", ["", "mk_made_up", "é"])
def test_an_unknown_one_is_refused(core: Core, text: str) -> None:
    with pytest.raises(InvalidApiKey):
        core.key_of(text)


def test_linked_users_see_and_revoke_keys(core: Core, root, ann, bob) -> None:
    server = core.server(linked=[ann])
    key, text = core.create_api_key(root, name="web", server_id=server.id)
    fleet_key = core.fleet_key(root)
    assert [k.id for k in core.store.queries.api_keys.all(root)] == [key.id, fleet_key.id]
    assert [k.id for k in core.store.queries.api_keys.all(ann)] == [key.id]
    assert core.store.queries.api_keys.all(bob) == []
    for actor, hidden in ((bob, key), (bob, fleet_key), (ann, fleet_key)):
        with pytest.raises(NotFound):
            core.revoke_api_key(actor, hidden.id)
    assert core.key_of(text)
    core.revoke_api_key(ann, key.id)
    core.revoke_api_key(root, fleet_key.id)
    assert core.store.queries.api_keys.all(root) == []


def test_revoking_twice_is_not_found(core: Core, root) -> None:
    key = core.fleet_key(root)
    core.revoke_api_key(root, key.id)
    with pytest.raises(NotFound):
        core.revoke_api_key(root, key.id)


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 101])
def test_a_bad_name_is_refused(core: Core, root, name: str) -> None:
    with pytest.raises(InvalidInput):
        core.create_api_key(root, name=name, server_id=None)
    assert core.store.queries.api_keys.all(root) == []


def test_keys_are_in_the_audit_log(core: Core, root, ann) -> None:
    server = core.server(linked=[ann], name="web")
    key, _ = core.create_api_key(ann, name="mine", server_id=server.id)
    fleet_key = core.fleet_key(root)
    core.revoke_api_key(root, key.id)
    assert [(e.username, e.action, e.target, e.detail) for e in core.audit()[:3]] == [
        ("root", "api_key.revoke", "mine", f"{key.prefix}…"),
        ("root", "api_key.create", "fleet", f"{fleet_key.prefix}… for fleet"),
        ("ann", "api_key.create", "mine", f"{key.prefix}… for web"),
    ]
