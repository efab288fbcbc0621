"""The server goes away under an open page, and comes back."""

import pytest
from playwright.sync_api import expect

from tests.integration.alerts import scene
from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly

# What tells a failure comes after the first load, in several files. Asked every second.
ALL_IS_LOADED = """() => {
    const names = performance.getEntriesByType('resource').map(({name}) => name)
    const before = window.loadedBefore
    window.loadedBefore = names.length
    return before === names.length && names.some((name) => /message-/.test(name))
}"""


def test_a_lost_connection_is_shown_and_missed_changes_appear_automatically(admin: Screen, served: Process):
    with served.admin() as client:
        key = scene.fleet_key(client)
        (host,) = scene.hosts(client, 1, [])
    scene.report(served.port, key, 11, ip_address=host.ip_address)
    admin.open("/servers")
    cells = admin.page.get_by_role("row").filter(has_text="host-1-0")
    expect(cells).to_contain_text("11 %")
    admin.page.evaluate("() => { window.wasNotReloaded = true }")
    served.kill()
    expect(admin.page.get_by_role("status").filter(has_text="Connection lost")).to_be_visible()
    served.start()
    scene.report(served.port, key, 77, ip_address=host.ip_address)
    expect(cells).to_contain_text("77 %", timeout=60_000)
    expect(admin.page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    assert admin.page.evaluate("() => window.wasNotReloaded")


def test_a_page_that_cannot_be_filled_says_so_and_fills_once_it_can(admin: Screen, served: Process):
    admin.open("/")
    links = admin.page.get_by_role("navigation").first
    links.get_by_role("link", name="Alerts").click()
    expect(admin.heading).to_have_text("Alerts")
    links.get_by_role("link", name="Overview").click()
    served.kill()
    links.get_by_role("link", name="Alerts").click()
    expect(admin.page.get_by_role("main").get_by_text("The server cannot be reached")).to_be_visible()
    served.start()
    expect(admin.page.get_by_text("No firing alerts")).to_be_visible(timeout=60_000)


def test_a_page_that_was_never_loaded_says_that_the_server_is_unreachable(admin: Screen, served: Process):
    admin.open("/")
    admin.page.wait_for_function(ALL_IS_LOADED, polling=1000)
    served.kill()
    admin.page.get_by_role("navigation").first.get_by_role("link", name="Silences").click()
    admin.sees_notice("The server cannot be reached")
    expect(admin.heading).to_have_text("Overview")
    served.start()
