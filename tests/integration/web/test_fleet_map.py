"""A fleet as a map: groups at a glance, the list behind each, and a wallboard that needs no session."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Nine servers in two networks, of which one has a critical alert."""
    with serving(tmp_path_factory.mktemp("map"), mailbox) as running:
        with running.admin() as client:
            scene.quick_policies(client)
            for network, tag in ((1, "web"), (2, "db")):
                for number in range(4 + (tag == "web")):
                    address = f"10.0.{network}.{number + 1}"
                    body = {"server_name": f"{tag}-{number}", "ip_address": address, "tags": [tag, "prod"]}
                    client.post("/api/servers", body)
            key = scene.fleet_key(client)
            for address, cpu in (("10.0.1.1", 99), ("10.0.1.2", 20), ("10.0.2.1", 40)):
                scene.report(running.port, key, cpu, ip_address=address)
            wait_for(lambda: len(client.get("/api/alerts?state=firing").data) == 1, lambda: "an alert")
        yield running


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def admin(request: pytest.FixtureRequest, browser: Browser, served: Process) -> Iterator[Screen]:
    size: Any = request.param
    with screen(browser, served.origin, ADMIN, viewport=size) as shown:
        yield shown


def test_the_icon_of_the_tab_counts_what_fires(browser: Browser, origin: str):
    with screen(browser, origin) as person:
        icon = person.page.locator("link[rel=icon]")
        person.open("/login")
        expect(icon).to_have_attribute("href", "/favicon.svg")
        person.log_in(*ADMIN)
        expect(icon).to_have_attribute("href", re.compile("^data:image/svg.*%3E1%3C"))


def test_a_group_leads_to_its_servers_and_a_link_to_the_wallboard(admin: Screen, browser: Browser):
    page = admin.page
    admin.open("/?view=map")
    fleet = page.get_by_role("region", name="Fleet")
    web = fleet.get_by_role("link", name="web 5 Servers")
    expect(web).to_contain_text("1 Critical")
    expect(page).to_have_title("(1) Overview · monitor")
    fleet.get_by_label("Group by").select_option("network")
    fleet.get_by_label("then by").select_option("tag")
    fleet.get_by_label("Color by").select_option("memory")
    expect(fleet.get_by_role("link", name="10.0.1.0/24")).to_be_visible()
    assert [] == admin.axe_findings()
    page.reload()
    inner = fleet.get_by_role("listitem").filter(has=page.get_by_role("link", name="10.0.2.0/24"))
    inner.get_by_role("link", name="db 4").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 of 9")).to_be_visible()
    expect(page.get_by_role("search")).to_contain_text("10.0.2.0/24")
    admin.open("/?view=map&by=network")
    admin.press("Wallboard")
    admin.fill("Name", "lobby")
    admin.press("Create")
    link = admin.dialog().get_by_role("group", name="Wallboard link").locator("code").inner_text()
    with screen(browser, link.partition("/wallboard")[0], viewport=page.viewport_size) as wall:
        wall.open(link.removeprefix(link.partition("/wallboard")[0]))
        expect(wall.page.get_by_role("main")).to_contain_text("10.0.1.0/24")
        expect(wall.page.get_by_role("list", name="Firing alerts")).to_contain_text("web-0")
        assert [] == wall.axe_findings()
        admin.open("/profile")
        admin.press("Revoke lobby")
        admin.press("Revoke")
        admin.sees_notice("Token revoked")
        expect(wall.page.get_by_text("This link no longer works")).to_be_visible()


def test_the_wallboard_of_who_is_logged_in_needs_no_link(admin: Screen):
    page = admin.page
    admin.open("/wallboard?by=network")
    expect(page.get_by_role("main")).to_contain_text("10.0.1.0/24")
    expect(page.get_by_role("list", name="Firing alerts")).to_contain_text("web-0")
    expect(page.get_by_text("This link no longer works")).to_have_count(0)
    assert [] == admin.axe_findings()
    admin.open("/?view=map&by=network")
    admin.press("Wallboard")
    admin.dialog().get_by_role("link", name="Open it here").click()
    expect(page).to_have_url(re.compile(r"/wallboard\?by=network&fill=state$"))
    expect(page.get_by_role("main")).to_contain_text("10.0.1.0/24")


def test_a_log_in_leads_back_to_the_wallboard_but_a_wrong_link_is_refused(browser: Browser, served: Process):
    with screen(browser, served.origin) as person:
        person.open("/wallboard#wrong")
        expect(person.page.get_by_text("This link no longer works")).to_be_visible()
        person.open("/wallboard?by=network")
        expect(person.page).to_have_url(re.compile("/login"))
        person.fill("User name", ADMIN[0])
        person.fill("Password", ADMIN[1])
        person.press("Log in")
        expect(person.page).to_have_url(re.compile(r"/wallboard\?by=network$"))
        expect(person.page.get_by_role("main")).to_contain_text("10.0.2.0/24")
