from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.accounts.sessions import LoggedIn
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import FRESH, Actor
from monitor.domain.accounts.errors import (
    InvalidPasskey,
    PasskeyExists,
    PasskeysUnavailable,
    ReauthenticationRequired,
    TooManyAttempts,
)
from monitor.domain.accounts.limits import BEGINNINGS
from monitor.domain.accounts.passkeys import MOST_PASSKEYS, Passkey, PasskeyId, Site
from monitor.domain.accounts.sessions import CHALLENGE_TTL, SignIn
from monitor.domain.errors import InvalidInput, NotFound, TransactionConflict, Unauthenticated
from tests.fakes.device import ORIGIN as AT_SITE
from tests.fakes.device import Device
from tests.unit.application.core import ORIGIN, PASSWORD, Core

SITE = Site(origin=AT_SITE)


class Person:
    """Ann with her device."""

    def __init__(self, core: Core, name: str = "ann", **more: Any) -> None:
        self.core = core
        self.device = Device(counts=True)
        core.user(name, **more)
        self.actor = core.authenticate(core.log_in(name, PASSWORD, ORIGIN).access_token, ORIGIN.address).actor

    def options(self) -> Any:
        return self.core.begin_passkey(self.actor, SITE)

    def answer(self) -> Any:
        return self.device.create(self.options())

    def add(self, name: str = "laptop") -> Passkey:
        return self.core.add_passkey(self.actor, SITE, name=name, answer=self.answer())

    def request(self) -> Any:
        return self.core.begin_passkey_login(SITE, ORIGIN)

    def log_in(self, **changes: Any) -> LoggedIn:
        return self.core.log_in_with_passkey(SITE, replace(self.device, **changes).sign(self.request()), ORIGIN)

    def passkeys(self) -> list[Passkey]:
        return self.core.store.queries.users.passkeys(self.actor)

    def sessions(self) -> list[SignIn]:
        found = self.core.store.queries.users.sessions(self.actor, self.core.clock.now())
        return [session.sign_in for session in found]


@pytest.fixture
def ann(core: Core) -> Person:
    return Person(core, email="ann@example.com")


def events(core: Core) -> list[tuple[str, str]]:
    mails = core.store._database.state.account_mails.in_order()
    return [(mail.event, mail.name) for mail in mails]


def noted(core: Core, action: str) -> list[tuple[str, str]]:
    return [(entry.target, entry.detail) for entry in core.audit() if entry.action == action]


def test_a_passkey_logs_in(core: Core, ann: Person) -> None:
    made = ann.add("my laptop")
    core.clock.advance(60)
    logged_in = ann.log_in()

    assert logged_in.user == core.stored_user(ann.actor.user_id)
    caller = core.authenticate(logged_in.access_token, ORIGIN.address)
    assert caller.actor.authenticated_at == core.clock.now()
    assert sorted(ann.sessions()) == [SignIn.PASSKEY, SignIn.PASSWORD]
    assert ann.passkeys() == [replace(made, sign_count=2, last_used_at=core.clock.now())]
    assert (made.name, made.created_at) == ("my laptop", core.clock.now() - timedelta(seconds=60))
    assert noted(core, "passkey.add") == [("ann", "my laptop")]
    assert noted(core, "session.login") == [("ann", "passkey"), ("ann", "")]
    assert events(core) == [(AccountEvent.PASSKEY_ADDED, "my laptop")]


def test_all_passkeys_of_a_user_have_one_handle(core: Core, ann: Person) -> None:
    assert ann.add("laptop").user_handle == ann.add("phone").user_handle
    assert Person(core, "bob").add().user_handle != ann.passkeys()[0].user_handle
    options = ann.options()
    assert len(options["excludeCredentials"]) == 2
    assert "ann" not in options["user"]["id"]


def test_an_answer_is_good_once(core: Core, ann: Person) -> None:
    answer = ann.answer()
    core.add_passkey(ann.actor, SITE, name="laptop", answer=answer)
    with pytest.raises(InvalidInput) as refusal:
        core.add_passkey(ann.actor, SITE, name="again", answer=answer)
    assert [*refusal.value.problems] == ["credential"]
    signed = ann.device.sign(ann.request())
    core.log_in_with_passkey(SITE, signed, ORIGIN)
    with pytest.raises(InvalidPasskey):
        core.log_in_with_passkey(SITE, signed, ORIGIN)
    assert len(ann.passkeys()) == 1


def test_a_refused_answer_uses_up_its_challenge(core: Core, ann: Person) -> None:
    ann.add()
    options = ann.request()
    with pytest.raises(InvalidPasskey):
        core.log_in_with_passkey(SITE, replace(ann.device, origin="https://evil.test").sign(options), ORIGIN)
    with pytest.raises(InvalidPasskey):
        core.log_in_with_passkey(SITE, ann.device.sign(options), ORIGIN)


def test_challenges_expire(core: Core, ann: Person) -> None:
    ann.add()
    signed = ann.device.sign(ann.request())
    core.clock.advance(CHALLENGE_TTL)
    with pytest.raises(InvalidPasskey):
        core.log_in_with_passkey(SITE, signed, ORIGIN)


