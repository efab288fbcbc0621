"""Passkeys in Chromium, whose virtual device answers as a real one does. It verifies its user unless a test says no."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Locator, expect

from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, Process, ready
from tests.integration.web.browser import PHONE, Screen, screen
from tests.integration.web.test_second_factor import age

pytestmark = pytest.mark.nightly

FIT = (Path(__file__).parent / "fit.js").read_text()
OWN = "their own password"
LOG_IN = "Log in with a passkey"
Json = dict[str, Any]


class Device:
    """The virtual device of a page, over Chromium's DevTools (domain WebAuthn)."""

    def __init__(self, person: Screen, **options: Any) -> None:
        self._session: CDPSession = person.context.new_cdp_session(person.page)
        self._session.send("WebAuthn.enable")
        given = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": given | options})
        self._id = {"authenticatorId": added["authenticatorId"]}

    @property
    def keys(self) -> list[Json]:
        found: list[Json] = self._session.send("WebAuthn.getCredentials", self._id)["credentials"]
        return found

    def hold(self, key: Json) -> None:
        """Put a copy of a key into this device."""
        self._session.send("WebAuthn.addCredential", {**self._id, "credential": key})

    def lose(self, key: Json) -> None:
        self._session.send("WebAuthn.removeCredential", {**self._id, "credentialId": key["credentialId"]})

    def verify_nobody(self) -> None:
        self._session.send("WebAuthn.setUserVerified", {**self._id, "isUserVerified": False})


