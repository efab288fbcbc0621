"""Language and theme: chosen once, kept, and right from the first paint."""

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.cli.running import PASSWORD, Process
from tests.integration.web.browser import Screen, screen

pytestmark = pytest.mark.nightly


def test_the_language_changes_at_once_stays_and_is_that_of_mails_too(admin: Screen, served: Process):
    admin.open("/")
    _choose_language(admin, "Language", "简体中文")
    expect(admin.heading).to_have_text("概览")
    admin.page.reload()
    expect(admin.heading).to_have_text("概览")
    with served.admin() as client:
        assert "zh-CN" == client.get("/api/auth/me").data["locale"]
    _choose_language(admin, "语言", "English")
    expect(admin.heading).to_have_text("Overview")
    with served.admin() as client:
        assert "en" == client.get("/api/auth/me").data["locale"]


def _choose_language(person: Screen, menu: str, language: str) -> None:
    """Return when the server has stored it: the screen changes before."""
    person.page.get_by_role("button", name=menu).click()
    with person.page.expect_response(lambda got: got.url.endswith("/api/auth/me") and got.request.method == "PUT"):
        person.page.get_by_role("menuitemradio", name=language).click()


def test_a_browser_that_speaks_chinese_is_answered_in_chinese(browser: Browser, origin: str):
    with screen(browser, origin, locale="zh-CN") as person:
        person.open("/login")
        person.page.get_by_label("用户名").fill("nobody")
        person.page.get_by_label("密码", exact=True).fill("wrong")
        person.page.get_by_role("button", name="登录").click()
        expect(person.page.get_by_role("alert")).to_contain_text("用户名或密码错误")


def test_the_theme_follows_the_system_until_one_is_chosen(browser: Browser, origin: str):
    with screen(browser, origin, color_scheme="dark") as person:
        person.open("/login")
        page = person.page.locator("html")
        expect(page).to_have_class("dark")
        person.page.get_by_role("button", name="Theme").click()
        person.page.get_by_role("menuitemradio", name="Light").click()
        expect(page).not_to_have_class("dark")
        person.page.reload()
        expect(page).not_to_have_class("dark")


def test_the_keyboard_finds_search_and_help(admin: Screen):
    admin.open("/")
    expect(admin.heading).to_have_text("Overview")
    admin.page.keyboard.press("/")
    expect(admin.dialog().get_by_role("combobox")).to_be_focused()
    admin.page.keyboard.press("Escape")
    expect(admin.page.get_by_role("combobox", name="Find servers")).to_have_count(0)
    admin.page.locator("main").focus()
    admin.page.keyboard.press("?")
    expect(admin.dialog()).to_contain_text("Keyboard shortcuts")
    admin.page.keyboard.press("Escape")
    expect(admin.page.get_by_text("Keyboard shortcuts", exact=True)).not_to_be_visible()
    admin.page.locator("main").focus()
    admin.page.keyboard.press("g")
    admin.page.keyboard.press("p")
    expect(admin.heading).to_have_text("Policies")


def test_a_phone_has_its_own_menu(browser: Browser, origin: str):
    with screen(browser, origin, viewport={"width": 390, "height": 844}) as person:
        person.log_in("admin", PASSWORD)
        person.page.get_by_role("button", name="More").click()
        person.dialog().get_by_role("link", name="Users").click()
        expect(person.heading).to_have_text("Users")
