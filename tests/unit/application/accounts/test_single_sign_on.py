"""Logging in at another site: who is let in, as whom, and with which role."""

from datetime import timedelta

import pytest

from monitor.application.accounts.authentication import Authenticate
from monitor.application.accounts.log_in import LogIn
from monitor.application.accounts.sessions import EndSession, LogOut, RefreshSession
from monitor.application.accounts.single_sign_on import FinishSignOn
from monitor.application.accounts.users import ChangeUser, ResetPassword
from monitor.application.fleet.teams import CreateTeam, teams_of
from monitor.domain.accounts.actors import FRESH, Role
from monitor.domain.accounts.challenges import CHALLENGE_TTL
from monitor.domain.accounts.errors import IssuerUnavailable, ReauthenticationRequired, SignOnFailed, TooManyAttempts
from monitor.domain.accounts.limits import BEGINNINGS
from monitor.domain.accounts.sessions import SSO_SESSION_TTL, SignIn
from monitor.domain.errors import NotFound, Unauthenticated
from monitor.domain.fleet.teams import Team, TeamAccess
from tests.unit.application.accounts.sign_on import BINDING, ORIGIN, SignOnCore

ADMINS = {"admin_groups": frozenset({"ops", "root"})}


@pytest.fixture
def site() -> SignOnCore:
    return SignOnCore()


def test_somebody_unknown_gets_an_account_without_a_password(site: SignOnCore):
    logged_in = site.sign_on(username="alice", email="alice@example.com", email_verified=True)
    user = logged_in.user
    assert ("alice", Role.USER, "alice@example.com") == (user.username, user.role, user.email)
    assert not user.has_password
    assert not logged_in.must_change_password
    assert [("alice", 'role: null -> "user", email: null -> "alice@example.com"')] == [
        (target, detail.partition(", alert_level")[0])
        for target, detail in site.audited("user.create")
        if target == "alice"
    ]
    assert [("alice", "sso")] == site.audited("session.login")


def test_without_leave_to_create_accounts_they_are_refused():
    site = SignOnCore(rules={"creates_users": False})
    with pytest.raises(SignOnFailed) as refused:
        site.sign_on()
    assert refused.value.reason == "not_allowed"
    assert site.names() == ["admin"]
    assert [("", "not_allowed: no account, and none is created")] == site.audited("session.sso_failed")


def test_the_same_person_comes_back_to_the_same_account_whatever_they_are_called_now(site: SignOnCore):
    first = site.sign_on(username="alice").user.id
    assert first == site.sign_on(username="bob", email="bob@example.com", email_verified=True).user.id
    assert site.names() == ["admin", "alice"]


@pytest.mark.parametrize("claims", [{"subject": "s-2"}, {"subject": "S-1"}, {"issuer": "https://other.example.com"}])
def test_another_subject_or_issuer_is_another_person(site: SignOnCore, claims: dict[str, str]):
    first = site.sign_on().user
    second = site.sign_on(**claims).user
    assert first.id != second.id
    assert second.username == "alice-2"


@pytest.mark.parametrize("verified", [True, False])
def test_neither_an_equal_name_nor_an_equal_email_opens_an_account(site: SignOnCore, verified: bool):
    """Not even a verified one: the issuer may hand out addresses anew."""
    owner = site.user("ADMIN2", Role.ADMIN, email="root@example.com")
    logged_in = site.sign_on(username="admin2", email="root@example.com", email_verified=verified)
    assert logged_in.user.id != owner.id
    assert (logged_in.user.username, logged_in.user.role) == ("admin2-2", Role.USER)
    assert ("root@example.com" if verified else None) == logged_in.user.email


def test_names_are_numbered_until_one_is_free(site: SignOnCore):
    names = [site.sign_on(subject=f"s-{number}").user.username for number in range(4)]
    assert ["alice", "alice-2", "alice-3", "alice-4"] == names


@pytest.mark.parametrize(
    ("username", "expected"),
    [("", "user"), (" a\u202eb\n ", "ab"), ("x" * 200, "x" * 50), ("\u200b", "user"), ("ålice", "ålice")],
)
def test_a_name_is_made_valid(site: SignOnCore, username: str, expected: str):
    assert expected == site.sign_on(username=username).user.username


@pytest.mark.parametrize("email", ["", "nonsense", "a b@c", "x" * 300 + "@example.com"])
def test_an_address_that_is_not_valid_is_left_out(site: SignOnCore, email: str):
    assert site.sign_on(email=email, email_verified=True).user.email is None


