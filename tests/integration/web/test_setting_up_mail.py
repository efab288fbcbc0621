"""An administrator sets up mail on the screen, on a desk and on a phone; the first steps move on by what was done."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import SENDER, MailServer
from tests.integration.cli.running import Process, ready
from tests.integration.web.browser import ADMIN, DESK, PHONE, screen

pytestmark = pytest.mark.nightly

SIZES = {"desk": DESK, "phone": PHONE}


@pytest.fixture(scope="module")
def served(built_screen: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Nothing is set up but a host that reports, of whose alerts nobody would get notified."""
    home = tmp_path_factory.mktemp("mail")
    with ready(home, "serve", MONITOR_ALLOWED_DESTINATIONS="127.0.0.0/8") as running:
        running.start()
        with running.admin() as client:
            client.put("/api/auth/me", {"email": "admin@example.com", "locale": "en"})
            scene.settings(client, offline_after=3600)
            (host,) = scene.hosts(client, 1, [])
            scene.report(running.port, scene.fleet_key(client), 20, ip_address=host.ip_address)
        yield running


@pytest.mark.parametrize("size", SIZES)
def test_mail_is_set_up_and_tried(browser: Browser, served: Process, mailbox: MailServer, size: str):
    with served.admin() as client:
        client.put("/api/settings/mail", dict.fromkeys(("host", "port", "security", "sender", "base_url")))
    with screen(browser, served.origin, ADMIN, viewport=SIZES[size]) as admin:
        admin.open("/settings")
        admin.page.get_by_role("link", name="E-mail and address").click()
        admin.fill("Host", "nowhere.invalid")
        admin.fill("Sender", SENDER)
        admin.press("Send test to me")
        expect(admin.page.get_by_text("The host name was not found.")).to_be_visible(timeout=25_000)
        admin.fill("Host", "127.0.0.1")
        admin.page.get_by_text("None", exact=True).click()
        admin.fill("Port", str(mailbox.port))
        before = len(mailbox.to("admin@example.com"))
        admin.press("Send test to me")
        expect(admin.page.get_by_text("A test was sent to admin@example.com.")).to_be_visible()
        assert before + 1 == len(mailbox.to("admin@example.com"))
        admin.fill("Address of this server", served.origin)
        admin.press("Save")
        admin.sees_notice("Saved")
        assert [] == admin.axe_findings()
    with served.admin() as client:
        found = client.get("/api/settings/mail").data
        assert [True, *[served.origin] * 2] == [found[name] for name in ("works", "seen_url", "base_url")]


@pytest.mark.parametrize("size", SIZES)
def test_the_first_steps_offer_to_link_the_reader(browser: Browser, served: Process, size: str):
    with served.admin() as client:
        nobody = {"action": "unlink_users", "server_ids": [client.get("/api/servers").data[0]["id"]]}
        client.post("/api/servers/batch", nobody | {"user_ids": [client.get("/api/auth/me").data["id"]]})
    with screen(browser, served.origin, ADMIN, viewport=SIZES[size]) as admin:
        admin.open("/")
        card = admin.page.get_by_role("region", name="Get started in three steps")
        card.get_by_role("button", name=re.compile("Link me to")).click()
        expect(card).not_to_be_visible()
    with served.admin() as client:
        assert [] == client.get("/api/alerts/coverage").data["untold"]
