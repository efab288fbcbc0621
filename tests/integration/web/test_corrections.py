"""A page that shows a problem links to the page on which it is corrected."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.integration.alerts import scene
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly


@pytest.fixture
def client(served: Process) -> Iterator[Client]:
    """The administrator's, without a screen. It begins with an empty fleet."""
    with served.admin() as client:
        if ids := [server["id"] for server in client.get("/api/servers").data]:
            client.post("/api/servers/batch", {"action": "delete", "server_ids": ids})
        yield client


def test_a_missing_recipient_is_one_click_from_its_correction(admin: Screen, client: Client):
    scene.hosts(client, 1, [])
    admin.open("/coverage")
    admin.page.locator("main").get_by_role("link", name="host-1-0").first.click()
    expect(admin.dialog()).to_be_visible()
    admin.open("/coverage")
    admin.page.get_by_role("link", name="Add channel").click()
    expect(admin.dialog()).to_be_visible()


def test_notifications_are_of_one_server_until_the_filter_is_removed(admin: Screen, client: Client):
    (host,) = scene.hosts(client, 1, [])
    admin.open(f"/notifications?server_id={host.id}")
    filters = admin.page.get_by_role("search", name="Filter notifications")
    expect(filters).to_contain_text("host-1-0")
    filters.get_by_role("button", name="Clear").click()
    expect(filters).not_to_contain_text("host-1-0")
    assert "server_id" not in admin.page.url
