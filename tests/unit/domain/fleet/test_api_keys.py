import pytest

from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.audit import AuditEntry, entry
from monitor.domain.errors import Forbidden, InvalidInput
from monitor.domain.fleet.api_keys import digest, key_text, shown_prefix
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import ADMIN, AT, NOBODY, a_key

SECRET = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"


def test_a_key_says_what_it_is_for():
    """So that one found in a shell's history can be recognised and revoked."""
    assert key_text(SECRET, ServerId(1)) == "mk_" + SECRET
    assert key_text(SECRET, None) == "mf_" + SECRET


def test_the_part_that_lists_show_is_not_enough_to_use_a_key():
    text = key_text(SECRET, None)
    assert shown_prefix(text) == "mf_AbCdEfGh"
    assert len(text) - len(shown_prefix(text)) >= 24


def test_the_digest_is_of_the_whole_text():
    assert digest("mk_" + SECRET) != digest("mf_" + SECRET)
    assert len(digest(SECRET)) == 32


@pytest.mark.parametrize(("name", "code"), [("", "empty"), ("x" * 101, "too_long"), ("a\nb", "control_characters")])
def test_a_key_has_a_name(name, code):
    with pytest.raises(InvalidInput) as caught:
        a_key(name)
    assert caught.value.problems["name"].code == code


def test_only_admins_are_admins():
    ADMIN.must_be_admin()
    with pytest.raises(Forbidden):
        NOBODY.must_be_admin()


def test_an_audit_entry_says_who_did_what_from_where():
    actor = Actor(user_id=UserId(7), username="alice", role=Role.USER, address="192.0.2.1")
    assert entry(actor, AT, "server.delete", "web", "192.0.2.9") == AuditEntry(
        at=AT,
        action="server.delete",
        target="web",
        detail="192.0.2.9",
        user_id=UserId(7),
        username="alice",
        address="192.0.2.1",
    )
