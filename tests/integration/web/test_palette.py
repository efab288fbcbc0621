"""The palette finds all that one may see and do, by the keyboard on a desk and by a button on a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

DISK = {"server_id": 1, "metric": "disk:/var", "value": 91.5, "per_day": 1.25, "full_at": "2099-01-08 10:00:00"}


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Two hosts of Ann, one with an alert, and a job."""
    with serving(tmp_path_factory.mktemp("palette"), mailbox) as running:
        with running.admin() as client:
            scene.quick_policies(client)
            hosts = scene.hosts(client, 2, [scene.person(client, "ann")])
            scene.report(running.port, scene.fleet_key(client), 99, ip_address=hosts[0].ip_address)
            assert client.post("/api/check-ins", {"name": "nightly host backup", "period": 60, "grace": 60}).data
            check = {"name": "shop front", "kind": "tcp", "target": "127.0.0.1:1", "attempts": 10}
            assert client.post("/api/checks", check).data
            team = {"name": "Storefront", "access": "read", "user_ids": [], "tags": ["shop"], "server_ids": []}
            assert client.post("/api/teams", team).data
            wait_for(lambda: client.get("/api/alerts?state=firing").data, "an alert")
        yield running


def options(person: Screen) -> Locator:
    return person.dialog().get_by_role("option")


def group(person: Screen, name: str) -> Locator:
    return person.dialog().get_by_role("group", name=name, exact=True).get_by_role("option")


def test_everything_is_found_by_keyboard(admin: Screen):
    admin.open("/")
    expect(admin.heading).to_have_text("Overview")
    admin.page.keyboard.press("Control+k")
    field = admin.dialog().get_by_role("combobox")
    expect(field).to_be_focused()
    admin.page.keyboard.type("host")
    expect(group(admin, "Servers")).to_have_count(2)
    expect(group(admin, "Alerts")).to_contain_text(["host-1-0 · CPU"])
    expect(group(admin, "Check-ins")).to_contain_text(["nightly host backup"])
    assert not admin.axe_findings()
    admin.page.keyboard.press("ArrowDown")
    admin.page.keyboard.press("Enter")
    expect(admin.heading).to_contain_text("host-1-1")
    admin.page.keyboard.press("/")
    expect(field).to_be_focused()
    admin.page.keyboard.type("ann")
    expect(group(admin, "Users")).to_have_text(["ann"])
    field.fill("front")
    expect(group(admin, "Checks")).to_contain_text(["shop front"])
    expect(group(admin, "Teams")).to_have_text(["Storefront"])
    field.fill("no such thing")
    expect(admin.dialog().get_by_role("status")).to_have_text("No match for “no such thing”")
    field.fill("dark")
    admin.page.keyboard.press("Enter")
    expect(admin.page.locator("html")).to_have_class("dark")
    admin.page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    admin.page.keyboard.type("add check-in")
    admin.page.keyboard.press("Enter")
    expect(admin.dialog().get_by_label("Name")).to_be_visible()


def test_a_phone_has_a_button_and_each_sees_their_own(browser: Browser, origin: str):
    with screen(browser, origin, ("ann", scene.PASSWORD), viewport=PHONE) as person:
        person.open("/")
        person.page.get_by_role("banner").get_by_role("button", name="Search").click()
        expect(group(person, "Actions").filter(has_text="Add server")).to_be_visible()
        expect(options(person).filter(has_text="Add check")).to_have_count(0)
        person.dialog().get_by_role("combobox").fill("backup")
        expect(person.dialog().get_by_role("status")).to_have_text("No match for “backup”")
        person.dialog().get_by_role("combobox").fill("1-1")
        group(person, "Servers").filter(has_text="host-1-1").click()
        expect(person.heading).to_contain_text("host-1-1")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_disks_that_fill_up_lead_to_all_forecasts(browser: Browser, origin: str, size: Any):
    disks = [DISK | {"server_name": "host-1-0"}]
    answer = {"code": 200, "msg": "ok", "data": disks}
    with screen(browser, origin, ADMIN, viewport=size) as admin:
        admin.page.route("**/api/servers/filling?*", lambda route: route.fulfill(json=answer))
        admin.open("/")
        attention = admin.page.get_by_role("region", name="Needs attention")
        expect(attention.get_by_role("link", name="Never reported · 1 server")).to_be_visible()
        attention.get_by_role("link", name="Disk forecasts").click()
        expect(admin.heading).to_have_text("Disk forecasts")
        row = admin.page.get_by_role("row").filter(has_text="host-1-0")
        expect(row).to_contain_text("per day")
        assert [] == admin.axe_findings()
        row.get_by_role("link", name="Show chart").click()
        expect(admin.heading).to_contain_text("host-1-0")
