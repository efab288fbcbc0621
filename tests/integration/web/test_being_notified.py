"""A person chooses how and when they are notified, and an administrator of what a channel is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import PHONE, Screen, screen

pytestmark = pytest.mark.nightly


@pytest.fixture
def ann(browser: Browser, served: Process) -> Iterator[Screen]:
    """A member without rights, new in each test."""
    with served.admin() as client:
        for user in client.get("/api/users").data:
            if user["username"] == "ann":
                client.delete(f"/api/users/{user['id']}")
        scene.person(client, "ann")
    with screen(browser, served.origin, ("ann", scene.PASSWORD)) as shown:
        shown.open("/profile")
        yield shown


def ways(shown: Screen) -> Locator:
    return shown.page.get_by_role("region", name="How I am notified").get_by_role("listitem")


def add_mail(shown: Screen, address: str, minutes: int = 0) -> None:
    shown.press("Add way")
    shown.dialog().get_by_text("E-mail", exact=True).click()
    shown.fill("E-mail address", address)
    shown.fill("Delay", str(minutes))
    shown.press("Save")
    shown.sees_notice("Saved")
    expect(shown.page.get_by_role("dialog").filter(visible=True)).to_have_count(0)


def test_ways_are_added_tried_ordered_and_removed(ann: Screen, mailbox: MailServer):
    expect(ways(ann)).to_have_count(1)
    expect(ways(ann)).to_contain_text("ann@example.com")
    add_mail(ann, "ann@phone.example", minutes=5)
    second = ways(ann).nth(1)
    expect(second).to_contain_text("ann@phone.example")
    expect(second).to_contain_text("after 5 min without acknowledgement")
    expect(second).to_contain_text("not confirmed yet")
    second.get_by_role("button", name="Send test").click()
    ann.sees_notice("Test sent")
    wait_for(lambda: mailbox.to("ann@phone.example"), "the test")

    second.get_by_role("button", name="Move up: E-mail · ann@phone.example").click()
    expect(ways(ann).first).to_contain_text("ann@phone.example")
    ann.page.reload()
    expect(ways(ann).first).to_contain_text("ann@phone.example")
    ways(ann).first.get_by_role("button", name="Remove: E-mail · ann@phone.example").click()
    ann.press("Remove")
    expect(ways(ann)).to_have_count(1)
    expect(ways(ann)).to_contain_text("ann@example.com")


def test_a_changed_way_is_rehearsed_before_it_is_saved(ann: Screen):
    ways(ann).first.get_by_role("button", name="Edit").click()
    ann.dialog().get_by_text("Critical only", exact=True).click()
    ann.press("Rehearse")
    expect(ann.dialog()).to_contain_text("Alerts with a notification in these days")
    ann.press("Save")
    ann.sees_notice("Saved")
    expect(ways(ann).first).to_contain_text("Critical only")


def test_quiet_hours_and_absences_are_kept(ann: Screen):
    form = ann.page.locator("form").filter(has=ann.page.get_by_role("heading", name="Quiet hours"))
    form.get_by_role("switch", name="Quiet hours").locator("..").click()
    form.locator("[name=quiet-from]").fill("23:30")
    form.get_by_role("combobox", name="Time zone").fill("Shanghai")
    ann.choose("Time zone", "Asia/Shanghai")
    form.get_by_role("button", name="Rehearse").click()
    expect(form).to_contain_text("Alerts with a notification in these days")
    form.get_by_role("button", name="Save").click()
    ann.sees_notice("Saved")
    away = ann.page.locator("form").filter(has=ann.page.get_by_role("heading", name="Absences"))
    away.get_by_role("button", name="Add absence").click()
    for label, moment in (("From", "2090-01-01 08:00"), ("To", "2090-01-08 18:00")):
        away.get_by_role("combobox", name=label, exact=True).fill(moment)
        away.get_by_role("combobox", name=label, exact=True).press("Enter")
    away.get_by_role("button", name="Save").click()
    expect(away.get_by_role("listitem")).to_contain_text("1 Jan 2090, 08:00 – 8 Jan 2090, 18:00")
    ann.page.reload()
    expect(form.locator("[name=quiet-from]")).to_have_value("23:30")
    away.get_by_role("button", name="Remove the absence").click()
    expect(away.get_by_role("listitem")).to_have_count(0)


@pytest.mark.nightly
def test_the_page_is_accessible_and_fits_a_phone(ann: Screen):
    add_mail(ann, f"{'very-long-name-' * 4}@phone.example")
    assert ann.axe_findings() == []
    ann.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    # The page follows a moment after its window.
    ann.page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_channel_is_notified_of_one_tag(admin: Screen, served: Process):
    with served.admin() as client:
        [host] = scene.hosts(client, 1, [])
        assert client.put(f"/api/servers/{host.id}/tags", {"tags": ["web"]}).data
        name = client.get(f"/api/servers/{host.id}").data["server_name"]
    admin.open("/channels?open=new")
    admin.dialog().get_by_text("E-mail", exact=True).click()
    admin.fill("Name", "web team")
    admin.fill("E-mail address", "web@example.com")
    admin.dialog().get_by_text("Tag", exact=True).click()
    admin.press("Create")
    admin.sees_notice("Created")
    row = admin.page.get_by_role("row").filter(has_text="web team")
    expect(row).to_contain_text("Tag web")
    row.get_by_role("button", name="Edit").click()
    admin.dialog().get_by_text("Servers", exact=True).click()
    admin.choose("Add a server", name)
    admin.press("Save")
    admin.sees_notice("Saved")
    expect(row).to_contain_text(name)
    with served.admin() as client:
        scopes = [each["scope"] for each in client.get("/api/channels").data if each["name"] == "web team"]
        assert [{"server_ids": [host.id]}] == scopes
