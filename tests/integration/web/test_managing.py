"""Many servers at once: from a file, from hosts that wait, and chosen in the list."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.integration.alerts import scene
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly

HEADER = "server_name,ip_address,port,tags,users"


@pytest.fixture
def client(served: Process) -> Iterator[Client]:
    """The administrator's, without a screen. It begins with an empty fleet."""
    with served.admin() as client:
        if ids := [server["id"] for server in client.get("/api/servers").data]:
            client.post("/api/servers/batch", {"action": "delete", "server_ids": ids})
        yield client


def test_an_import_is_previewed_before_it_changes_anything(admin: Screen, client: Client, tmp_path: Path):
    client.post("/api/servers", {"server_name": "old-name", "ip_address": "10.0.0.1"})
    admin.open("/servers")
    more(admin, "Import")
    choose_file(admin, tmp_path / "bad.csv", f"{HEADER}\nweb-1,10.0.0.1,22,,\nweb-2,no address,22,,\n")
    expect(admin.dialog()).to_contain_text("Line 3")
    expect(admin.dialog()).to_contain_text("Nothing was imported")
    choose_file(admin, tmp_path / "good.csv", f"{HEADER}\nweb-1,10.0.0.1,22,web;new,\nweb-2,10.0.0.2,22,,admin\n")
    expect(admin.dialog()).to_contain_text("1 to create")
    expect(admin.dialog()).to_contain_text("1 to update")
    assert ["old-name"] == [server["server_name"] for server in client.get("/api/servers").data]
    admin.press("Import 2")
    admin.sees_notice("1 created, 1 updated")
    expect(row(admin, "web-1")).to_contain_text("new")
    assert ["admin"] == [user["username"] for user in named(client, "web-2")["users"]]


def test_an_export_can_be_imported(admin: Screen, client: Client, tmp_path: Path):
    scene.hosts(client, 3, [])
    admin.open("/servers")
    with admin.page.expect_download() as download:
        more(admin, "Export all")
    download.value.save_as(tmp_path / "servers.csv")
    more(admin, "Import")
    choose_file(admin, tmp_path / "servers.csv")
    expect(admin.dialog()).to_contain_text("3 unchanged")


def test_an_unregistered_host_is_registered_with_one_click(admin: Screen, client: Client, served: Process):
    key = scene.fleet_key(client)
    with served.client(key) as agent:
        body = {"ip_address": "10.7.0.1", "metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
        assert 404 == agent.post("/api/monitor/data", body).status
    admin.open("/servers")
    admin.press("Review and register")
    expect(admin.dialog()).to_contain_text("10.7.0.1")
    admin.dialog().get_by_label("Name for 10.7.0.1").fill("waited")
    admin.dialog().get_by_role("button", name="Register", exact=True).click()
    admin.sees_notice("1 host")
    assert "10.7.0.1" == named(client, "waited")["ip_address"]


def test_one_action_changes_all_selected_servers(admin: Screen, client: Client):
    scene.hosts(client, 3, [])
    admin.open("/servers")
    admin.page.get_by_role("gridcell", name="Select host-1-0").click()
    admin.page.get_by_role("gridcell", name="Select host-1-2").click(modifiers=["Shift"])
    expect(admin.page.get_by_text("3 selected")).to_be_visible()
    admin.page.get_by_role("gridcell", name="Select host-1-1").click()
    admin.press("Add tags")
    admin.dialog().get_by_role("combobox", name="Tags").fill("rack 7")
    admin.page.get_by_role("option", name="rack 7").click()
    admin.page.keyboard.press("Escape")
    admin.press("Apply")
    admin.sees_notice("Saved")
    expect(row(admin, "host-1-0")).to_contain_text("rack 7")
    assert [["rack 7"], [], ["rack 7"]] == [named(client, f"host-1-{number}")["tags"] for number in range(3)]


def test_a_filter_and_the_order_are_kept_in_the_address(admin: Screen, client: Client):
    scene.hosts(client, 3, [])
    admin.open("/servers")
    admin.page.get_by_role("searchbox").or_(admin.page.get_by_label("Name, IP, tag, user")).first.fill("1-2")
    expect(admin.page.get_by_role("rowheader")).to_have_text(["host-1-2"])
    admin.page.reload()
    expect(admin.page.get_by_role("rowheader")).to_have_text(["host-1-2"])
    admin.open("/servers?sort=-name")
    expect(admin.page.get_by_role("rowheader")).to_have_text(["host-1-2", "host-1-1", "host-1-0"])


def test_nothing_is_deleted_before_the_confirmation_is_typed(admin: Screen, client: Client):
    scene.hosts(client, 3, [])
    admin.open("/servers")
    admin.page.get_by_role("gridcell", name="Select host-1-0").click()
    admin.page.get_by_role("gridcell", name="Select host-1-1").click()
    admin.page.get_by_role("toolbar").get_by_role("button", name="Delete").click()
    confirm = admin.dialog().get_by_role("button", name="Delete")
    expect(confirm).to_be_disabled()
    admin.dialog().get_by_role("textbox").fill("2")
    confirm.click()
    expect(admin.page.get_by_role("rowheader")).to_have_text(["host-1-2"])
    assert ["host-1-2"] == [server["server_name"] for server in client.get("/api/servers").data]


def more(admin: Screen, action: str) -> None:
    admin.press("More")
    admin.page.get_by_role("menuitem", name=action).click()


def choose_file(admin: Screen, path: Path, content: str = "") -> None:
    """Written with *content*, unless it is there."""
    if content:
        path.write_text(content)
    admin.dialog().locator("input[type=file]").set_input_files(path)


def row(admin: Screen, name: str) -> Locator:
    listed = admin.page.get_by_role("grid", name="Servers").get_by_role("row")
    return listed.filter(has=admin.page.get_by_role("rowheader", name=name))


def named(client: Client, name: str) -> dict[str, Any]:
    return next(server for server in client.get("/api/servers").data if server["server_name"] == name)
