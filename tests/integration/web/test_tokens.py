"""A personal token: created on the screen, used by a program, and revoked."""

import re

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.integration.cli.running import wait_for
from tests.integration.web.browser import PHONE, Screen

pytestmark = pytest.mark.nightly


def section(shown: Screen) -> Locator:
    return shown.page.locator("section").filter(has=shown.page.get_by_role("heading", name="Personal tokens"))


def create(shown: Screen, name: str, scope: str, life: str) -> str:
    """Return the token, which is shown once."""
    shown.press("New token")
    shown.fill("Name", name)
    for choice in (scope, life):
        shown.dialog().get_by_text(choice, exact=True).click()
    shown.press("Create")
    text = shown.dialog().get_by_role("group", name="Token", exact=True).locator("code").inner_text()
    assert re.fullmatch(r"mon_[A-Za-z0-9_-]{43}", text)
    expect(shown.dialog().get_by_role("group", name="Example")).to_contain_text(f"Bearer {text}")
    shown.press("Close")
    expect(shown.page.get_by_role("dialog").filter(visible=True)).to_have_count(0)
    assert text not in shown.page.content()
    return text


def test_it_is_created_used_and_revoked(admin: Screen, origin: str):
    admin.open("/profile")
    expect(section(admin)).to_contain_text("No personal tokens yet")
    text = create(admin, "nightly backup", "Read and write", "30 days")
    row = section(admin).get_by_role("row").filter(has_text="nightly backup")
    for words in (text[:12], "Read and write", "never"):
        expect(row).to_contain_text(words)

    with httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {text}"}) as program:
        body = {"server_name": "by a script", "ip_address": "192.0.2.9"}
        assert 200 == program.post("/api/servers", json=body).status_code
        assert 403 == program.get("/api/tokens").status_code
        _wait_until_used(admin, row)
        row.get_by_role("button", name="Revoke nightly backup").click()
        admin.press("Revoke")
        admin.sees_notice("Token revoked")
        expect(row).to_have_count(0)
        assert 401 == program.get("/api/servers").status_code


def _wait_until_used(shown: Screen, row: Locator) -> None:
    """Reload until the use is shown, which takes some seconds."""

    def is_used() -> bool:
        shown.page.reload()
        expect(row).to_be_visible()
        return "from 127.0.0.1" in row.inner_text()

    wait_for(is_used, "the use of the token")


def test_one_that_reads_fits_a_phone(admin: Screen, origin: str):
    admin.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    admin.open("/profile")
    text = create(admin, "x" * 100, "Read only", "Never")
    assert 403 == httpx.post(f"{origin}/api/servers", headers={"Authorization": f"Bearer {text}"}, json={}).status_code
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert 0 == admin.page.evaluate(overflow)
