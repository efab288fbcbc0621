"""Users disable and delete policies, acknowledge alerts in bulk, and send a notification again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import Screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Three hosts fire, and the mail server refuses the only recipient."""
    mailbox.refusals["ben@example.com"] = "550 no such person"
    with serving(tmp_path_factory.mktemp("telling"), mailbox) as running:
        with running.admin() as client:
            scene.settings(client, digest_wait=1)
            scene.quick_policies(client)
            key = scene.fleet_key(client)
            for host in scene.hosts(client, 3, [scene.person(client, "ben")]):
                scene.report(running.port, key, 99, ip_address=host.ip_address)
            parked = "/api/notifications?delivery=parked"
            wait_for(lambda: client.get(parked).data, "the refusal")
        yield running


def test_a_failed_notification_is_sent_again_on_request(admin: Screen, mailbox: MailServer):
    admin.open("/notifications")
    row = admin.page.get_by_role("row").filter(has_text="no such person").first
    expect(row).to_contain_text("Failed")
    del mailbox.refusals["ben@example.com"]
    row.get_by_role("button", name="Resend").click()
    admin.sees_notice("Queued for delivery")
    wait_for(lambda: mailbox.to("ben@example.com"), "the mail")


def test_many_alerts_are_acknowledged_with_one_note(admin: Screen, served: Process):
    admin.open("/alerts")
    admin.page.get_by_role("checkbox", name="Select all").locator("..").first.click()
    admin.page.get_by_role("button", name="Acknowledge", exact=True).last.click()
    admin.dialog().get_by_role("textbox").fill("on it")
    admin.dialog().get_by_role("button", name="Acknowledge", exact=True).click()
    admin.sees_notice("3 alerts acknowledged")
    expect(admin.dialog()).not_to_be_visible()
    with served.admin() as client:
        assert ["admin"] * 3 == [alert["acknowledged_by"] for alert in client.get("/api/alerts?state=firing").data]
    admin.choose("Acknowledgement", "Unacknowledged")
    expect(admin.page.get_by_text("No matches")).to_be_visible()


def test_disabling_a_policy_says_which_alerts_it_cancels(admin: Screen, served: Process):
    admin.open("/policies")
    admin.page.get_by_role("switch", name="CPU · All servers · Enabled").locator("..").click()
    expect(admin.dialog()).to_contain_text("3 firing alerts")
    admin.press("Confirm")
    expect(admin.page.get_by_text("3 servers not monitored")).to_be_visible()
    with served.admin() as client:
        assert ["cancelled"] * 3 == [alert["state"] for alert in client.get("/api/alerts").data]


def test_a_policy_is_deleted_after_a_confirmation(admin: Screen, served: Process):
    admin.open("/policies")
    admin.page.get_by_role("listitem").filter(has_text="≥ 95").get_by_role("button", name="Delete").click()
    admin.dialog().get_by_role("button", name="Delete").click()
    admin.sees_notice("Deleted")
    with served.admin() as client:
        left = [(policy["metric"], policy["kind"]) for policy in client.get("/api/alert-policies").data]
        assert [kind for metric, kind in left if metric == "disk"] == ["forecast"]
