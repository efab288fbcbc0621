"""An administrator asks why somebody was notified, links people where nobody is, and hands over what a person had."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

SIZES = {"desk": DESK, "phone": PHONE}


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Ben is notified of one host, and nobody of two others."""
    with serving(tmp_path_factory.mktemp("why"), mailbox) as running:
        with running.admin() as client:
            client.put("/api/auth/me", {"locale": "en"})
            scene.settings(client, digest_wait=1)
            scene.quick_policies(client)
            (host,) = scene.hosts(client, 1, [scene.person(client, "ben")])
            scene.report(running.port, scene.fleet_key(client), 99, ip_address=host.ip_address)
            wait_for(lambda: client.get("/api/notifications?delivery=sent").data, "the mail")
        yield running


def notified(served: Process) -> datetime:
    """When Ben was, in UTC."""
    with served.admin() as client:
        (mail,) = client.get("/api/notifications?delivery=sent").data
    return datetime.fromisoformat(mail["created_at"])


def pick(admin: Screen, label: str, moment: datetime) -> None:
    """In a field with a date and a time."""
    field = admin.page.get_by_role("combobox", name=label, exact=True)
    field.fill(f"{moment:%Y-%m-%d %H:%M}")
    field.press("Enter")


@pytest.mark.parametrize("size", SIZES)
def test_a_notification_says_why(browser: Browser, served: Process, size: str):
    with screen(browser, served.origin, ADMIN, viewport=SIZES[size], timezone_id="UTC") as admin:
        admin.open("/notifications")
        pick(admin, "To", notified(served) - timedelta(hours=1))
        expect(admin.page.get_by_role("main")).to_contain_text("No matches")
        admin.press("Clear")
        admin.choose("Person", "ben")
        row = admin.page.get_by_role("row").filter(has_text="ben@example.com").first
        row.get_by_role("link", name="Why?").click()
        expect(admin.heading).to_have_text("Why was someone (not) notified?")
        panel = admin.page.get_by_role("region", name="host-1-0 · CPU")
        expect(panel.get_by_role("listitem").first).to_contain_text("ben Notified on")
        expect(panel).to_contain_text("The value was 99 %.")
        assert [] == admin.axe_findings()


@pytest.mark.parametrize("size", SIZES)
def test_a_server_and_a_minute_are_chosen_by_hand(browser: Browser, served: Process, size: str):
    sent = notified(served)
    with screen(browser, served.origin, ADMIN, viewport=SIZES[size], timezone_id="UTC") as admin:
        admin.open("/explain")
        expect(admin.page.get_by_text("Choose a server or a check")).to_be_visible()
        admin.choose("Choose a server", "host-1-0")
        pick(admin, "Minute", sent - timedelta(hours=1))
        expect(admin.page.get_by_role("main")).to_contain_text("No alert of host-1-0 was firing at")
        pick(admin, "Minute", sent)
        panel = admin.page.get_by_role("region", name="host-1-0 · CPU")
        expect(panel.get_by_role("listitem").filter(has_text="ben")).to_contain_text("ben Notified on")
        admin.choose("Person", "ben")
        expect(admin.page).to_have_url(re.compile("user_id="))
        expect(panel.get_by_role("listitem").first).to_contain_text("ben Notified on")
        assert [] == admin.axe_findings()


@pytest.mark.parametrize("size", SIZES)
def test_people_are_linked_and_what_they_had_is_handed_over(browser: Browser, served: Process, size: str):
    with served.admin() as client:
        network = 2 + [*SIZES].index(size)
        ids = {host.id for host in scene.hosts(client, 2, [], network=network)}
        eve = scene.person(client, f"eve-{size}")
        rota_id = scene.rota(client, f"nights-{size}", [eve])
    with screen(browser, served.origin, ADMIN, viewport=SIZES[size]) as admin:
        admin.open("/coverage")
        expect(admin.page.get_by_text("No one is linked to 2 servers")).to_be_visible()
        admin.press("Link people to all 2")
        admin.choose("Users", f"eve-{size}")
        admin.press("Apply")
        admin.sees_notice("1 person linked to 2 servers")
        assert [] == admin.axe_findings()
        admin.open("/users")
        admin.page.get_by_role("button", name=f"Actions on eve-{size}").click()
        admin.page.get_by_role("menuitem", name="Delete user").click()
        dialog = admin.dialog()
        expect(dialog).to_contain_text("2 servers that only they see")
        expect(dialog).to_contain_text(f"Left without anyone on call: nights-{size}")
        admin.choose("Hand over to", "ben")
        expect(dialog).not_to_contain_text("Left without")
        dialog.get_by_placeholder(f"eve-{size}").fill(f"eve-{size}")
        admin.press("Delete user")
        admin.sees_notice("Deleted")
    with served.admin() as client:
        (ben,) = [user["id"] for user in client.get("/api/users").data if user["username"] == "ben"]
        linked = {row["id"] for row in client.get("/api/servers").data if ben in {each["id"] for each in row["users"]}}
        assert ids <= linked
        (rota,) = [each for each in client.get("/api/rotas").data if each["id"] == rota_id]
        assert [ben] == rota["user_ids"]