def test_a_challenge_of_another_user_adds_nothing(core: Core, ann: Person) -> None:
    bob = Person(core, "bob")
    with pytest.raises(InvalidInput):
        core.add_passkey(ann.actor, SITE, name="laptop", answer=bob.answer())
    assert (ann.passkeys(), bob.passkeys()) == ([], [])


def test_a_challenge_for_one_thing_is_worth_nothing_for_another(core: Core, ann: Person) -> None:
    ann.add()
    begun = {**ann.request(), "rp": {"id": SITE.host}, "user": ann.options()["user"]}
    with pytest.raises(InvalidInput):
        core.add_passkey(ann.actor, SITE, name="another", answer=Device().create(begun))
    begun = {**ann.options(), "rpId": SITE.host}
    with pytest.raises(InvalidPasskey):
        core.log_in_with_passkey(SITE, ann.device.sign(begun), ORIGIN)


@pytest.mark.parametrize(
    "changes",
    [{"origin": "https://evil.test"}, {"host": "evil.test"}, {"verifies": False}, {"kind": "webauthn.create"}],
)
def test_what_is_not_verified_opens_no_session(core: Core, ann: Person, changes: dict[str, Any]) -> None:
    before = ann.add()
    with pytest.raises(InvalidPasskey):
        ann.log_in(**changes)
    assert (ann.passkeys(), ann.sessions()) == ([before], [SignIn.PASSWORD])
    assert noted(core, "session.login_failed") == [("", "passkey")]


def test_the_passkey_of_another_account_of_the_device_is_refused(core: Core, ann: Person) -> None:
    ann.add()
    ann.device.keys[0].user_handle = b"somebody else's"
    with pytest.raises(InvalidPasskey):
        ann.log_in()


def test_an_unknown_and_a_removed_passkey_are_refused(core: Core, ann: Person) -> None:
    made = ann.add()
    core.remove_passkey(ann.actor, made.id)
    with pytest.raises(InvalidPasskey):
        ann.log_in()


def test_a_copied_passkey_is_useless_until_it_is_removed(core: Core, ann: Person) -> None:
    made = ann.add()
    ann.log_in()
    ann.device.keys[0].sign_count = 1  # the copy was made before the log-in
    with pytest.raises(InvalidPasskey):
        ann.log_in()
    ann.device.keys[0].sign_count = 100
    with pytest.raises(InvalidPasskey):
        ann.log_in()

    assert [each.cloned_at for each in ann.passkeys()] == [core.clock.now()]
    assert noted(core, "passkey.cloned") == [("ann", "laptop")]
    assert noted(core, "session.login_failed") == [("", "passkey, 2 times")]
    assert events(core)[-1:] == [(AccountEvent.PASSKEY_CLONED, "laptop")]
    assert ann.sessions().count(SignIn.PASSKEY) == 1
    core.remove_passkey(ann.actor, made.id)
    ann.add("new")
    ann.log_in()


def test_a_device_that_does_not_count_is_no_copy(core: Core, ann: Person) -> None:
    ann.device.counts = False
    ann.add()
    for _ in range(3):
        ann.log_in()


def test_an_invalid_signature_marks_nothing_as_copied(core: Core, ann: Person) -> None:
    """Anybody can send a low number. Only the device can sign it."""
    ann.add()
    ann.log_in()
    ann.device.keys[0].sign_count = 0
    with pytest.raises(InvalidPasskey):
        ann.log_in(origin="https://evil.test")
    ann.device.keys[0].sign_count = 10
    ann.log_in()


def test_a_repeated_transaction_is_no_copy(core: Core, ann: Person) -> None:
    ann.add()
    signed = ann.device.sign(ann.request())
    core.faults.extend([TransactionConflict(), TransactionConflict()])
    core.log_in_with_passkey(SITE, signed, ORIGIN)
    assert [each.cloned_at for each in ann.passkeys()] == [None]


def test_a_passkey_that_is_removed_while_its_signature_is_verified_logs_nobody_in(
    core: Core, root: Actor, ann: Person
) -> None:
    made = ann.add()
    proof = core.verify_passkey(SITE, ann.device.sign(ann.request()))
    core.remove_passkey(ann.actor, made.id)
    with pytest.raises(InvalidPasskey):
        core.log_in_with_passkey._open(proof, ORIGIN)
    ann.add()
    proof = core.verify_passkey(SITE, ann.device.sign(ann.request()))
    core.delete_user(root, ann.actor.user_id)
    with pytest.raises(InvalidPasskey):
        core.log_in_with_passkey._open(proof, ORIGIN)


def test_the_first_one_ends_the_other_sessions_and_a_second_one_none(core: Core, ann: Person) -> None:
    core.log_in("ann", PASSWORD, ORIGIN)
    ann.add("laptop")
    assert [SignIn.PASSWORD] == ann.sessions()
    core.log_in("ann", PASSWORD, ORIGIN)
    ann.device = Device(counts=True)
    ann.add("phone")
    assert 2 == len(ann.sessions())


