"""Checks as an administrator makes, watches, changes and deletes them, and as somebody else sees them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from socket import socket
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.checks.targets import Authority, answering, listening, ok
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

SIZES = {"desk": DESK, "phone": PHONE}
PRIVATE = {"MONITOR_ALLOWED_DESTINATIONS": "127.0.0.0/8"}


@dataclass
class Shop:
    """A web server whose answers may fail."""

    port: int = 0
    answer: list[bytes] = field(default_factory=lambda: [ok(b'{"all": ["is well"]}')])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/health"

    def talk(self, connection: socket) -> None:
        answering(self.answer[-1])(connection)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    made = Shop()
    with listening(made.talk) as target:
        made.port = target.port
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def served(
    built_screen: None, mailbox: MailServer, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    home = tmp_path_factory.mktemp("checks")
    with serving(home, mailbox, SSL_CERT_FILE=str(authority.file), **PRIVATE) as running:
        with running.admin() as client:
            scene.hosts(client, 2, [scene.person(client, "ann")])
        yield running


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    """To name what a test makes: all share one server."""
    name: str = request.param
    return name


@pytest.fixture
def sized(browser: Browser, served: Process, size: str) -> Iterator[Screen]:
    """The administrator's browser, of that size."""
    with screen(browser, served.origin, ADMIN, viewport=SIZES[size]) as shown:
        yield shown


@pytest.fixture
def api(served: Process) -> Iterator[Client]:
    with served.admin() as client:
        yield client


def made(api: Client, **wanted: Any) -> int:
    """Create a check through the API; return its id."""
    given = {"kind": "http", "interval": 86_400, "timeout": 5}
    check_id: int = api.post("/api/checks", given | wanted).data["id"]
    return check_id


def row(person: Screen, name: str) -> Locator:
    return person.page.get_by_role("row").filter(has=person.page.get_by_role("link", name=name, exact=True))


def test_one_is_made_in_the_form_which_says_what_is_wrong(admin: Screen, shop: Shop, api: Client):
    admin.open("/checks")
    expect(admin.page.get_by_text("No checks yet")).to_be_visible()
    admin.page.get_by_role("button", name="Add check").first.click()
    admin.fill("URL", "shop.example")
    admin.fill("Timeout", "61")
    admin.fill("Expected status", "900")
    admin.press("Create")
    for words in ("must not be empty", "must be between 1 and 60", "must be between 100 and 599"):
        expect(admin.dialog()).to_contain_text(words)
    admin.dialog().wait_for()
    admin.fill("Name", "shop")
    admin.fill("Timeout", "5")
    admin.fill("Expected status", "200")
    admin.press("Create")
    expect(admin.dialog()).to_contain_text("must be an http or https address")
    assert [] == api.get("/api/checks").data
    admin.fill("URL", shop.url)
    admin.fill("Expected text", "well")
    admin.choose("Server", "host-1-0")
    assert [] == admin.axe_findings()
    admin.press("Create")
    admin.sees_notice("Created")
    expect(row(admin, "shop")).to_contain_text("host-1-0")
    expect(row(admin, "shop")).to_contain_text("Up", timeout=60_000)
    (check,) = api.get("/api/checks").data
    assert (shop.url, 60.0, 5.0, 2) == tuple(check[key] for key in ("target", "interval", "timeout", "attempts"))
    assert {("status", 200), ("text", "well")} <= {*check["expect"].items()}


def test_options_are_tried_before_they_are_saved(sized: Screen, size: str, shop: Shop, api: Client):
    sized.open("/checks")
    sized.page.get_by_role("button", name="Add check").first.click()
    sized.dialog().wait_for()
    sized.fill("Name", f"options {size}")
    sized.fill("URL", shop.url)
    sized.fill("Expected status", "200-299,401")
    sized.page.get_by_text("More options").click()
    sized.page.locator("[name=headers]").fill("Accept: text/plain")
    sized.page.locator("[name=secrets]").fill("X-Key: s3cret")
    sized.page.locator("[name=pattern]").fill("(")
    sized.press("Try it")
    expect(sized.dialog()).to_contain_text("is not a regular expression that RE2 knows")
    sized.page.locator("[name=pattern]").fill("w.ll")
    sized.fill("JSON path", "all[0]")
    sized.fill("Value at the JSON path", "is ill")
    sized.fill("Warn when slower than", "900")
    sized.press("Try it")
    expect(sized.dialog()).to_contain_text("expected is ill")
    sized.fill("Value at the JSON path", "is well")
    sized.press("Try it")
    expect(sized.dialog()).to_contain_text("The check passes")
    expect(sized.dialog()).to_contain_text("status 200")
    assert [] == sized.axe_findings()
    sized.press("Create")
    sized.sees_notice("Created")
    (check,) = (each for each in api.get("/api/checks").data if each["name"] == f"options {size}")
    assert ["X-Key", None] == [check["request"]["headers"][1][key] for key in ("name", "value")]
    kept = {"statuses": "200-299,401", "pattern": "w.ll", "json_path": "all[0]", "json_value": "is well"}
    assert kept == {name: check["expect"][name] for name in kept}
    wait_for(lambda: api.get(f"/api/checks/{check['id']}/policies").data[1]["policy"], "the policy on slow answers")


