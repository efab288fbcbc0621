"""Second factors: set up in the screen, asked for at the log-in and before changes, demanded by the policy."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, Process
from tests.integration.web.browser import Screen, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

FIT = (Path(__file__).parent / "fit.js").read_text()
OWN = "their own password"


class Authenticator:
    """An app. It shows the codes that the server takes now, each once: of the step before, this one and the next."""

    def __init__(self, secret: str) -> None:
        self._codes = pyotp.TOTP(secret)
        self._last = 0

    def code(self) -> str:
        now = int(time.time()) // 30
        self._last = max(now, self._last + 1)
        assert self._last <= now + 1, "the server takes no further code for now"
        return self._codes.at(self._last * 30)


@pytest.fixture
def client(served: Process) -> Iterator[Client]:
    """An administrator's, without a screen."""
    with served.admin() as client:
        yield client


def test_an_app_is_set_up_and_its_codes_are_asked_for(browser: Browser, origin: str, client: Client):
    client.make_user("ben", OWN)
    with screen(browser, origin) as ben:
        ben.log_in("ben", OWN)
        ben.open("/profile")
        app, codes = set_up(ben, OWN)
        section = factor_section(ben)
        expect(section).to_contain_text("10 recovery codes left")
        log_out(ben)
        enter(ben, "ben", OWN)
        field = ben.page.get_by_label("Code", exact=True)
        expect(field).to_be_focused()
        field.fill("000000")
        field.press("Enter")
        expect(ben.page.get_by_role("alert")).to_contain_text("The code is wrong")
        expect(field).to_have_value("")
        expect(field).to_be_focused()
        field.fill(app.code())
        field.press("Enter")
        expect(ben.heading).to_have_text("Overview")
        log_out(ben)
        for code, opens in ((codes[0], True), (codes[0], False), (codes[1].replace("-", "").upper(), True)):
            enter(ben, "ben", OWN)
            ben.page.get_by_role("button", name="Use a recovery code").click()
            ben.page.get_by_label("Recovery code", exact=True).fill(code)
            ben.page.keyboard.press("Enter")
            if opens:
                expect(ben.heading).to_have_text("Overview")
                log_out(ben)
            else:
                expect(ben.page.get_by_role("alert")).to_contain_text("The code is wrong")
        enter(ben, "ben", OWN)
        ben.page.get_by_label("Code", exact=True).fill(codes[2])
        ben.page.keyboard.press("Enter")
        expect(ben.heading).to_have_text("Overview")
        ben.open("/profile")
        expect(section).to_contain_text("7 recovery codes left")
        section.get_by_role("button", name="Turn off").click()
        ben.fill("Password", OWN)
        ben.fill("Code", codes[3])
        ben.press("Turn off")
        ben.sees_notice("Authenticator app turned off")
        expect(section).to_contain_text("off")
        assert not row_of(client, "ben")["has_second_factor"]


def test_an_ended_session_is_entered_again_with_a_code(browser: Browser, origin: str, client: Client):
    client.make_user("eve", OWN)
    with screen(browser, origin) as eve:
        eve.log_in("eve", OWN)
        eve.open("/profile")
        app, _ = set_up(eve, OWN)
        # Else the session may end before the screen knows of the app, and asks for its code only after the password.
        expect(factor_section(eve)).to_contain_text("10 recovery codes left")
        client.delete(f"/api/users/{row_of(client, 'eve')['id']}/sessions")
        asked = eve.page.get_by_role("dialog", name="Log in again")
        asked.get_by_label("Password", exact=True).fill(OWN)
        asked.get_by_label("Code", exact=True).fill(app.code())
        asked.get_by_label("Code", exact=True).press("Enter")
        expect(asked).to_have_count(0)
        expect(factor_section(eve)).to_contain_text("10 recovery codes left")


def test_old_log_ins_confirm_who_they_are_before_a_change(admin: Screen, served: Process, client: Client):
    client.make_user("cat", OWN)
    age(served, minutes=11)
    admin.open("/users")
    admin.page.get_by_role("button", name="Actions on cat").click()
    admin.page.get_by_role("menuitem", name="Reset password").click()
    admin.fill("New password", "another password")
    admin.press("Reset password")
    asked = admin.page.get_by_role("dialog", name="Confirm who you are").filter(visible=True)
    expect(asked.get_by_label("Password", exact=True)).to_be_focused()
    admin.page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    # The form is still there, and says calmly what happened.
    expect(admin.dialog()).to_contain_text("you did not confirm who you are")
    expect(admin.dialog().get_by_label("New password", exact=True)).to_have_value("another password")
    admin.press("Reset password")
    asked.get_by_label("Password", exact=True).fill("wrong")
    admin.page.keyboard.press("Enter")
    expect(asked.get_by_role("alert")).to_contain_text("Wrong")
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    admin.page.keyboard.press("Enter")
    admin.sees_notice("Password reset")
    expect(admin.page.get_by_role("dialog").filter(visible=True)).to_have_count(0)
    # For ten minutes nothing more is asked.
    admin.page.get_by_role("button", name="Actions on cat").click()
    admin.page.get_by_role("menuitem", name="Reset password").click()
    admin.fill("New password", "yet another password")
    admin.press("Reset password")
    admin.sees_notice("Password reset")