def test_removal_ends_the_other_sessions(core: Core, ann: Person) -> None:
    made = ann.add()
    other = ann.log_in()
    core.clock.advance(1)
    core.remove_passkey(ann.actor, made.id)
    assert ann.sessions() == [SignIn.PASSWORD]
    with pytest.raises(Unauthenticated) as ended:
        core.authenticate(other.access_token, ORIGIN.address)
    assert ended.value.ended == "elsewhere"
    assert noted(core, "passkey.remove") == [("ann", "laptop")]
    assert events(core)[-1:] == [(AccountEvent.PASSKEY_REMOVED, "laptop")]


def test_nobody_removes_the_passkey_of_another(core: Core, ann: Person) -> None:
    made, bob = ann.add(), Person(core, "bob")
    for passkey_id in (made.id, PasskeyId(4711)):
        with pytest.raises(NotFound):
            core.remove_passkey(bob.actor, passkey_id)
    assert ann.passkeys() == [made]


def test_changes_need_a_fresh_log_in(core: Core, ann: Person) -> None:
    made, answer = ann.add(), ann.answer()
    core.clock.advance(FRESH + timedelta(seconds=1))
    changes: list[Callable[[], object]] = [
        lambda: core.begin_passkey(ann.actor, SITE),
        lambda: core.add_passkey(ann.actor, SITE, name="", answer=answer),
        lambda: core.remove_passkey(ann.actor, made.id),
        lambda: core.remove_passkey(ann.actor, PasskeyId(4711)),
    ]
    for change in changes:
        with pytest.raises(ReauthenticationRequired):
            change()


def fresh(core: Core, actor: Actor) -> Actor:
    assert actor.session_id is not None
    owner = core.store.queries.users.session_owner(actor.user_id, actor.session_id, core.clock.now())
    assert owner is not None
    return replace(actor, authenticated_at=owner.authenticated_at)


def test_a_passkey_confirms_who_the_sessions_user_is(core: Core, ann: Person) -> None:
    made = ann.add()
    core.clock.advance(FRESH + timedelta(seconds=1))
    core.reauthenticate_with_passkey(ann.actor, SITE, ann.device.sign(ann.request()), ORIGIN)
    core.remove_passkey(fresh(core, ann.actor), made.id)
    assert noted(core, "session.reauthenticate") == [("ann", "passkey")]


def test_the_passkey_of_another_confirms_nothing(core: Core, ann: Person) -> None:
    bob = Person(core, "bob")
    bob.add()
    before = fresh(core, ann.actor)
    core.clock.advance(1)
    with pytest.raises(InvalidPasskey):
        core.reauthenticate_with_passkey(ann.actor, SITE, bob.device.sign(bob.request()), ORIGIN)
    assert fresh(core, ann.actor) == before
    assert noted(core, "session.reauthenticate_failed") == [("ann", "passkey")]


def test_an_ended_session_is_not_renewed(core: Core, ann: Person) -> None:
    ann.add()
    assert ann.actor.session_id is not None
    core.end_sessions.one(ann.actor, ann.actor.session_id)
    with pytest.raises(Unauthenticated):
        core.reauthenticate_with_passkey(ann.actor, SITE, ann.device.sign(ann.request()), ORIGIN)


def test_a_person_has_so_many_passkeys(core: Core, ann: Person) -> None:
    late: Any = None
    for number in range(MOST_PASSKEYS):
        late = late or ann.answer()
        ann.add(f"key {number}")
    for refused in (ann.options, lambda: core.add_passkey(ann.actor, SITE, name="one more", answer=late)):
        with pytest.raises(InvalidInput) as refusal:
            refused()
        assert [*refusal.value.problems] == ["passkeys"]
    assert len(ann.passkeys()) == MOST_PASSKEYS


def test_one_key_is_added_once(core: Core, ann: Person) -> None:
    """Though the options name it as known."""
    ann.device.next_id = b"the same"
    ann.add()
    with pytest.raises(PasskeyExists):
        ann.add("again")


def test_a_bad_name_leaves_the_answer_good(core: Core, ann: Person) -> None:
    answer = ann.answer()
    with pytest.raises(InvalidInput) as refusal:
        core.add_passkey(ann.actor, SITE, name=" ", answer=answer)
    assert [*refusal.value.problems] == ["name"]
    core.add_passkey(ann.actor, SITE, name="laptop", answer=answer)


def test_a_site_where_browsers_offer_none_begins_none(core: Core, ann: Person) -> None:
    site = Site(origin="http://192.0.2.1:8000")
    with pytest.raises(PasskeysUnavailable):
        core.begin_passkey(ann.actor, site)
    with pytest.raises(PasskeysUnavailable):
        core.begin_passkey_login(site, ORIGIN)


def test_a_network_begins_so_many_log_ins_that_do_not_succeed(core: Core, ann: Person) -> None:
    ann.add()
    for _ in range(BEGINNINGS + 1):
        ann.log_in()
    for _ in range(BEGINNINGS):
        ann.request()
    with pytest.raises(TooManyAttempts):
        ann.request()
    core.begin_passkey_login(SITE, replace(ORIGIN, address="198.51.100.1"))
