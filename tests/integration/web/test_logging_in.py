"""Successful and refused log-ins, and what stays in the browser."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.cli.running import PASSWORD, process
from tests.integration.web.browser import Screen, screen


def test_a_wrong_password_is_reported_and_opens_nothing(browser: Browser, origin: str):
    with screen(browser, origin) as visitor:
        visitor.open("/servers")
        expect(visitor.page).to_have_url(f"{origin}/login?next=/servers")
        visitor.page.get_by_label("User name", exact=True).fill("admin")
        visitor.page.get_by_label("Password", exact=True).fill("wrong")
        visitor.page.get_by_role("button", name="Log in").click()
        expect(visitor.page.get_by_role("alert")).to_contain_text("Wrong user name or password")


def test_logging_in_leads_to_the_page_that_was_asked_for(browser: Browser, origin: str):
    with screen(browser, origin) as person:
        _enter(person, "/login?next=/profile", "admin", PASSWORD)
        expect(person.heading).to_have_text("Account")


def test_a_link_to_another_host_is_not_followed(browser: Browser, origin: str):
    with screen(browser, origin) as person:
        _enter(person, "/login?next=//evil.example/", "admin", PASSWORD)
        expect(person.heading).to_have_text("Overview")


def test_a_reload_keeps_who_is_logged_in_and_no_script_can_read_the_token(browser: Browser, origin: str):
    with screen(browser, origin) as admin:
        admin.log_in("admin", PASSWORD)
        admin.page.reload()
        expect(admin.heading).to_have_text("Overview")
        stored: dict[str, Any] = admin.page.evaluate(
            "() => ({...localStorage, ...sessionStorage, cookie: document.cookie})"
        )
        assert not [value for value in stored.values() if len(value) > 40 or "." in value]


def test_logging_out_ends_it(admin: Screen, origin: str):
    admin.open("/")
    admin.page.get_by_role("button", name="admin", exact=True).click()
    admin.page.get_by_role("menuitem", name="Log out").click()
    expect(admin.page.get_by_role("button", name="Log in")).to_be_visible()
    admin.open("/servers")
    expect(admin.page).to_have_url(f"{origin}/login?next=/servers")


def test_the_default_password_works_on_this_machine_and_warns(default_password: Path, browser: Browser):
    with process(default_password, "up", MONITOR_ADMIN_PASSWORD="") as running:
        running.start()
        with screen(browser, running.origin) as person:
            person.log_in("admin", "admin123")
            expect(person.heading).to_have_text("Overview")
            expect(person.page.get_by_text("The default password admin123 is still in use")).to_be_visible()


def test_the_default_password_opens_nothing_elsewhere_but_its_change(default_password: Path, browser: Browser):
    with process(default_password, "serve", MONITOR_ADMIN_PASSWORD="") as running:
        running.start()
        with screen(browser, running.origin) as person:
            _enter(person, "/login", "admin", "admin123")
            expect(person.heading).to_have_text("Change password")
            person.open("/servers")
            expect(person.heading).to_have_text("Change password")
            _change_password(person, "admin123", "short")
            expect(person.page.get_by_text("at least 8 characters")).to_be_visible()
            _change_password(person, "admin123", PASSWORD)
            expect(person.heading).to_have_text("Overview")


@pytest.fixture(scope="module")
def default_password(built_screen: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose administrator still has it."""
    home = tmp_path_factory.mktemp("default")
    with process(home, "up", MONITOR_ADMIN_PASSWORD="") as running:
        running.start()
        running.stop()
    return home


def _enter(person: Screen, path: str, username: str, password: str) -> None:
    person.open(path)
    person.page.get_by_label("User name", exact=True).fill(username)
    person.page.get_by_label("Password", exact=True).fill(password)
    person.page.keyboard.press("Enter")


def _change_password(person: Screen, old: str, new: str) -> None:
    person.page.get_by_label("Current password").fill(old)
    person.page.get_by_label("New password", exact=True).fill(new)
    person.page.get_by_label("Repeat new password").fill(new)
    person.page.get_by_role("button", name="Change password").click()
