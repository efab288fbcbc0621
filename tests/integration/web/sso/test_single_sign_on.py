"""Logging in through a real OpenID provider, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.cli.running import PASSWORD, run
from tests.integration.web.sso.conftest import SsoServer, Visitor, callback_of, visiting

pytestmark = pytest.mark.nightly

PROMPT = "Single sign-on failed"


def test_one_gets_an_account_and_comes_back_to_it(site: SsoServer, browser: Browser):
    site.issuer.knows("ann", email="ann@example.com", email_verified=True)
    for _ in range(2):
        with visiting(browser, site) as ann:
            ann.signs_on("ann", "/login?next=/profile")
            expect(ann.page).to_have_url(f"{site.origin}/profile")
            ann.is_in_as("ann")
            expect(ann.page.get_by_text("You log in with Example as ann")).to_be_visible()
            ann.page.reload()
            ann.is_in_as("ann")


def test_an_administrators_name_and_email_open_nothing_of_theirs(site: SsoServer, visitor: Visitor):
    """Verified or not: anybody may call themselves so at the issuer."""
    with site.process.admin() as client:
        client.put("/api/auth/me", {"email": "root@example.com"})
    site.issuer.knows("admin", email="root@example.com", email_verified=False)
    visitor.signs_on("admin")
    visitor.is_in_as("admin-2")
    expect(visitor.page.get_by_role("link", name="Users")).to_have_count(0)


def test_groups_make_administrators_and_unmake_them(site: SsoServer, browser: Browser):
    for groups, links in ((["ops"], 1), (["others"], 0), ([], 0), (["x", "ops"], 1)):
        site.issuer.knows("gus", groups=groups)
        with visiting(browser, site) as gus:
            gus.signs_on("gus")
            gus.is_in_as("gus")
            expect(gus.page.get_by_role("link", name="Users")).to_have_count(links)


def test_who_refuses_is_not_logged_in(site: SsoServer, visitor: Visitor):
    site.issuer.knows("bea")
    visitor.goes_to_the_issuer()
    visitor.page.get_by_role("link", name=re.compile("Cancel")).click()
    visitor.is_refused("The log-in was cancelled, or refused by the single sign-on service.")


def test_a_wrong_nonce_is_refused(site: SsoServer, visitor: Visitor):
    site.issuer.knows("nora")
    site.issuer.behaves(nonce="of-another-log-in")
    visitor.signs_on("nora")
    visitor.is_refused(PROMPT)


def test_an_issuer_that_lies_about_itself_is_refused(site: SsoServer, visitor: Visitor):
    site.issuer.knows("lia")
    site.issuer.behaves(iss="https://evil.example")
    visitor.signs_on("lia")
    visitor.is_refused(PROMPT)


def test_what_came_back_once_is_worth_nothing_again_nor_elsewhere(site: SsoServer, browser: Browser, visitor: Visitor):
    site.issuer.knows("rita")
    seen = callback_of(visitor.page)
    visitor.signs_on("rita")
    visitor.is_in_as("rita")
    with visiting(browser, site) as thief:
        thief.open(seen[0].removeprefix(site.origin))
        thief.is_refused("was not started in this browser")
    answer = visitor.page.request.get(seen[0], max_redirects=0)
    assert (302, "/login?error=expired") == (answer.status, answer.headers["location"])


def test_new_keys_are_found(site: SsoServer, browser: Browser):
    site.issuer.knows("kay")
    with visiting(browser, site) as kay:
        kay.signs_on("kay")
        kay.is_in_as("kay")
    site.issuer.behaves(keys="rotate")
    with visiting(browser, site) as kay:
        kay.signs_on("kay")
        kay.is_in_as("kay")


def test_nobody_is_led_elsewhere(site: SsoServer, visitor: Visitor):
    site.issuer.knows("eve")
    visitor.open("/api/auth/oidc/login?next=%2F%5Cevil.example")
    visitor.proves("eve")
    expect(visitor.page).to_have_url(f"{site.origin}/")
    visitor.is_in_as("eve")


def test_logging_out_ends_both_sessions(site: SsoServer, visitor: Visitor):
    site.issuer.knows("lou")
    visitor.signs_on("lou")
    visitor.page.get_by_role("button", name="lou", exact=True).click()
    visitor.page.get_by_role("menuitem", name="Log out").click()
    visitor.page.get_by_role("button", name="Yes, sign me out").click()
    expect(visitor.page).to_have_url(re.compile(f"^{site.origin}/login"))
    visitor.goes_to_the_issuer()
    expect(visitor.page.locator("input[name=login]")).to_be_visible()


def test_an_account_is_joined_and_parted_in_the_profile(site: SsoServer, browser: Browser):
    site.issuer.knows("joe")
    with site.process.admin() as client:
        client.post("/api/users", {"username": "joseph", "password": PASSWORD})
    with visiting(browser, site) as joseph:
        joseph.log_in_first("joseph", PASSWORD, PASSWORD + "!")
        joseph.open("/profile")
        joseph.page.get_by_role("button", name="Connect to Example").click()
        joseph.page.wait_for_url(f"{joseph.issuer}/**")
        joseph.proves("joe")
        expect(joseph.page.get_by_text("You log in with Example as joe")).to_be_visible()
    with visiting(browser, site) as joe:
        joe.signs_on("joe", "/login?next=/profile")
        joe.is_in_as("joseph")
        joe.page.get_by_role("button", name="Disconnect", exact=True).click()
        joe.press("Disconnect")
        expect(joe.page.get_by_role("button", name="Connect to Example")).to_be_visible()


def test_an_identity_of_somebody_else_is_not_joined(site: SsoServer, visitor: Visitor):
    site.issuer.knows("ann")
    visitor.log_in("admin", PASSWORD)
    visitor.open("/profile")
    visitor.page.get_by_role("button", name="Connect to Example").click()
    visitor.page.wait_for_url(f"{visitor.issuer}/**")
    visitor.proves("ann")
    expect(visitor.page).to_have_url(f"{site.origin}/profile?error=taken")
    expect(visitor.page.get_by_role("alert")).to_contain_text("already belongs to an account")


def test_single_sign_on_alone_and_the_way_back_in(site: SsoServer, browser: Browser):
    site.restart(MONITOR_PASSWORD_LOGIN="false")
    with visiting(browser, site) as admin:
        admin.open("/login")
        expect(admin.page.get_by_role("link", name="Log in with Example")).to_be_visible()
        expect(admin.page.get_by_label("Password", exact=True)).to_have_count(0)
        settings = {**site.process.settings, "MONITOR_DATA_DIR": str(site.process.data)}
        made = run(site.process.home, "user", "login-link", "admin", settings=settings)
        assert made.returncode == 0, made.stderr
        link = made.stdout.strip()
        assert link.startswith(f"{site.origin}/login#link=")
        admin.open(link.removeprefix(site.origin))
        admin.page.reload()
        admin.is_in_as("admin")
        admin.open("/users")
        admin.press("Add user")
        expect(admin.dialog().get_by_label("User name")).to_be_focused()
        expect(admin.dialog().get_by_label("Password", exact=True)).to_have_count(0)
    with visiting(browser, site) as late:
        late.open(link.removeprefix(site.origin))
        late.is_refused("This log-in link is invalid, was already used, or has expired")
    site.restart(MONITOR_PASSWORD_LOGIN="")
