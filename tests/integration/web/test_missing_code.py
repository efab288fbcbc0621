"""A part of the screen that cannot be fetched says so, and can be tried again."""

import pytest
from playwright.sync_api import Locator, expect

from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly

# What tells it is fetched some time after the page.
CAN_TELL = "() => performance.getEntriesByType('resource').some(({name}) => /MissingNotice-.*js/.test(name))"


@pytest.mark.parametrize("ending", ["js", "css"])
def test_a_dialog_that_could_not_be_loaded_is_tried_again(admin: Screen, ending: str):
    admin.open("/servers")
    admin.page.wait_for_function(CAN_TELL)
    code = f"**/assets/ServerDialog-*.{ending}"
    admin.page.route(code, lambda route: route.fulfill(status=404))
    admin.page.get_by_role("button", name="Add server").first.click()
    expect(notice(admin)).to_contain_text("This part of the page could not be loaded.")
    admin.page.unroute(code)
    notice(admin).get_by_role("button", name="Try again").click()
    expect(admin.dialog()).to_contain_text("Add server")
    expect(notice(admin)).to_have_count(0)
    expect(admin.page.locator(".el-dialog").last).to_have_css("width", "520px")


def test_a_dialog_given_up_opens_the_next_time(admin: Screen):
    admin.open("/servers")
    admin.page.wait_for_function(CAN_TELL)
    admin.page.route("**/assets/ServerDialog-*.js", lambda route: route.abort())
    admin.page.get_by_role("button", name="Add server").first.click()
    notice(admin).locator(".el-message__closeBtn").click()
    admin.page.unroute("**/assets/ServerDialog-*.js")
    admin.page.get_by_role("button", name="Add server").first.click()
    expect(admin.dialog()).to_contain_text("Add server")


def test_a_page_of_another_version_offers_to_reload(admin: Screen):
    admin.open("/")
    admin.page.wait_for_function(CAN_TELL)
    admin.page.route("**/assets/SilencesPage-*.js", lambda route: route.fulfill(status=404))
    admin.page.route(f"{admin.origin}/", lambda route: route.fulfill(body="<html>another</html>"))
    admin.page.get_by_role("navigation").first.get_by_role("link", name="Silences").click()
    expect(notice(admin)).to_contain_text("monitor has been updated")
    expect(admin.heading).to_have_text("Overview")
    admin.page.unroute_all()
    notice(admin).get_by_role("button", name="Reload page").click()
    expect(admin.heading).to_have_text("Silences")


def test_the_first_page_that_could_not_be_loaded_is_tried_again(admin: Screen):
    admin.page.route("**/assets/SilencesPage-*.js", lambda route: route.abort())
    admin.open("/silences")
    expect(notice(admin)).to_be_visible()
    admin.page.unroute_all()
    notice(admin).get_by_role("button", name="Try again").click()
    expect(admin.heading).to_have_text("Silences")


def test_texts_of_a_page_that_could_not_be_loaded_are_tried_again(admin: Screen):
    admin.open("/")
    admin.page.wait_for_function(CAN_TELL)
    admin.page.route("**/assets/administration-*.js", lambda route: route.abort())
    admin.page.get_by_role("navigation").first.get_by_role("link", name="Configuration").click()
    expect(notice(admin)).to_be_visible()
    admin.page.unroute_all()
    notice(admin).get_by_role("button", name="Try again").click()
    expect(admin.heading).to_have_text("Configuration")
    expect(admin.page.get_by_role("button", name="Plan")).to_be_visible()


def notice(person: Screen) -> Locator:
    return person.page.locator(".el-message")
