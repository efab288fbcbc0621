"""Personal tokens: made, used and ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.accounts.authentication import Caller
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import FRESH, Actor, PersonalTokenId, Role, SessionId
from monitor.domain.accounts.errors import ReauthenticationRequired
from monitor.domain.accounts.personal_tokens import PersonalToken, TokenScope
from monitor.domain.accounts.sessions import Ended
from monitor.domain.errors import InvalidInput, NotFound, StorageUnavailable, Unauthenticated
from tests.unit.application.core import ORIGIN, PASSWORD, Core

ADDRESS = "203.0.113.7"


def made(core: Core, owner: Actor, scope: TokenScope = TokenScope.WRITE, **more) -> tuple[PersonalToken, str]:
    return core.create_token(owner, name="backup", scope=scope, **more)


def text_of(core: Core, owner: Actor, **more) -> str:
    return made(core, owner, **more)[1]


def listed(core: Core, owner: Actor) -> list[PersonalToken]:
    return core.store.queries.personal_tokens.all(owner)


def works(core: Core, text: str) -> bool:
    try:
        core.authenticate(text, ADDRESS)
    except Unauthenticated:
        return False
    return True


def test_it_acts_for_its_owner(core: Core, ann) -> None:
    token, text = made(core, ann)
    caller = core.authenticate(text, ADDRESS)
    assert replace(ann, token_id=token.id, address=ADDRESS) == caller.actor
    assert (token.id, "") == (caller.claims.token_id, caller.claims.session_id)
    assert not caller.must_change_password
    assert not caller.reads_only
    assert core.authenticate(text_of(core, ann, scope=TokenScope.READ), ADDRESS).reads_only


def test_its_text_is_not_stored(core: Core, ann) -> None:
    token, text = made(core, ann)
    assert [token] == listed(core, ann)
    assert text.startswith(token.prefix)
    assert text not in repr(listed(core, ann))
    assert [] == [entry for entry in core.audit() if text in repr(entry)]


def test_making_and_revoking_are_audited(core: Core, ann) -> None:
    token, _ = made(core, ann, expires_at=core.clock.now() + timedelta(days=1))
    core.revoke_token(ann, token.id)
    values = [f'"{token.prefix}…"', '"write"', '"2030-01-02 12:00:00"']
    revoked = "token: {} -> null, token_scope: {} -> null, expires_at: {} -> null".format(*values)
    created = "token: null -> {}, token_scope: null -> {}, expires_at: null -> {}".format(*values)
    assert [("token.revoke", "backup", revoked), ("token.create", "backup", created)] == [
        (entry.action, entry.target, entry.detail) for entry in core.audit()
    ]


@pytest.mark.parametrize("email", ["ann@example.com", None])
def test_its_owner_gets_a_mail(core: Core, email: str | None) -> None:
    ann = replace(core.user("ann", email=email), address=ADDRESS)
    made(core, ann)
    mails = list(core.store._database.state.account_mails.values())
    expected = [] if email is None else [(email, AccountEvent.TOKEN_CREATED, "backup", "ann", ADDRESS)]
    assert expected == [(mail.email, mail.event, mail.name, mail.changed_by, mail.address) for mail in mails]


def test_one_that_writes_needs_a_fresh_log_in(core: Core, ann) -> None:
    stale = replace(ann, session_id=SessionId("any"), authenticated_at=core.clock.now() - FRESH - timedelta(seconds=1))
    with pytest.raises(ReauthenticationRequired):
        made(core, stale)
    made(core, stale, TokenScope.READ)
    assert [TokenScope.READ] == [token.scope for token in listed(core, ann)]


@pytest.mark.parametrize("days", [-1, 0, 4000])
def test_a_bad_expiry_stores_nothing(core: Core, ann, days: int) -> None:
    with pytest.raises(InvalidInput):
        made(core, ann, expires_at=core.clock.now() + timedelta(days=days))
    assert ([], []) == (listed(core, ann), core.audit())


def test_the_owner_alone_revokes_it(core: Core, root, ann) -> None:
    token, text = made(core, ann)
    for actor, token_id in [(root, token.id), (ann, PersonalTokenId(4711))]:
        with pytest.raises(NotFound):
            core.revoke_token(actor, token_id)
    assert works(core, text)
    core.revoke_token(ann, token.id)
    assert not works(core, text)


@pytest.mark.parametrize("text", ["mon_", "mon_" + "x" * 43, "mon_" + "x" * 5000, "mon_\ud800", "mon_ 'or' 1=1"])
def test_an_unknown_one_is_refused(core: Core, ann, text: str) -> None:
    made(core, ann)
    with pytest.raises(Unauthenticated) as refusal:
        core.authenticate(text, ADDRESS)
    assert refusal.value.ended is None


def test_it_expires(core: Core, ann) -> None:
    text = text_of(core, ann, expires_at=core.clock.now() + timedelta(hours=1))
    core.clock.advance(3599)
    assert works(core, text)
    core.clock.advance(1)
    with pytest.raises(Unauthenticated) as refusal:
        core.authenticate(text, ADDRESS)
    assert Ended.EXPIRED is refusal.value.ended


def test_it_has_the_present_role_of_its_owner(core: Core, root) -> None:
    second = core.admin("second")
    text = text_of(core, second)
    core.change_user(root, second.user_id, role=Role.USER)
    assert Role.USER is core.authenticate(text, ADDRESS).actor.role


def test_it_ends_with_its_owner(core: Core, root, ann) -> None:
    text = text_of(core, ann)
    core.delete_user(root, ann.user_id)
    assert not works(core, text)


def test_it_outlives_sessions_and_passwords(core: Core, ann) -> None:
    text = text_of(core, ann)
    core.log_out(ann)
    core.change_password(ann, old_password=PASSWORD, new_password="another password", origin=ORIGIN)
    assert works(core, text)


def test_it_waits_for_a_password_that_must_be_changed(core: Core, root, ann) -> None:
    text = text_of(core, ann)
    core.reset_password(root, username="ann", password="another password", is_temporary=True)
    assert core.authenticate(text, ADDRESS).must_change_password


ENDINGS: dict[str, Callable[[Core, Actor, Actor, PersonalToken], object]] = {
    "revocation": lambda core, root, ann, token: core.revoke_token(ann, token.id),
    "expiry": lambda core, root, ann, token: core.clock.advance(timedelta(days=1)),
    "deletion": lambda core, root, ann, token: core.delete_user(root, ann.user_id),
    "another role": lambda core, root, ann, token: core.change_user(root, ann.user_id, role=Role.ADMIN),
}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_what_it_opened_ends_with_it(core: Core, root, ann, bob, end) -> None:
    token, text = made(core, ann, expires_at=core.clock.now() + timedelta(days=1))
    held = [core.authenticate(each, ADDRESS).claims for each in (text, text_of(core, bob))]
    session = core.authenticate(core.log_in("bob", PASSWORD, ORIGIN).access_token, ADDRESS).claims
    assert set() == core.authenticate.ended([*held, session])
    end(core, root, ann, token)
    assert held[0] in core.authenticate.ended(held)
    assert held[1] not in core.authenticate.ended(held)
    with pytest.raises(Unauthenticated):
        core.authenticate.by_claims(held[0], ADDRESS)


def test_a_ticket_stands_for_it(core: Core, ann) -> None:
    token, text = made(core, ann)
    caller: Caller = core.authenticate(text, ADDRESS)
    ticket = core.live_tickets.issue(caller.claims)
    assert caller == core.authenticate.by_claims(core.live_tickets.redeem(ticket), ADDRESS)
    late = core.live_tickets.issue(caller.claims)
    core.revoke_token(ann, token.id)
    with pytest.raises(Unauthenticated):
        core.authenticate.by_claims(core.live_tickets.redeem(late), ADDRESS)


def uses(core: Core, owner: Actor) -> list[tuple[object, str | None]]:
    core.token_uses()
    return [(token.last_used_at, token.last_address) for token in listed(core, owner)]


def test_its_last_use_is_stored_at_most_once_a_minute(core: Core, ann) -> None:
    text, begun = text_of(core, ann), core.clock.now()
    text_of(core, ann)
    assert [(None, None)] * 2 == uses(core, ann)
    core.authenticate(text, "192.0.2.1")
    assert (begun, "192.0.2.1") == uses(core, ann)[0]
    core.clock.advance(30)
    core.authenticate(text, "192.0.2.2")
    assert (begun, "192.0.2.1") == uses(core, ann)[0]
    core.clock.advance(30)
    assert [(begun + timedelta(seconds=30), "192.0.2.2"), (None, None)] == uses(core, ann)


def test_a_refused_use_is_none(core: Core, ann) -> None:
    text = text_of(core, ann, expires_at=core.clock.now() + timedelta(hours=1))
    core.clock.advance(3600)
    assert not works(core, text)
    assert [(None, None)] == uses(core, ann)


def test_the_last_uses_are_stored_at_the_end(core: Core, ann) -> None:
    text = text_of(core, ann)
    core.authenticate(text, "192.0.2.1")
    core.token_uses()
    core.clock.advance(1)
    core.authenticate(text, "192.0.2.2")
    core.token_uses(all_of_them=True)
    assert "192.0.2.2" == listed(core, ann)[0].last_address


def test_a_use_that_could_not_be_stored_is_stored_next_time(core: Core, ann) -> None:
    text, begun = text_of(core, ann), core.clock.now()
    core.authenticate(text, "192.0.2.1")
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.token_uses()
    assert [(begun, "192.0.2.1")] == uses(core, ann)


def test_a_use_of_a_revoked_one_is_ignored(core: Core, ann) -> None:
    token, text = made(core, ann)
    core.authenticate(text, "192.0.2.1")
    core.revoke_token(ann, token.id)
    assert [] == uses(core, ann)
