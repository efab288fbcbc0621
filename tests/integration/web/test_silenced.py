"""Silences are seen where they act, and come and go by themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.cli.running import Process
from tests.integration.web.browser import ADMIN, PHONE, Screen, screen

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def host(served: Process) -> int:
    """A host with a firing alert on its CPU, and one without alerts."""
    with served.admin() as client:
        scene.settings(client, offline_after=3600)
        scene.quick_policies(client)
        key = scene.fleet_key(client)
        firing, calm = scene.hosts(client, 2, [])
        scene.report(served.port, key, 99, ip_address=firing.ip_address)
        scene.report(served.port, key, 5, ip_address=calm.ip_address)
        return firing.id


def silence(served: Process, host: int, *, after: float, lasts: float, **more: object) -> None:
    begins = datetime.now(UTC) + timedelta(seconds=after)
    with served.admin() as client:
        ends = begins + timedelta(seconds=lasts)
        body = {"scope": {"server_id": host}, "starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
        assert client.post("/api/silences", body | more).data


def test_marks_come_when_a_silence_begins_and_go_when_it_ends(
    admin: Screen, browser: Browser, served: Process, host: int
):
    """On a desk in the list of servers, on a phone in that of alerts, without a reload."""
    with screen(browser, served.origin, ADMIN, viewport=PHONE) as phone:
        phone.open("/alerts")
        expect(phone.page.get_by_role("listitem").filter(has_text="CPU")).to_be_visible()
        admin.open("/servers")
        expect(admin.page.get_by_role("row").filter(has_text="host-1-0")).to_be_visible()
        silence(served, host, after=4, lasts=6)
        marks = [each.page.get_by_text("Silenced until", exact=False) for each in (admin, phone)]
        for mark in marks:
            expect(mark).to_have_count(0)
        for mark in marks:
            expect(mark).to_have_count(1)
        for mark in marks:
            expect(mark).to_have_count(0)


def test_a_server_shows_its_silence_which_can_be_ended(admin: Screen, served: Process, host: int):
    silence(served, host, after=0, lasts=3600, metric="cpu", reason="a new fan")
    admin.open("/")
    tile = admin.page.get_by_role("link").filter(has_text="Silenced").filter(has_text="1").first
    tile.click()
    expect(admin.page.get_by_text("1 of 2")).to_be_visible()
    admin.open(f"/servers/{host}")
    note = admin.page.get_by_role("list", name="Active silences").get_by_role("listitem")
    expect(note).to_contain_text("CPU silenced until")
    expect(note).to_contain_text("by admin · a new fan")
    note.get_by_role("button", name="End now").click()
    admin.dialog().get_by_role("button", name="End now").click()
    admin.sees_notice("Silence ended")
    expect(note).to_have_count(0)
    with served.admin() as client:
        assert [] == [each for each in client.get("/api/silences").data if each["active"]]