@pytest.fixture(scope="module")
def served(built_screen: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Under its own name, without MONITOR_BASE_URL."""
    with ready(tmp_path_factory.mktemp("passkeys"), "serve") as running:
        running.settings["MONITOR_ALLOWED_HOSTS"] = "*.localhost"
        running.start()
        yield running


@pytest.fixture
def origin(served: Process) -> str:
    return f"http://localhost:{served.port}"


@pytest.fixture
def client(served: Process) -> Iterator[Client]:
    """An administrator's, without a screen."""
    with served.admin() as client:
        yield client


def section(person: Screen) -> Locator:
    return person.page.locator("section").filter(has=person.page.get_by_role("heading", name="Passkeys"))


def add(person: Screen, name: str) -> None:
    person.open("/profile")
    section(person).get_by_role("button", name="Add passkey").click()
    expect(person.dialog().get_by_label("Name", exact=True)).not_to_have_value("")
    person.fill("Name", name)
    person.press("Continue")
    person.sees_notice("Passkey added")
    expect(section(person)).to_contain_text(name)


def log_out(person: Screen) -> None:
    person.page.locator(".top .opener").last.click()
    person.page.get_by_role("menuitem", name="Log out").click()
    person.page.locator("input[name=username]").wait_for()


def log_in(person: Screen) -> None:
    person.open("/login")
    person.page.get_by_role("button", name=LOG_IN).click()


def is_in(person: Screen) -> None:
    expect(person.heading).to_have_text("Overview")


def is_refused(person: Screen) -> None:
    expect(person.page.locator(".el-alert")).to_contain_text("This passkey is not valid here")


def test_a_passkey_is_added_logs_in_and_is_removed(browser: Browser, origin: str, client: Client) -> None:
    client.make_user("ann", OWN)
    with screen(browser, origin) as ann:
        device = Device(ann)
        ann.log_in("ann", OWN)
        add(ann, "My laptop")
        [key] = device.keys
        assert (key["isResidentCredential"], key["rpId"]) == (True, "localhost")
        assert "never used" in section(ann).inner_text()
        log_out(ann)
        log_in(ann)
        is_in(ann)
        ann.open("/profile")
        expect(section(ann)).to_contain_text("last used")
        # The same device makes no second one.
        section(ann).get_by_role("button", name="Add passkey").click()
        ann.press("Continue")
        expect(ann.dialog().get_by_role("alert")).to_contain_text("This device already has a passkey")
        ann.press("Cancel")
        section(ann).get_by_role("button", name="Remove passkey My laptop").click()
        ann.press("Remove")
        ann.sees_notice("Passkey removed")
        expect(section(ann)).not_to_contain_text("My laptop")
        log_out(ann)
        log_in(ann)
        is_refused(ann)


def test_a_copy_of_a_passkey_makes_it_useless(browser: Browser, origin: str, client: Client) -> None:
    client.make_user("ben", OWN)
    with screen(browser, origin) as ben:
        device = Device(ben)
        ben.log_in("ben", OWN)
        add(ben, "Key")
        [copy] = device.keys
        log_out(ben)
        log_in(ben)
        is_in(ben)
        log_out(ben)
        [key] = device.keys
        assert key["signCount"] > copy["signCount"]
        device.lose(key)
        device.hold(copy)
        log_in(ben)
        is_refused(ben)
        device.lose(copy)
        device.hold(key | {"signCount": key["signCount"] + 100})
        log_in(ben)
        is_refused(ben)
        ben.log_in("ben", OWN)
        ben.open("/profile")
        expect(section(ben)).to_contain_text("seems copied")
        actions = [entry["action"] for entry in client.get("/api/audit").data]
        assert "passkey.cloned" in actions


def test_a_device_that_verifies_nobody_is_refused(browser: Browser, origin: str, client: Client) -> None:
    """The browser refuses by itself, and shows that as it does a cancellation."""
    client.make_user("cat", OWN)
    with screen(browser, origin) as cat:
        device = Device(cat)
        cat.log_in("cat", OWN)
        add(cat, "Key")
        log_out(cat)
        device.verify_nobody()
        cat.open("/login")
        button = cat.page.get_by_role("button", name=LOG_IN)
        button.click()
        expect(button).to_be_enabled()
        expect(cat.page.locator(".el-alert")).to_have_count(0)
        expect(cat.page.locator("input[name=username]")).to_be_visible()


def test_an_answer_without_verification_is_refused_by_the_server(browser: Browser, origin: str, client: Client) -> None:
    """A page may ask the device for less than the server does."""
    client.make_user("dan", OWN)
    with screen(browser, origin) as dan:
        device = Device(dan)
        dan.log_in("dan", OWN)
        add(dan, "Key")
        log_out(dan)
        device.verify_nobody()
        dan.page.evaluate(
            """() => {
                const get = navigator.credentials.get.bind(navigator.credentials)
                navigator.credentials.get = ({ publicKey }) => {
                    publicKey.userVerification = 'discouraged'
                    return get({ publicKey })
                }
            }"""
        )
        dan.page.get_by_role("button", name=LOG_IN).click()
        is_refused(dan)


def test_a_passkey_confirms_who_the_user_is(browser: Browser, origin: str, served: Process, client: Client) -> None:
    client.make_user("gil", OWN)
    with screen(browser, origin) as gil:
        Device(gil)
        gil.log_in("gil", OWN)
        add(gil, "Key")
        age(served, minutes=11)
        section(gil).get_by_role("button", name="Remove passkey Key").click()
        gil.press("Remove")
        asked = gil.page.get_by_role("dialog", name="Confirm who you are").filter(visible=True)
        asked.get_by_role("button", name="Use a passkey").click()
        gil.sees_notice("Passkey removed")
        expect(asked).to_have_count(0)


def test_a_passkey_is_set_up_where_a_factor_is_demanded(browser: Browser, origin: str, client: Client) -> None:
    client.make_user("hal", OWN, "admin")
    with screen(browser, origin) as hal:
        Device(hal)
        hal.log_in("hal", OWN)
        settings = client.get("/api/settings").data
        assert client.put("/api/settings", {"second_factor": "admins"}).status == 200
        try:
            hal.open("/users")
            hal.page.get_by_role("button", name="Use a passkey instead").click()
            hal.press("Continue")
            expect(hal.heading).to_have_text("Users")
        finally:
            hal.page.evaluate(
                """async () => {
                    const renewed = await (await fetch('/api/auth/refresh', { method: 'POST' })).json()
                    const token = renewed.data.token
                    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
                    await fetch('/api/settings', { method: 'PUT', headers, body: '{"second_factor": "optional"}' })
                }"""
            )
        assert client.get("/api/settings").data == settings


def test_an_older_browser_writes_the_same(browser: Browser, origin: str, client: Client) -> None:
    client.make_user("eve", OWN)
    with screen(browser, origin) as eve:
        eve.page.add_init_script(
            """delete PublicKeyCredential.parseCreationOptionsFromJSON
               delete PublicKeyCredential.parseRequestOptionsFromJSON
               delete PublicKeyCredential.prototype.toJSON"""
        )
        Device(eve)
        eve.log_in("eve", OWN)
        add(eve, "Old")
        log_out(eve)
        log_in(eve)
        is_in(eve)


def test_an_address_offers_no_passkeys(browser: Browser, served: Process) -> None:
    with screen(browser, served.origin) as person:
        Device(person)
        person.open("/login")
        person.page.locator("input[name=username]").wait_for()
        expect(person.page.get_by_role("button", name=LOG_IN)).to_have_count(0)
        person.log_in("admin", PASSWORD)
        person.open("/profile")
        section(person).get_by_role("button", name="Add passkey").click()
        person.press("Continue")
        expect(person.dialog().get_by_role("alert")).to_contain_text("Passkeys need HTTPS")


def test_another_name_of_the_server_is_another_site(browser: Browser, served: Process, origin: str) -> None:
    """With MONITOR_BASE_URL passkeys belong to that name. The page says so under any other."""
    with screen(browser, origin) as person:
        device = Device(person)
        person.log_in("admin", PASSWORD)
        add(person, "Key")
        key = device.keys[0]
    served.stop()
    served.settings["MONITOR_BASE_URL"] = origin
    served.start()
    with screen(browser, f"http://other.localhost:{served.port}") as person:
        device = Device(person)
        device.hold(key)
        log_in(person)
        expect(person.page.locator(".el-alert")).to_contain_text("belong to another address")
    with screen(browser, origin) as person:
        Device(person).hold(key)
        log_in(person)
        is_in(person)


def test_it_fits_a_phone_in_both_languages(browser: Browser, origin: str, client: Client) -> None:
    client.make_user("fay", OWN)
    for locale, theme in (("en-US", "dark"), ("zh-CN", "light")):
        with screen(browser, origin, viewport=PHONE | {"width": 320}, locale=locale, color_scheme=theme) as fay:
            Device(fay)
            fay.open("/login")
            fay.page.locator("input[name=username]").fill("fay")
            assert not fay.page.evaluate(FIT)
            fay.page.locator("input[name=password]").fill(OWN)
            fay.page.keyboard.press("Enter")
            fay.page.locator(".top .opener").last.wait_for()
            fay.open("/profile")
            fay.page.get_by_role("button", name="Add passkey" if locale == "en-US" else "添加通行密钥").click()
            fay.page.locator("input[name=passkey-name]").fill("a" * 100)
            assert not fay.page.evaluate(FIT)
            fay.page.keyboard.press("Enter")
            fay.page.get_by_text("a" * 100).wait_for()
            fay.page.get_by_role("dialog").wait_for(state="hidden")  # while it fades, its colours have less contrast
            assert not fay.page.evaluate(FIT)
            assert not fay.axe_findings()
