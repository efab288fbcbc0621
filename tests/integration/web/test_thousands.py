"""A fleet of three thousand: the screen asks for what it shows, and nothing is out of reach."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Response, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

SERVERS = 3000
REPORTING = 250
LARGEST = 150_000
"""Bytes of an answer: a page of a list has a hundred rows."""


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The last ones report; the very last has a critical alert."""
    with serving(tmp_path_factory.mktemp("thousands"), mailbox) as running:
        with running.admin() as client:
            scene.quick_policies(client)
            lines = [f"host-{n},{_address(n)},22,{'even' if n % 2 == 0 else 'odd'}," for n in range(SERVERS)]
            _import(running, client, "\n".join(["server_name,ip_address,port,tags,users", *lines]))
            key = scene.fleet_key(client)
            for number in range(SERVERS - REPORTING, SERVERS):
                cpu = 99 if number == SERVERS - 1 else number % 50
                scene.report(running.port, key, cpu, ip_address=_address(number))
        yield running


def _import(running: Process, client: Client, csv: str) -> None:
    headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {client.token}"}
    request = Request(f"{running.origin}/api/servers/import", csv.encode(), headers)  # noqa: S310 (our own)
    with urlopen(request, timeout=60) as answer:  # noqa: S310 (our own)
        assert SERVERS == json.load(answer)["data"]["created"]


def _address(number: int) -> str:
    return f"10.9.{number // 250}.{number % 250 + 1}"


def table(admin: Screen) -> Locator:
    return admin.page.get_by_role("grid")


def row(admin: Screen, name: str) -> Locator:
    return table(admin).get_by_role("row").filter(has=admin.page.get_by_role("link", name=name, exact=True))


def scroll_to(admin: Screen, number: int) -> None:
    """To the row with this number."""
    table(admin).evaluate("(table, at) => table.parentElement.scrollTo(0, at)", number * 40)


def test_no_answer_holds_the_fleet_and_no_stream_follows_it(admin: Screen):
    answers: list[Response] = []
    admin.page.on("response", lambda answer: answers.append(answer))
    map_, others = "/?by=tag,network&fill=cpu", ("/alerts", "/policies/new", "/silences", "/servers/3000")
    for path in ("/", map_, "/servers", *others):
        admin.open(path)
        expect(admin.heading).to_be_visible()
        admin.page.wait_for_load_state("networkidle" if path == "/silences" else "load")
    admin.open("/servers")
    expect(row(admin, "host-0")).to_be_visible()
    asked = {answer.url: answer for answer in answers if "/api/" in answer.url}
    streams = [url for url in asked if urlsplit(url).path == "/api/live"]
    sizes = {url: int(asked[url].headers.get("content-length", 0)) for url in asked if url not in streams}
    assert {} == {url: size for url, size in sizes.items() if size > LARGEST}
    followed = [parse_qs(urlsplit(url).query, keep_blank_values=True)["server_id"][0].split(",") for url in streams]
    assert 0 < max(map(len, followed)) <= 600


def test_values_and_alerts_of_every_row_come_into_view(served: Process, admin: Screen):
    admin.open("/servers")
    expect(admin.page.get_by_text("3,000 servers")).to_be_visible()
    scroll_to(admin, SERVERS)
    last = row(admin, "host-2999")
    expect(last.get_by_role("img", name="CPU 99")).to_be_visible()
    expect(last.get_by_role("link", name="1 firing")).to_be_visible()
    scroll_to(admin, 1500)
    expect(row(admin, "host-1501")).to_be_visible()
    scroll_to(admin, SERVERS)
    with served.admin() as client:
        scene.report(served.port, scene.fleet_key(client), 44, ip_address=_address(2998))
    expect(row(admin, "host-2998").get_by_role("img", name="CPU 44")).to_be_visible()


def test_the_server_orders_and_filters(admin: Screen):
    admin.open("/servers?sort=-cpu")
    expect(table(admin).get_by_role("row").nth(1)).to_contain_text("host-2999")
    admin.page.get_by_label("Name, IP, tag, user").fill("odd 10.9.1.")
    expect(admin.page.get_by_text("125 of 3,000")).to_be_visible()
    admin.open("/")
    expect(admin.page.get_by_role("link", name="Never reported 2,750", exact=True)).to_be_visible()
    odd = admin.page.get_by_role("region", name="Fleet").get_by_role("link", name="odd 1,500 Servers 1 Critical")
    expect(odd).to_be_visible()


def test_a_range_reaches_over_rows_that_were_never_seen(admin: Screen):
    admin.open("/servers")
    row(admin, "host-3").get_by_role("checkbox").check()
    scroll_to(admin, 1200)
    row(admin, "host-1202").get_by_role("checkbox").click(modifiers=["Shift"])
    expect(admin.page.get_by_role("status").filter(has_text="1,200 selected")).to_be_visible()


def test_all_that_match_are_selected_tagged_and_exported(admin: Screen):
    admin.open("/servers?tag=even")
    expect(row(admin, "host-0")).to_be_visible()
    table(admin).get_by_role("checkbox", name="Select all").click()
    expect(admin.page.get_by_role("status").filter(has_text="1,500 selected")).to_be_visible()
    admin.press("Add tags")
    admin.dialog().get_by_role("combobox", name="Tags").fill("rack 7")
    admin.page.get_by_role("option", name="rack 7").click()
    admin.page.keyboard.press("Escape")
    admin.press("Apply")
    admin.sees_notice("Saved")
    admin.open("/servers?tag=rack 7")
    expect(admin.page.get_by_text("1,500 of 3,000")).to_be_visible()
    admin.page.get_by_role("button", name="More", exact=True).click()
    with admin.page.expect_download() as download:
        admin.page.get_by_role("menuitem", name="Export the 1,500 shown").click()
    lines = download.value.path().read_text().splitlines()
    assert (1501, "host-2998,10.9.11.249,22,even;rack 7,") == (len(lines), lines[-1])


def test_one_server_is_found_by_typing(admin: Screen):
    admin.open("/silences")
    admin.page.get_by_role("button", name="New silence").first.click()
    admin.dialog().get_by_text("One server").click()
    box = admin.dialog().get_by_role("combobox", name="Choose a server")
    box.fill("host-2345")
    admin.page.get_by_role("option", name="host-2345").click()
    admin.press("Create silence")
    expect(admin.page.get_by_role("link", name="host-2345")).to_be_visible()
    expect(admin.page.get_by_role("dialog").filter(visible=True)).to_have_count(0)
    admin.page.keyboard.press("/")
    admin.dialog().get_by_role("combobox").fill("10.9.5.7")
    admin.page.get_by_role("option").filter(has_text="host-1256").click()
    expect(admin.heading).to_contain_text("host-1256")
