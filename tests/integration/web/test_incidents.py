"""One cause is one row of the list of alerts, with a page of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import Screen
from tests.integration.web.conftest import serving

RACK = 6


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Six of seven hosts with a tag fire together; of the others, which are healthy, one has an alert of its own."""
    with serving(tmp_path_factory.mktemp("incidents"), mailbox) as running:
        with running.admin() as client:
            scene.quick_policies(client)
            key = scene.fleet_key(client)
            hosts = scene.hosts(client, 20, [scene.person(client, "ann")])
            for host in hosts[: RACK + 1]:
                assert client.put(f"/api/servers/{host.id}", {"tags": ["rack-7"]}).data
            for number, host in enumerate(hosts):
                scene.report(running.port, key, 99 if number < RACK or number == 19 else 10, ip_address=host.ip_address)
            wait_for(lambda: len(client.get("/api/incidents").data) == 2, "two incidents")
        yield running


def row(admin: Screen, words: str) -> Locator:
    return admin.page.locator("main tbody tr").filter(has_text=words)


def test_an_incident_is_one_row_that_opens_to_its_alerts(admin: Screen):
    admin.open("/alerts")
    rack = row(admin, f"{RACK} of {RACK + 1} in rack-7; host-1-6 is healthy")
    expect(rack).to_contain_text(f"{RACK} servers · {RACK} alerts")
    expect(admin.page.locator("main tbody tr")).to_have_count(2)
    rack.get_by_role("button", name="Alerts of").click()
    expect(admin.page.locator("main tbody tr")).to_have_count(2 + RACK)
    rack.get_by_role("button", name="Alerts of").click()
    expect(admin.page.locator("main tbody tr")).to_have_count(2)


def test_an_incident_of_one_alert_is_that_alert(admin: Screen):
    admin.open("/alerts")
    row(admin, "host-1-19").get_by_role("link", name="CPU").click()
    expect(admin.heading).to_contain_text("host-1-19")


def test_single_alerts_are_chosen_once_and_for_all(admin: Screen):
    admin.open("/alerts")
    admin.page.get_by_text("Single alerts").click()
    expect(admin.page.locator("main tbody tr")).to_have_count(RACK + 1)
    assert admin.page.url.endswith("/alerts?view=single")
    admin.open("/alerts")
    expect(admin.page.locator("main tbody tr")).to_have_count(RACK + 1)
    admin.page.get_by_text("Incidents", exact=True).click()
    expect(admin.page.locator("main tbody tr")).to_have_count(2)


def test_the_overview_has_one_row_for_it(admin: Screen):
    admin.open("/")
    attention = admin.page.get_by_role("region", name="Needs attention")
    expect(attention.get_by_role("link", name=f"{RACK} of {RACK + 1} in rack-7")).to_be_visible()
    expect(attention.get_by_role("list", name="Tags and networks")).to_contain_text("rack-7")
    expect(attention.get_by_role("link", name="host-1-19")).to_be_visible()
    expect(attention.get_by_role("link", name="host-1-0")).to_have_count(0)


def test_its_page_says_what_came_first_and_acknowledges_all(admin: Screen):
    admin.open("/alerts")
    admin.page.get_by_role("link", name="in rack-7").click()
    expect(admin.heading).to_contain_text("in rack-7")
    expect(admin.page.get_by_role("main")).to_contain_text("What came first")
    expect(admin.page.get_by_role("region", name="Alerts").locator("tbody tr")).to_have_count(RACK)
    expect(admin.page.get_by_role("region", name="Timeline")).to_contain_text("Fired")
    expect(admin.page.get_by_role("region", name="Who was notified")).to_contain_text("ann")
    with admin.page.expect_download() as download:
        admin.press("Download report")
    assert "rack-7" in download.value.path().read_text()
    admin.press("Acknowledge")
    admin.press("Acknowledge")
    admin.sees_notice(f"{RACK} alerts acknowledged")
    admin.open("/alerts")
    expect(row(admin, "in rack-7")).to_contain_text("Acknowledged by admin")


def test_what_a_server_depends_on_is_chosen_and_shown_in_both_directions(admin: Screen):
    admin.open("/servers/8")
    admin.press("Edit")
    admin.choose("Search servers and checks", "host-1-8")
    expect(admin.dialog().get_by_text("host-1-8")).to_be_visible()
    admin.press("Save")
    admin.page.get_by_role("main").get_by_role("link", name="host-1-8").click()
    expect(admin.heading).to_contain_text("host-1-8")
    expect(admin.page.get_by_role("main")).to_contain_text("Needed by")
    expect(admin.page.get_by_role("main").get_by_role("link", name="host-1-7")).to_be_visible()
    admin.press("Edit")
    admin.choose("Search servers and checks", "host-1-7")
    admin.press("Save")
    expect(admin.dialog()).to_contain_text("would depend on itself")
