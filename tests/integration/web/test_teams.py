"""A team, from its dialog to what its member sees and may do, without a reload."""

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts import scene
from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen, screen

pytestmark = pytest.mark.nightly

SECONDS = 1_000
SOON = 2 * SECONDS + 3 * SECONDS
"""Two seconds are promised; a slow machine draws for some more."""


@pytest.fixture(scope="module")
def tagged(served: Process) -> int:
    """A host with the tag that the team gets, and one without; and a person who is linked to neither."""
    with served.admin() as client:
        scene.person(client, "ann")
        tagged, _ = scene.hosts(client, 2, [])
        assert client.put(f"/api/servers/{tagged.id}/tags", {"tags": ["web"]}).data
        return tagged.id


def row(shown: Screen, name: str) -> Locator:
    return shown.page.get_by_role("row").filter(has_text=name)


def test_a_team_gives_and_takes_its_servers(admin: Screen, browser: Browser, served: Process, tagged: int):
    with screen(browser, served.origin, ("ann", scene.PASSWORD)) as ann:
        ann.open("/servers")
        expect(ann.page.get_by_text("host-1-0")).to_have_count(0)

        admin.open("/teams")
        expect(admin.page.get_by_text("No teams yet")).to_be_visible()
        admin.page.get_by_role("button", name="New team").first.click()
        admin.fill("Name", "Web people")
        admin.choose("Members", "ann")
        admin.choose("Tags", "web")
        admin.press("Create")
        admin.sees_notice("Created")
        expect(row(admin, "Web people")).to_contain_text("1 server")

        expect(row(ann, "host-1-0")).to_be_visible(timeout=SOON)
        expect(ann.page.get_by_text("host-1-1")).to_have_count(0)
        ann.open(f"/servers/{tagged}")
        expect(ann.page.get_by_text("Web people (see only)")).to_be_visible()
        expect(ann.page.get_by_text("You may see this server, but not change it")).to_be_visible()
        expect(ann.page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)

        row(admin, "Web people").get_by_role("button", name="Edit").click()
        admin.dialog().get_by_text("see and change").click()
        admin.press("Save")
        admin.sees_notice("Saved")
        ann.open(f"/servers/{tagged}")
        ann.page.get_by_role("button", name="Edit", exact=True).click()
        ann.fill("Name", "renamed")
        ann.press("Save")
        expect(ann.heading).to_contain_text("renamed")
        ann.open("/profile")
        expect(ann.page.get_by_text("Web people (see and change)")).to_be_visible()

        ann.open("/servers")
        expect(row(ann, "renamed")).to_be_visible()
        row(admin, "Web people").get_by_role("button", name="Delete").click()
        expect(admin.dialog()).to_contain_text("Its members lose 1 server")
        admin.press("Delete")
        admin.sees_notice("Deleted")
        expect(ann.page.get_by_text("renamed")).to_have_count(0, timeout=SOON)
