"""From a host's first report to the end of its first alert, as two people live through it in their browsers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import Mail, MailServer
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import MILLISECONDS, Screen, screen
from tests.integration.web.conftest import serving
from tests.integration.web.installing import installed

BEN = ("ben", "ben's own password")
GIVEN = "given by the administrator"


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """It notifies of alerts after a second, and its only user is the administrator."""
    with serving(tmp_path_factory.mktemp("story"), mailbox) as running:
        with running.admin() as client:
            scene.settings(client, digest_wait=1)
            client.post("/api/servers", {"server_name": "not-bens", "ip_address": "10.9.9.9"})
        yield running


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """Report the length of a queue, as a script on the host does."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    file = folder / "queue.txt"
    file.write_text("queue 1\n")
    return file


def test_from_the_first_report_to_the_end_of_an_alert(
    admin: Screen, browser: Browser, origin: str, mailbox: MailServer, queue: Path, tmp_path: Path
):
    line, key = register(admin, "web-1", "10.0.0.1")
    with installed(line, key, tmp_path, AGENT_METRICS_DIR=str(queue.parent)):
        watch_it_report(admin, "web-1")
        values_move(admin)
        make_user(admin, BEN[0], GIVEN)
        share(admin, "web-1", BEN[0])
        with screen(browser, origin) as ben:
            ben.log_in_first(BEN[0], GIVEN, BEN[1])
            sees_only(ben, "web-1")
            watch_queue(admin)
            queue.write_text("queue 50\n")
            firing_appears(ben)
            acknowledge_by_mail(ben, mail_to_ben(mailbox))
            silence(ben)
            queue.write_text("queue 0\n")
            # The agent reports every 15 seconds; on a busy machine a report and what follows take as long again.
            expect(ben.page.get_by_role("main").get_by_text("Resolved").first).to_be_visible(timeout=3 * MILLISECONDS)
        would_have_fired_once(admin)
    assert len(alerts_to_ben(mailbox)) == 1, "what ended in a silence notifies no user"


def register(admin: Screen, name: str, address: str) -> tuple[str, str]:
    """The line to run on the host, and the key that it asks for."""
    admin.open("/servers")
    admin.press("Add server")
    admin.fill("Name", name)
    admin.fill("IP address", "no address")
    admin.press("Add and install agent")
    expect(admin.dialog()).to_contain_text(re.compile("IP address.*(valid|address)", re.IGNORECASE))
    admin.fill("IP address", address)
    admin.press("Add and install agent")
    line = admin.dialog().get_by_text("curl -fsSL")
    expect(line).to_be_visible()
    key = admin.dialog().get_by_text(re.compile("^mk_")).inner_text()
    assert key not in line.inner_text()
    assert "  install.sh' | sha256sum -c -" in line.inner_text(), "as other programs than GNU's want it"
    return line.inner_text(), key


def watch_it_report(admin: Screen, name: str) -> None:
    expect(admin.dialog().get_by_role("status").filter(has_text="Reporting")).to_be_visible()
    admin.press("Close")
    admin.page.get_by_role("link", name=name).click()
    expect(admin.heading).to_contain_text("Online")


def values_move(admin: Screen) -> None:
    """No page is loaded in between."""
    tile = admin.page.get_by_role("region", name="Current values").get_by_role("listitem").filter(has_text="CPU").first
    expect(tile).to_contain_text("%")
    seen = tile.inner_text()
    expect(tile).not_to_have_text(seen)


def make_user(admin: Screen, name: str, password: str) -> None:
    admin.open("/users")
    admin.press("Add user")
    admin.fill("User name", name)
    admin.fill("Password", password)
    admin.fill("E-mail", f"{name}@example.com")
    admin.press("Create")
    expect(admin.page.get_by_role("row").filter(has_text=f"{name}@example.com")).to_be_visible()


def share(admin: Screen, name: str, username: str) -> None:
    admin.open("/servers")
    admin.page.get_by_role("link", name=name).click()
    admin.press("Share")
    admin.choose("Users", username)
    admin.press("Save")
    expect(admin.page.get_by_role("definition").filter(has_text=username)).to_be_visible()


def sees_only(ben: Screen, name: str) -> None:
    ben.open("/servers")
    expect(ben.page.get_by_role("link", name=name)).to_be_visible()
    expect(ben.page.get_by_text("not-bens")).to_have_count(0)
    expect(ben.page.get_by_role("link", name="Users")).to_have_count(0)
    ben.open("/servers/1")
    expect(ben.page.get_by_text("Not found")).to_be_visible()
    ben.open("/users")
    expect(ben.page.get_by_text("Not allowed")).to_be_visible()


def watch_queue(admin: Screen) -> None:
    """A policy for the metric that only this host's script reports."""
    admin.open("/policies/new?metric=queue")
    admin.fill("Warning threshold", "10")
    admin.fill("Critical threshold", "100")
    admin.fill("Fires after", "0")
    admin.fill("Margin", "1")
    admin.fill("Time to resolve", "0")
    expect(admin.page.get_by_role("region", name="Backtest")).to_contain_text("It would not have fired.")
    admin.press("Create")
    expect(admin.page.get_by_role("heading", name="queue")).to_be_visible()


def firing_appears(ben: Screen) -> None:
    """By itself."""
    ben.open("/")
    expect(ben.page.get_by_role("main").get_by_text("queue").first).to_be_visible()


def alerts_to_ben(mailbox: MailServer) -> list[Mail]:
    """Without the one about his new password."""
    return [mail for mail in mailbox.to("ben@example.com") if "web-1" in mail.message["Subject"]]


def mail_to_ben(mailbox: MailServer) -> Mail:
    wait_for(lambda: alerts_to_ben(mailbox), "the mail")
    return alerts_to_ben(mailbox)[0]


def acknowledge_by_mail(ben: Screen, mail: Mail) -> None:
    assert "web-1" in mail.message["Subject"]
    ben.open(_path(mail, "/ack/"))
    ben.page.get_by_role("button", name="Acknowledge").click()
    expect(ben.page.get_by_text("Acknowledged by ben")).to_be_visible()
    ben.open(_path(mail, "/alerts/"))
    expect(ben.page.get_by_text("Acknowledged by ben")).to_be_visible()
    expect(ben.page.get_by_role("region", name="Timeline")).to_contain_text("ben@example.com")


def _path(mail: Mail, start: str) -> str:
    """Of the link in it to such a page."""
    found = re.search(rf"http://127\.0\.0\.1:\d+({start}\S+)", mail.text)
    assert found, mail.text
    return found[1]


def silence(ben: Screen) -> None:
    ben.press("Silence")
    ben.fill("Reason", "on it")
    ben.press("Create silence")
    ben.sees_notice("Silence created")
    expect(ben.page.get_by_text("Silenced").first).to_be_visible()


def would_have_fired_once(admin: Screen) -> None:
    admin.open("/policies")
    admin.page.get_by_role("listitem").filter(has_text="≥ 100", has_not_text="%").get_by_role("link").first.click()
    backtest = admin.page.get_by_role("region", name="Backtest")
    expect(backtest).to_contain_text("once")
    expect(backtest.get_by_role("slider", name="Critical line")).to_have_attribute("aria-valuenow", "100")
    expect(backtest.get_by_role("button", name=re.compile("^Warning 10.* instead of 1"))).not_to_have_count(0)
