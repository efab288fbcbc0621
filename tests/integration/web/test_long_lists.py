"""Lists that are longer than a screen end where their last row does."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

HOSTS = 60
AMBER = "rgb(229, 154, 28)"
"""Of warnings, in the light theme."""
BELOW = "() => document.documentElement.scrollHeight - innerHeight"
"""How much of the page lies below what is seen of it."""


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Half of the hosts fire a warning; the others have never reported."""
    with serving(tmp_path_factory.mktemp("long"), mailbox) as running:
        with running.admin() as client:
            scene.quick_policies(client)
            key = scene.fleet_key(client)
            for number, host in enumerate(scene.hosts(client, HOSTS, [])):
                if number % 2:
                    scene.report(running.port, key, 75, ip_address=host.ip_address)
        yield running


def test_a_table_that_is_scrolled_to_its_end_leaves_no_empty_page_below(admin: Screen):
    admin.open("/servers")
    table = admin.page.get_by_role("grid")
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    table.evaluate("table => table.parentElement.scrollTo(0, 1e9)")
    expect(admin.page.get_by_role("row").filter(has_text="host-1-59")).to_be_visible()
    assert 0 == admin.page.evaluate(BELOW)


def test_servers_that_never_reported_are_counted_separately_and_not_as_offline(admin: Screen):
    admin.open("/")
    for label, count in (("Servers", 60), ("Online", 30), ("Offline", 0), ("Never reported", 30)):
        expect(admin.page.get_by_role("link", name=f"{label} {count}", exact=True)).to_be_visible()
    admin.open("/servers?status=offline")
    expect(admin.page.get_by_text("No matches")).to_be_visible()
    admin.open("/servers?status=never")
    expect(admin.page.get_by_text("30 of 60")).to_be_visible()


def test_warnings_alone_are_nowhere_shown_as_critical(admin: Screen):
    admin.open("/")
    badge = admin.page.get_by_role("navigation").get_by_role("link", name="Alerts")
    expect(badge).to_have_accessible_name("Alerts 30 Warning")
    admin.open("/alerts?view=single")
    admin.page.get_by_role("link", name="CPU").first.click()
    step = admin.page.get_by_role("region", name="Timeline").get_by_role("listitem").filter(has_text="Fired").first
    expect(step.locator(".what")).to_have_css("background-color", AMBER, pseudo="before")
