"""An alert's page says in plain sentences who was notified and why, and takes a verdict."""

import pytest
from playwright.sync_api import expect

from tests.integration.alerts import scene
from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def alert_id(served: Process) -> int:
    with served.admin() as client:
        scene.quick_policies(client)
        [host] = scene.hosts(client, 1, [])
        scene.report(served.port, scene.fleet_key(client), 99, ip_address=host.ip_address)
        found: int = client.get(f"/api/alerts?server_id={host.id}&metric=cpu").data[0]["id"]
        return found


def test_an_alert_says_why_and_takes_a_verdict(admin: Screen, alert_id: int):
    admin.open(f"/alerts/{alert_id}")
    panel = admin.page.get_by_role("region", name="Why was I (not) notified?")
    expect(panel.get_by_text("The alert was firing.", exact=False)).to_be_visible()
    expect(panel.get_by_role("listitem").filter(has_text="admin")).to_contain_text("Was not linked to the server.")
    verdict = admin.page.get_by_role("region", name="Verdict")
    verdict.get_by_role("button", name="Noise").click()
    expect(verdict.get_by_role("button", name="Noise")).to_have_attribute("aria-pressed", "true")
    expect(verdict).to_contain_text("Noise, says admin")
    verdict.get_by_role("button", name="Noise").click()
    expect(verdict).to_contain_text("Was this alert useful?")


def test_a_silence_shows_what_it_would_have_held_back(admin: Screen, alert_id: int):
    admin.open(f"/alerts/{alert_id}")
    admin.page.get_by_role("button", name="Silence", exact=True).click()
    expect(admin.page.get_by_role("dialog")).to_contain_text("it would have held back 1 alert")


def test_a_point_of_a_servers_chart_says_why_too(admin: Screen, served: Process, alert_id: int):
    with served.admin() as client:
        server_id = client.get(f"/api/alerts/{alert_id}").data["server_id"]
    admin.open(f"/servers/{server_id}?range=1h")
    chart = admin.page.get_by_role("region", name="CPU", exact=True)
    chart.locator(".u-over").click()
    why = chart.get_by_role("region", name="Why was I (not) notified?")
    expect(why).to_contain_text("The alert was firing. The value was 99 %.")
    expect(why.get_by_role("listitem").first).to_contain_text("admin Was not linked to the server.")
    why.get_by_role("button", name="Close").click()
    expect(why).to_have_count(0)
    disk = admin.page.get_by_role("region", name="Disk", exact=True)
    disk.locator(".u-over").click()
    why = disk.get_by_role("region", name="Why was I (not) notified?")
    expect(why).to_contain_text("No alert was firing.")
    assert admin.axe_findings() == []
    asked = "**/api/alerts/explain?*kind=forecast*"
    with admin.page.expect_response(asked):
        why.get_by_text("Disk · Forecast").click()
    expect(why).to_contain_text("No alert was firing.")