def test_a_state_is_good_once(site: SignOnCore):
    state = site.begin()
    site.finish(state)
    with pytest.raises(SignOnFailed) as refused:
        site.finish(state)
    assert refused.value.reason == "expired"


def test_a_state_is_worth_nothing_in_another_browser(site: SignOnCore):
    """Else an attacker could make somebody use the attacker's account."""
    state = site.begin()
    with pytest.raises(SignOnFailed) as refused:
        site.finish(state, binding="x" * 43)
    assert refused.value.reason == "expired"
    with pytest.raises(SignOnFailed):
        site.finish(state)
    assert site.names() == ["admin"]


def test_a_state_expires(site: SignOnCore):
    state = site.begin()
    site.clock.advance(CHALLENGE_TTL)
    with pytest.raises(SignOnFailed):
        site.finish(state)


def test_a_refusal_of_the_issuer_opens_nothing_and_is_audited(site: SignOnCore):
    state = site.begin()
    site.provider.refusal = SignOnFailed("denied", "access_denied")
    with pytest.raises(SignOnFailed):
        site.finish(state)
    assert [("", "denied: access_denied")] == site.audited("session.sso_failed")


def test_an_issuer_that_is_down_opens_nothing(site: SignOnCore):
    state = site.begin()
    site.provider.refusal = IssuerUnavailable("down")
    with pytest.raises(IssuerUnavailable):
        site.finish(state)
    assert site.names() == ["admin"]


def test_there_is_a_limit_to_what_one_network_begins_and_success_is_forgiven(site: SignOnCore):
    for _ in range(BEGINNINGS + 10):
        site.sign_on()
    for _ in range(BEGINNINGS):
        site.begin()
    with pytest.raises(TooManyAttempts):
        site.begin()


def test_without_an_issuer_there_is_nothing_to_begin(site: SignOnCore):
    site.provider.issuer = ""
    with pytest.raises(NotFound):
        site.begin()


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/servers/7?tab=a#b", "/servers/7?tab=a#b"),
        ("/搜索?q=é", "/%E6%90%9C%E7%B4%A2?q=%C3%A9"),
        ("/a%2Fb", "/a%2Fb"),
        ("", "/"),
        ("servers", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("/\t/evil.example", "/"),
        ("\t//evil.example", "/"),
        ("/\n", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/api/auth/logout", "/"),
        ("/" + "a" * 3000, "/"),
    ],
)
def test_one_is_led_to_a_page_of_ours(site: SignOnCore, asked: str, led_to: str):
    assert led_to == site.finish(site.begin(next_path=asked)).next_path


def test_groups_give_and_take_the_role_at_each_log_in():
    site = SignOnCore(rules=ADMINS)
    assert site.sign_on(groups=frozenset({"ops", "x"})).user.role is Role.ADMIN
    before = site.actor(site.sign_on())
    assert site.sign_on(groups=frozenset({"Ops", "x"})).user.role is Role.USER
    with pytest.raises(NotFound):
        site.container.get(EndSession)(before, before.session_id or "")  # type: ignore[arg-type]  # it has ended
    assert site.sign_on(groups=frozenset({"root"})).user.role is Role.ADMIN
    assert [("alice", 'role: "user" -> "admin"'), ("alice", 'role: "admin" -> "user"')] == site.audited("user.update")
    assert {"single sign-on"} == {e.username for e in site.audit() if e.action == "user.update"}


def test_without_such_a_setting_groups_say_nothing_about_roles(site: SignOnCore):
    user = site.sign_on(groups=frozenset({"ops"})).user
    assert user.role is Role.USER
    site.container.get(ChangeUser)(site.log_in("admin"), user.id, role=Role.ADMIN)
    assert site.sign_on().user.role is Role.ADMIN


def test_the_last_administrator_keeps_the_role():
    site = SignOnCore(rules=ADMINS)
    site.sign_on(groups=frozenset({"ops"}))
    admin = site.log_in("admin")
    alice = site.stored("alice")
    assert alice is not None
    site.container.get(ChangeUser)(site.actor(site.sign_on()), admin.user_id, role=Role.USER)
    assert site.sign_on(groups=frozenset()).user.role is Role.ADMIN
    assert [("alice", "last_admin")] == site.audited("user.role_kept")