def test_a_key_is_made_after_a_confirmation(admin: Screen, served: Process, client: Client):
    server = client.post("/api/servers", {"server_name": "web-1", "ip_address": "10.9.9.9"}).data
    age(served, minutes=11)
    admin.open(f"/servers/{server['id']}?tab=keys")
    admin.press("New key")
    admin.fill("Name", "by hand")
    admin.press("Create")
    asked = admin.page.get_by_role("dialog", name="Confirm who you are").filter(visible=True)
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Confirm").click()
    expect(asked).to_have_count(0)
    expect(admin.dialog()).to_contain_text("shown only once")


def test_an_administrator_resets_a_lost_factor_and_ends_sessions(browser: Browser, admin: Screen, client: Client):
    client.make_user("dan", OWN)
    with screen(browser, admin.origin) as dan:
        dan.log_in("dan", OWN)
        dan.open("/profile")
        set_up(dan, OWN)
        admin.open("/users")
        act(admin, "dan", "Reset second factor")
        admin.sees_notice("Second factor reset")
        expect(dan.page.get_by_role("dialog", name="Log in again")).to_be_visible()
        dan.page.get_by_role("dialog", name="Log in again").get_by_role("button", name="Leave").click()
        dan.log_in("dan", OWN)
        expect(dan.heading).to_have_text("Overview")
        act(admin, "dan", "End all sessions")
        admin.sees_notice("Sessions ended")
        expect(dan.page.get_by_role("dialog", name="Log in again")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_policy_leads_everybody_to_a_second_factor(
    browser: Browser, built_screen: None, mailbox: MailServer, tmp_path: Path, locale: str
):
    with serving(tmp_path, mailbox) as running, running.admin() as client:
        client.make_user("ben", OWN)
        with (
            screen(browser, running.origin) as admin,
            screen(browser, running.origin, locale=locale, viewport={"width": 320, "height": 700}) as ben,
        ):
            ben.open("/login?next=/servers")
            fill_in(ben, "ben", OWN)
            ben.page.get_by_role("navigation").first.wait_for()
            admin.log_in("admin", PASSWORD)
            admin.open("/settings")
            admin.page.get_by_text("everyone", exact=True).click()
            expect(admin.page.get_by_text("You have no second factor yourself")).to_be_visible()
            admin.press("Save")
            # Both are led there from the page that is open, and back to it afterwards.
            for person, path, password in ((admin, "/settings", PASSWORD), (ben, "/servers", OWN)):
                expect(person.page).to_have_url(f"{running.origin}/second-factor?next={path}")
                person.open("/alerts")
                expect(person.page).to_have_url(f"{running.origin}/second-factor?next=/alerts")
                set_up(person, password, partial(assert_fits, person))
                expect(person.page).to_have_url(f"{running.origin}/alerts")
                person.page.get_by_role("navigation").first.wait_for()
            admin.open("/second-factor")
            expect(admin.heading).to_have_text("Account")


def set_up(person: Screen, password: str, check: Callable[[], None] = lambda: None) -> tuple[Authenticator, list[str]]:
    """Set up an app, in any language; return it and the recovery codes. *check*: called at each step."""
    person.page.locator(".factor-start, input[name=password]").first.wait_for()
    if person.page.locator(".factor-start").count():
        person.page.locator(".factor-start").click()
    person.page.locator("input[name=password]").fill(password)
    check()
    person.page.keyboard.press("Enter")
    secret = person.page.locator(".app code")
    secret.wait_for()
    check()
    assert person.page.locator(".qr").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    app = Authenticator(secret.inner_text().replace(" ", ""))
    person.page.locator("input[name=code]").fill(app.code())
    person.page.keyboard.press("Enter")
    person.page.locator(".codes").wait_for()
    check()
    codes = person.page.locator(".codes code").all_inner_texts()
    assert 10 == len(set(codes))
    with person.page.expect_download() as download:
        person.page.locator(".codes ~ .actions button").nth(1).click()
    assert all(code in download.value.path().read_text() for code in codes)
    person.page.locator(".codes ~ .el-checkbox").click()
    person.page.locator(".codes ~ .done").click()
    person.page.locator(".codes").wait_for(state="detached")
    return app, codes


def factor_section(person: Screen) -> Locator:
    return person.page.locator("section").filter(has=person.page.get_by_role("heading", name="Authenticator app"))


def assert_fits(person: Screen) -> None:
    assert not person.page.evaluate(FIT)


def enter(person: Screen, username: str, password: str) -> None:
    person.open("/login")
    fill_in(person, username, password)


def fill_in(person: Screen, username: str, password: str) -> None:
    person.page.locator("input[name=username]").fill(username)
    person.page.locator("input[name=password]").fill(password)
    person.page.keyboard.press("Enter")


def log_out(person: Screen) -> None:
    person.page.locator(".top .opener").last.click()
    person.page.get_by_role("menuitem", name="Log out").click()
    person.page.locator("input[name=username]").wait_for()


def act(admin: Screen, name: str, action: str) -> None:
    """Choose from the menu of a user, and confirm."""
    admin.page.reload()
    admin.page.get_by_role("button", name=f"Actions on {name}").click()
    admin.page.get_by_role("menuitem", name=action).click()
    admin.press(action)


def row_of(client: Client, name: str) -> dict[str, object]:
    row: dict[str, object]
    (row,) = [user for user in client.get("/api/users").data if user["username"] == name]
    return row


def age(served: Process, *, minutes: int) -> None:
    """Let all log-ins be older: the clock of a server cannot be moved."""
    with closing(sqlite3.connect(served.data / "monitor.db", timeout=30)) as database, database:
        database.execute(
            "UPDATE sessions SET authenticated_at = datetime(authenticated_at, ?)", (f"-{minutes} minutes",)
        )
