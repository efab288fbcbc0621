"""Each person's language: of their browser at first, as an administrator chooses, or as they choose later."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, Process
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen

pytestmark = pytest.mark.nightly

SIZES = {"desk": DESK, "phone": PHONE}
OWN = f"own {PASSWORD}"


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    """To name what a test makes: all share one server."""
    name: str = request.param
    return name


@pytest.fixture
def api(served: Process) -> Iterator[Client]:
    with served.admin() as client:
        yield client


def language(person: Screen, group: str, name: str) -> Locator:
    """One of the choices in the *group*."""
    groups = person.page.get_by_role("radiogroup", name=group, exact=True).filter(visible=True)
    return groups.get_by_text(name, exact=True)


def test_a_new_person_has_that_of_their_browser_and_changes_it(browser: Browser, origin: str, api: Client, size: str):
    name = f"wei-{size}"
    assert api.post("/api/users", {"username": name, "password": PASSWORD, "role": "user"}).data["locale"] is None
    with screen(browser, origin, viewport=SIZES[size], locale="zh-CN") as person:
        person.open("/login")
        for label, value in (("用户名", name), ("密码", PASSWORD)):
            person.fill(label, value)
        person.press("登录")
        for label, value in (("当前密码", PASSWORD), ("新密码", OWN), ("再次输入新密码", OWN)):
            person.fill(label, value)
        person.press("修改密码")
        expect(person.heading).to_have_text("概览")
        assert "zh-CN" == of(api, name)
        person.open("/profile")
        expect(person.page.get_by_role("radio", name="简体中文")).to_be_checked()
        language(person, "语言", "English").click()
        person.sees_notice("Saved")
        expect(person.page.get_by_role("heading", name="Language")).to_be_visible()
        assert [] == person.axe_findings()
    assert "en" == of(api, name)


def test_an_administrator_chooses_that_of_a_person_and_of_all_messages(
    browser: Browser, origin: str, api: Client, size: str
):
    api.put("/api/settings", {"default_locale": "zh-CN"})
    with screen(browser, origin, ADMIN, viewport=SIZES[size]) as admin:
        admin.open("/users")
        admin.press("Add user")
        admin.dialog().wait_for()
        admin.fill("User name", f"li-{size}")
        admin.fill("Password", PASSWORD)
        language(admin, "Language", "简体中文").click()
        assert [] == admin.axe_findings()
        admin.press("Create")
        admin.sees_notice("User created")
        admin.open("/settings")
        language(admin, "Language of messages", "English").click()
        admin.press("Save")
        admin.sees_notice("Saved")
    assert ("zh-CN", "en") == (of(api, f"li-{size}"), api.get("/api/settings").data["default_locale"])


def of(api: Client, name: str) -> str:
    """The language of the person with this name."""
    (locale,) = (user["locale"] for user in api.get("/api/users").data if user["username"] == name)
    return str(locale)