def test_a_common_password_keeps_an_account_from_becoming_an_administrators():
    site = SignOnCore(rules=ADMINS)
    site.user("bob", password="password123")
    bob = site.actor(site.container.get(LogIn)("bob", "password123", ORIGIN))
    site.finish(site.begin(joining=bob))
    assert site.sign_on(groups=frozenset({"ops"})).user.role is Role.USER
    assert [("bob", "common_password")] == site.audited("user.role_kept")


def test_a_session_of_single_sign_on_ends_within_a_day(site: SignOnCore):
    logged_in = site.sign_on()
    token, refresh = logged_in.refresh_token, site.container.get(RefreshSession)
    for _ in range(5):
        site.clock.advance(timedelta(hours=4))
        token = refresh(token).refresh_token
    site.clock.advance(SSO_SESSION_TTL - timedelta(hours=20))
    with pytest.raises(Unauthenticated):
        refresh(token)


def test_a_renewed_session_still_needs_no_password_change():
    site = SignOnCore()
    logged_in = site.sign_on()
    site.container.get(ResetPassword)(site.log_in("admin"), username="alice", password="another one", is_temporary=True)
    logged_in = site.sign_on()
    assert not site.container.get(RefreshSession)(logged_in.refresh_token).must_change_password
    assert not site.container.get(Authenticate)(logged_in.access_token, "").must_change_password
    assert site.container.get(LogIn)("alice", "another one", ORIGIN).must_change_password


def test_the_session_is_as_fresh_as_the_log_in_at_the_issuer(site: SignOnCore):
    site.provider.authenticated_at = site.clock.now() - FRESH - timedelta(seconds=1)
    with pytest.raises(ReauthenticationRequired):
        site.actor(site.sign_on()).must_be_fresh(site.clock.now())
    site.provider.authenticated_at = None
    site.actor(site.sign_on()).must_be_fresh(site.clock.now())
    site.provider.authenticated_at = site.clock.now() + timedelta(hours=1)
    assert site.clock.now() == site.actor(site.sign_on()).authenticated_at


def test_a_fresh_log_in_is_asked_for(site: SignOnCore):
    site.begin(fresh=True)
    assert site.provider.begun[-1].fresh
    assert site.container.get(FinishSignOn)(
        {"state": site.provider.begun[-1].state, "code": "c"}, BINDING, ORIGIN
    ).logged_in


def test_logging_out_leads_to_the_issuer(site: SignOnCore):
    actor = site.actor(site.sign_on())
    expected = "https://id.example.com/logout?id_token_hint=an ID token"
    assert expected == site.container.get(LogOut)(actor)


def test_logging_out_of_another_session_does_not(site: SignOnCore):
    site.user("bob")
    assert site.container.get(LogOut)(site.log_in("bob")) is None


def test_sessions_say_how_they_were_begun(site: SignOnCore):
    actor = site.actor(site.sign_on())
    [session] = site.container.queries.users.sessions(actor, site.clock.now())
    assert session.sign_in is SignIn.SSO
    assert "an ID token" not in repr(session)


def test_groups_give_and_take_teams_at_each_log_in(site: SignOnCore):
    for name, group in {"europe": "eu", "asia": "asia", "by hand": None}.items():
        team = Team(
            name=name, access=TeamAccess.READ, created_at=site.clock.now(), tags=frozenset({name}), oidc_group=group
        )
        site.container.get(CreateTeam)(site.log_in("admin"), team)

    def teams(*groups: str) -> set[str]:
        user = site.sign_on(groups=frozenset(groups)).user
        fleet = site.container.fleet
        fleet.refresh()
        return {team.name for team in teams_of(fleet.directory, user.id)}

    assert teams("eu", "x") == {"europe"}
    assert teams("eu", "asia", "Europe", "by hand") == {"europe", "asia"}
    assert teams() == set()
    assert site.audited("user.teams") == [
        ("alice", 'teams: ["asia", "europe"] -> []'),
        ("alice", 'teams: ["europe"] -> ["asia", "europe"]'),
        ("alice", 'teams: [] -> ["europe"]'),
    ]


@pytest.mark.parametrize("name", ["\ud800", "al\udc00ice", "ali\u202ece\0"])
def test_a_name_with_characters_that_cannot_be_stored_is_cleaned(name: str) -> None:
    """JSON may have lone surrogates, which no database takes."""
    site = SignOnCore()
    user = site.sign_on(username=name, email=name).user
    [joined] = site.container.store.queries.users.identities(site.actor(site.sign_on()))
    assert (user.username + joined.username).isprintable()
    assert name not in (user.username, joined.username)