def test_one_is_paused_and_resumed(sized: Screen, size: str, shop: Shop, api: Client):
    name = f"rests {size}"
    ids = [
        made(api, name=name, target=shop.url),
        made(api, name=f"silent {size}", kind="tcp", target="127.0.0.1:1", attempts=1),
    ]
    wait_for(lambda: all(api.get(f"/api/checks/{each}").data["last"] for each in ids), "the first runs")
    sized.open("/checks")
    expect(sized.page.locator("main tbody tr").first).to_contain_text(f"silent {size}")
    row(sized, name).get_by_role("button", name="Pause").click()
    expect(row(sized, name)).to_contain_text("Paused")
    expect(row(sized, name).get_by_role("button", name="Run now")).to_have_count(0)
    uptime = row(sized, name).get_by_label("Uptime")
    expect(uptime).to_contain_text("100\u00a0%")
    expect(uptime.locator("dt")).to_have_text(["24 h", "7 d", "30 d", "90 d"])
    row(sized, name).locator(".el-checkbox").click()
    sized.page.get_by_role("toolbar").get_by_role("button", name="Resume").click()
    expect(row(sized, name)).to_contain_text("Up", timeout=60_000)
    assert [] == sized.axe_findings()
    api.delete(f"/api/checks/{ids[1]}")


def test_the_server_has_the_last_word(admin: Screen):
    """What the form lets pass."""
    admin.open("/checks")
    admin.page.get_by_role("button", name="Add check").first.click()  # without checks there are two
    admin.dialog().get_by_text("DNS", exact=True).click()
    admin.dialog().wait_for()
    admin.fill("Name", "dns")
    admin.page.locator("[name=target]").fill("shop.example")
    admin.fill("Expected address", "no address")
    admin.press("Create")
    expect(admin.dialog()).to_contain_text("address")
    expect(admin.dialog().locator(".el-form-item.is-error")).to_have_count(1)


def test_run_now_says_why_it_failed(admin: Screen, shop: Shop, api: Client):
    check_id = made(api, name="gateway", target=shop.url, attempts=1)
    wait_for(lambda: api.get(f"/api/checks/{check_id}").data["last"], "the first run")
    shop.answer.append(ok(b"", "503 Service Unavailable"))
    try:
        admin.open("/checks")
        row(admin, "gateway").get_by_role("button", name="Run now").click()
        admin.sees_notice("gateway failed: status 503")
        expect(row(admin, "gateway")).to_contain_text("Down")
        expect(row(admin, "gateway")).to_contain_text("status 503")
        row(admin, "gateway").get_by_role("link", name="gateway", exact=True).click()
        expect(admin.heading).to_contain_text("gateway")
        expect(admin.page.get_by_role("definition").filter(has_text="status 503")).to_be_visible()
        alert = admin.page.get_by_role("main").get_by_role("link").filter(has_text="Critical")
        expect(alert).to_contain_text("down")
        alert.click()
        admin.page.wait_for_url("**/alerts/*")
        expect(admin.heading).to_contain_text("Availability")
        expect(admin.page.get_by_role("definition").filter(has_text="status 503")).to_be_visible()
        assert [] == admin.axe_findings()
    finally:
        shop.answer.pop()
    admin.open(f"/checks/{check_id}")
    admin.press("Run now")
    admin.sees_notice("gateway is up")
    expect(admin.page.get_by_text("Up", exact=True)).to_be_visible()
    expect(admin.page.locator("[data-points]").first).to_be_visible()
    assert [] == admin.axe_findings()


