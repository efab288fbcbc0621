"""Joining an identity to one's account, parting them, and the way back in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.accounts.identities import PartIdentity
from monitor.application.accounts.log_in import IssueLoginLink, LogIn, LogInByLink
from monitor.application.accounts.profile import ChangePassword
from monitor.application.accounts.sessions import EndSessions, LogOut
from monitor.application.accounts.users import ResetPassword
from monitor.application.fleet.leaving import DeleteUser
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import FRESH, Actor
from monitor.domain.accounts.errors import (
    IdentityTaken,
    InvalidCredentials,
    InvalidLink,
    LastWayIn,
    PasswordLoginDisabled,
    ReauthenticationRequired,
    SignOnFailed,
)
from monitor.domain.accounts.sessions import CHALLENGE_TTL
from monitor.domain.errors import Forbidden, NotFound, Unauthenticated
from tests.unit.application.accounts.sign_on import ORIGIN, PASSWORD, ROOT, SignOnCore


@pytest.fixture
def site() -> SignOnCore:
    return SignOnCore()


@pytest.fixture
def bob(site: SignOnCore) -> Actor:
    site.user("bob", email="bob@example.com")
    return site.log_in("bob")


def join(site: SignOnCore, actor: Actor) -> None:
    assert site.finish(site.begin(joining=actor, next_path="/profile")).logged_in is None


def mails(site: SignOnCore) -> list[tuple[AccountEvent, str, str]]:
    with site.container.uow() as uow:
        sent = uow.account_mails._state.account_mails.values()  # type: ignore[attr-defined]  # the in-memory table
        return [(mail.event, mail.email, mail.name) for mail in sent]


def test_a_joined_identity_opens_the_account(site: SignOnCore, bob: Actor):
    join(site, bob)
    assert bob.user_id == site.sign_on().user.id
    assert [("bob", "alice")] == site.audited("user.join_sso")
    assert [(AccountEvent.SSO_JOINED, "bob@example.com", "alice")] == mails(site)


def test_joining_again_changes_nothing(site: SignOnCore, bob: Actor):
    states = [site.begin(joining=bob) for _ in range(2)]
    for state in states:
        site.finish(state)
    assert 1 == len(site.container.queries.users.identities(bob))


def test_an_identity_of_somebody_else_is_not_taken(site: SignOnCore, bob: Actor):
    owner = site.sign_on().user
    with pytest.raises(SignOnFailed) as refused:
        join(site, bob)
    assert refused.value.reason == "taken"
    assert owner.id == site.sign_on().user.id
    assert [] == site.container.queries.users.identities(bob)


def test_an_account_has_one_identity_of_an_issuer(site: SignOnCore, bob: Actor):
    later = site.begin(joining=bob)
    join(site, bob)
    with pytest.raises(IdentityTaken):
        site.begin(joining=bob)
    site.says(subject="s-2")
    with pytest.raises(SignOnFailed) as refused:
        site.finish(later)
    assert refused.value.reason == "taken"


def test_the_session_that_began_must_still_be_open(site: SignOnCore, bob: Actor):
    state = site.begin(joining=bob)
    site.container.get(LogOut)(bob)
    with pytest.raises(SignOnFailed) as refused:
        site.finish(state)
    assert refused.value.reason == "expired"
    assert [] == site.container.queries.users.identities(bob)


def test_another_session_of_the_same_user_is_not_enough(site: SignOnCore, bob: Actor):
    state = site.begin(joining=bob)
    assert bob.session_id is not None
    site.log_in("bob")
    site.container.get(EndSessions).one(bob, bob.session_id)
    with pytest.raises(SignOnFailed):
        site.finish(state)


def test_joining_needs_a_fresh_log_in_and_so_does_parting(site: SignOnCore, bob: Actor):
    join(site, bob)
    site.clock.advance(FRESH + timedelta(seconds=1))
    for change in (lambda: site.begin(joining=bob), lambda: site.container.get(PartIdentity)(bob)):
        with pytest.raises(ReauthenticationRequired):
            change()


def test_a_parted_identity_opens_nothing_and_other_sessions_end(site: SignOnCore, bob: Actor):
    join(site, bob)
    other = site.sign_on()
    site.clock.advance(1)
    site.container.get(PartIdentity)(bob)
    with pytest.raises(Unauthenticated) as ended:
        site.actor(other)
    assert ended.value.ended == "elsewhere"
    assert "alice" == site.sign_on().user.username
    assert [("bob", "alice")] == site.audited("user.part_sso")
    assert AccountEvent.SSO_PARTED in {event for event, _, _ in mails(site)}
    [session] = site.container.queries.users.sessions(bob, site.clock.now())
    assert session.id == bob.session_id


def test_what_is_not_joined_cannot_be_parted(site: SignOnCore, bob: Actor):
    with pytest.raises(NotFound):
        site.container.get(PartIdentity)(bob)


def test_the_only_way_in_is_not_parted(site: SignOnCore):
    alice = site.actor(site.sign_on())
    with pytest.raises(LastWayIn):
        site.container.get(PartIdentity)(alice)
    site.container.get(ResetPassword)(ROOT, username="alice", password="another one")
    site.container.get(PartIdentity)(site.actor(site.sign_on()))


def test_where_no_password_is_taken_a_password_is_no_way_in(bob: Actor, site: SignOnCore):
    join(site, bob)
    with pytest.raises(LastWayIn):
        replace(site.container.get(PartIdentity), takes_passwords=False)(bob)


def test_a_link_logs_in_once(site: SignOnCore, bob: Actor):
    token = site.container.get(IssueLoginLink)(ROOT, "BOB")
    logged_in = site.container.get(LogInByLink)(token, ORIGIN)
    assert bob.user_id == logged_in.user.id
    with pytest.raises(InvalidLink):
        site.container.get(LogInByLink)(token, ORIGIN)
    assert [("bob", "")] == site.audited("user.login_link")
    assert ("bob", "link") in site.audited("session.login")
    assert [(AccountEvent.LOGIN_LINK, "bob@example.com", "")] == mails(site)
    assert token not in repr(site.audit())


def test_a_link_expires(site: SignOnCore, bob: Actor):
    token = site.container.get(IssueLoginLink)(ROOT, "bob")
    site.clock.advance(CHALLENGE_TTL)
    with pytest.raises(InvalidLink):
        site.container.get(LogInByLink)(token, ORIGIN)


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "é"])
def test_nonsense_is_no_link(site: SignOnCore, token: str):
    with pytest.raises(InvalidLink):
        site.container.get(LogInByLink)(token, ORIGIN)


def test_a_state_of_single_sign_on_is_no_link(site: SignOnCore):
    with pytest.raises(InvalidLink):
        site.container.get(LogInByLink)(site.begin(), ORIGIN)


def test_a_link_of_a_deleted_account_opens_nothing(site: SignOnCore, bob: Actor):
    token = site.container.get(IssueLoginLink)(ROOT, "bob")
    site.container.get(DeleteUser)(ROOT, bob.user_id)
    with pytest.raises(InvalidLink):
        site.container.get(LogInByLink)(token, ORIGIN)


def test_links_are_for_existing_users_and_issued_by_administrators(site: SignOnCore, bob: Actor):
    with pytest.raises(NotFound):
        site.container.get(IssueLoginLink)(ROOT, "nobody")
    with pytest.raises(Forbidden):
        site.container.get(IssueLoginLink)(bob, "admin")


def test_without_passwords_none_is_taken():
    site = SignOnCore(settings={"takes_passwords": False})
    with pytest.raises(PasswordLoginDisabled):
        site.container.get(LogIn)("admin", PASSWORD, ORIGIN)
    token = site.container.get(IssueLoginLink)(ROOT, "admin")
    admin = site.actor(site.container.get(LogInByLink)(token, ORIGIN))
    passwords: dict[str, Any] = {"old_password": PASSWORD, "new_password": "something else"}
    with pytest.raises(PasswordLoginDisabled):
        site.container.get(ChangePassword)(admin, **passwords, origin=ORIGIN)
    with pytest.raises(PasswordLoginDisabled):
        site.container.get(ResetPassword)(admin, username="admin", password="something else")
    site.container.get(ResetPassword)(ROOT, username="admin", password="something else")


def test_an_account_without_a_password_takes_none(site: SignOnCore):
    site.sign_on()
    for password in ("", "alice", PASSWORD):
        with pytest.raises(InvalidCredentials):
            site.container.get(LogIn)("alice", password, ORIGIN)
