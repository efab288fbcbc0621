"""A session ends under an open page: the password is asked for over it, and nothing that was typed is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, Process
from tests.integration.web.browser import Screen, screen

pytestmark = pytest.mark.nightly

BEN = ("ben", "ben's own password")
ASKED = re.compile(r"/api/(?!auth/)")
ELSEWHERE = "Your session was ended elsewhere"


@pytest.fixture
def client(served: Process) -> Iterator[Client]:
    """An administrator's, without a screen."""
    with served.admin() as client:
        yield client


def test_a_form_half_filled_is_saved_after_the_password(admin: Screen, client: Client):
    # Without the live stream, which would ask first.
    admin.page.route("**/api/live**", lambda route: route.abort())
    admin.open("/servers")
    page = admin.page
    # What the form asks for when it opens must not be the first request without a session.
    with page.expect_response("**/api/users/options**"), page.expect_response("**/api/servers/tags**"):
        page.get_by_role("button", name="Add server").first.click()
    admin.fill("Name", "typed-before")
    end_other_sessions(client)
    admin.fill("IP address", "10.1.2.3")
    admin.press("Add and install agent")
    expect(asked(admin)).to_contain_text(ELSEWHERE)
    give(admin, "wrong")
    expect(asked(admin).get_by_role("alert")).to_contain_text("Wrong user name or password")
    give(admin, PASSWORD)
    expect(asked(admin)).to_have_count(0)
    expect(admin.dialog()).to_contain_text("Install agent on typed-before")
    assert "10.1.2.3" in [server["ip_address"] for server in client.get("/api/servers").data]


def test_one_dialog_serves_all_waiting_requests_and_the_page_continues_live(admin: Screen, client: Client):
    admin.open("/policies/new?metric=load1")
    admin.fill("Warning threshold", "7")
    expect(admin.page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    end_other_sessions(client)
    # The stream ends by itself, and is the first to ask.
    expect(asked(admin)).to_be_visible()
    admin.page.evaluate("() => { window.wasNotReloaded = true }")
    give(admin, PASSWORD)
    expect(asked(admin)).to_have_count(0)
    expect(admin.page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    expect(admin.page.get_by_role("spinbutton", name="Warning threshold")).to_have_value("7")
    admin.press("Create")
    expect(admin.page.get_by_role("heading", name="Load 1 min")).to_be_visible()
    (made,) = [policy for policy in client.get("/api/alert-policies").data if policy["metric"] == "load1"]
    assert 7 == made["warning"]
    assert admin.page.evaluate("() => window.wasNotReloaded")


def test_the_open_page_asks_for_nothing_until_the_user_is_back(admin: Screen, client: Client):
    client.post("/api/checks", {"name": "shop", "kind": "tcp", "target": "127.0.0.1:1"})
    admin.page.clock.install()
    admin.open("/")
    expect(admin.page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    end_other_sessions(client)
    expect(asked(admin)).to_be_visible()
    admin.page.clock.run_for(15_000)  # what was under way then, such as a new stream, has asked and waits now
    said: list[str] = []
    # The dialog itself asks which ways to log in there are.
    admin.page.on("request", lambda request: said.append(request.url) if ASKED.search(request.url) else None)
    for _ in range(4):
        admin.page.clock.run_for(15_000)
    assert said == []
    give(admin, PASSWORD)
    expect(asked(admin)).to_have_count(0)


def test_a_changed_password_is_named_and_the_old_one_no_longer_opens(browser: Browser, origin: str, client: Client):
    client.make_user(*BEN)
    with screen(browser, origin) as ben:
        ben.log_in(*BEN)
        # What was changed in the second of the log-in may have been changed before it.
        logged_in = ben.page.evaluate("performance.now()")
        ben.page.wait_for_function(f"() => performance.now() > {logged_in} + 2000")
        client.put("/api/users/reset-password", {"username": BEN[0], "password": "another password"})
        expect(asked(ben)).to_contain_text("Your password was changed")
        give(ben, BEN[1])
        expect(asked(ben).get_by_role("alert")).to_be_visible()
        give(ben, "another password")
        expect(asked(ben)).to_have_count(0)
        expect(ben.page.get_by_text("An administrator set your password")).to_be_visible()
        ben.fill("Current password", "another password")
        ben.fill("New password", "ben's newest one")
        ben.fill("Repeat new password", "ben's newest one")
        ben.page.get_by_role("button", name="Change password").click()
        expect(ben.page.get_by_role("status").filter(has_text="Live")).to_be_visible()


def test_leaving_opens_the_log_in_page(admin: Screen, client: Client, origin: str):
    admin.open("/profile")
    expect(admin.page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    end_other_sessions(client)
    expect(asked(admin)).to_be_visible()
    asked(admin).get_by_role("button", name="Leave").click()
    expect(admin.page).to_have_url(f"{origin}/login?next=/profile")


def end_other_sessions(client: Client) -> None:
    for held in client.get("/api/auth/sessions").data:
        if not held["current"]:
            client.delete(f"/api/auth/sessions/{held['id']}")


def asked(person: Screen) -> Locator:
    return person.page.get_by_role("dialog", name="Log in again").filter(visible=True)


def give(person: Screen, password: str) -> None:
    asked(person).get_by_label("Password", exact=True).fill(password)
    asked(person).get_by_role("button", name="Log in").click()