def test_a_certificate_near_its_end_is_marked(admin: Screen, authority: Authority, api: Client):
    def hold(connection: socket) -> None:
        connection.recv(1)

    with (
        listening(hold, authority.server(timedelta(days=13, hours=1))) as soon,
        listening(hold, authority.server(timedelta(days=90, hours=1))) as later,
    ):
        for name, port in (("soon", soon.port), ("later", later.port)):
            made(api, name=name, kind="tls", target=f"127.0.0.1:{port}")
        admin.open("/checks?kind=tls")
        expect(row(admin, "soon")).to_contain_text("13 d", timeout=60_000)
        expect(row(admin, "soon")).to_contain_text("Warning")
        expect(row(admin, "later")).to_contain_text("90 d", timeout=60_000)
        expect(row(admin, "later")).not_to_contain_text("Warning")


@pytest.mark.nightly
def test_they_are_searched_and_filtered_in_the_address(admin: Screen, api: Client):
    for name, kind, target in (("imap", "tcp", "127.0.0.1:1"), ("resolver", "dns", "one.example@127.0.0.1:1")):
        made(api, name=name, kind=kind, target=target, attempts=1)
    wait_for(lambda: {"imap", "resolver"} <= {each["name"] for each in api.get("/api/checks?state=down").data}, "runs")
    admin.open("/checks")
    expect(row(admin, "imap")).to_be_visible()
    admin.fill("Name or target", "one.exam")
    expect(row(admin, "imap")).to_have_count(0)
    expect(row(admin, "resolver")).to_be_visible()
    admin.press("Clear")
    admin.choose("State", "Down")
    expect(row(admin, "imap")).to_be_visible()
    expect(row(admin, "shop")).to_have_count(0)
    admin.choose("Kind", "TCP")
    expect(row(admin, "resolver")).to_have_count(0)
    assert "state=down" in admin.page.url
    assert "kind=tcp" in admin.page.url
    admin.page.reload()
    expect(row(admin, "imap")).to_be_visible()
    expect(row(admin, "resolver")).to_have_count(0)
    admin.fill("Name or target", "nothing has this")
    expect(admin.page.get_by_role("main")).to_contain_text("No matches")


@pytest.mark.nightly
def test_one_is_changed_and_deleted(admin: Screen, shop: Shop, api: Client):
    check_id = made(api, name="old name", target=shop.url)
    admin.open("/checks")
    row(admin, "old name").get_by_role("button", name="Edit").click()
    admin.dialog().wait_for()
    admin.fill("Name", "new name")
    admin.press("Save")
    admin.sees_notice("Saved")
    row(admin, "new name").get_by_role("link", name="new name", exact=True).click()
    admin.press("Delete")
    expect(admin.dialog().get_by_role("button", name="Delete", exact=True)).to_be_disabled()
    admin.dialog().get_by_placeholder("new name").fill("new name")
    admin.press("Delete")
    admin.sees_notice("Deleted")
    expect(admin.heading).to_have_text("Checks")
    assert 404 == api.get(f"/api/checks/{check_id}").status
    admin.open(f"/checks/{check_id}")
    expect(admin.page.get_by_text("Not found")).to_be_visible()


@pytest.mark.nightly
def test_who_is_no_administrator_sees_those_of_their_servers(
    browser: Browser, served: Process, shop: Shop, api: Client
):
    host = next(each for each in api.get("/api/servers").data if each["server_name"] == "host-1-1")
    own = made(api, name="anns", target=shop.url, server_id=host["id"])
    others = made(api, name="not anns", target=shop.url)
    with screen(browser, served.origin, ("ann", scene.PASSWORD)) as ann:
        ann.open("/checks")
        expect(row(ann, "anns")).to_be_visible()
        expect(ann.page.get_by_text("not anns")).to_have_count(0)
        for page in ("/checks", f"/checks/{own}"):
            ann.open(page)
            expect(ann.page.get_by_text("anns").first).to_be_visible()
            for name in ("Add check", "Run now", "Edit", "Delete"):
                expect(ann.page.get_by_role("main").get_by_role("button", name=name)).to_have_count(0)
        ann.page.get_by_role("tab", name="Policies").click()
        expect(ann.page.get_by_text("Critical after 2 failures in a row")).to_be_visible()
        expect(ann.page.get_by_role("link", name="Add own policy")).to_have_count(0)
        ann.open(f"/checks/{others}")
        expect(ann.page.get_by_text("Not found")).to_be_visible()
