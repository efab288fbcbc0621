"""Times are shown and typed in the local zone, or in UTC, which is chosen once and kept."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.cli.running import PASSWORD, Process
from tests.integration.web.browser import ADMIN, PHONE, screen

pytestmark = pytest.mark.nightly

# Two hours between the two: 22:00 UTC is midnight there.
SERIES = {"resolution": 60, "time": [1_782_943_200 + 60 * n for n in range(60)], "coverage": [1] * 60}
FROM, TO = "2026-07-01T22:00:00Z", "2026-07-01T23:00:00Z"

# What the axes write is drawn: the browser's own hand is watched.
WATCH_DRAWING = """() => {
    window.drawn = []
    const draw = CanvasRenderingContext2D.prototype.fillText
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        window.drawn.push(text)
        return draw.call(this, text, ...rest)
    }
}"""


def test_axes_and_forms_use_utc_and_the_choice_is_kept(browser: Browser, served: Process):
    column = {"avg": [50] * 60, "min": [50] * 60, "max": [50] * 60}
    data = {**SERIES, **dict.fromkeys(("cpu", "memory", "disk"), column)}
    with served.admin() as client:
        (host,) = scene.hosts(client, 1, [])
        scene.report(served.port, scene.fleet_key(client), 11, ip_address=host.ip_address)
    with screen(browser, served.origin, ADMIN, timezone_id="Europe/Berlin") as person:
        page = person.page
        page.add_init_script(f"({WATCH_DRAWING})()")
        page.route("**/series?*", lambda route: route.fulfill(json={"code": 200, "msg": "", "data": data}))
        person.open(f"/servers/{host.id}?from={FROM}&to={TO}")
        expect(page.get_by_label("From", exact=True)).to_have_value("07-02 00:00")
        page.wait_for_function("() => window.drawn.some((text) => text.includes('2 Jul'))")
        page.evaluate("() => { window.drawn = [] }")
        page.get_by_role("button", name=re.compile(r"UTC\+[12], Europe.Berlin")).click()
        expect(page.get_by_label("From", exact=True)).to_have_value("07-01 22:00")
        page.wait_for_function("() => window.drawn.some((text) => text.includes('1 Jul'))")
        assert not [text for text in page.evaluate("() => window.drawn") if "2 Jul" in text]
        page.reload()
        expect(page.get_by_label("To", exact=True)).to_have_value("07-01 23:00")
        person.open("/profile")
        expect(page.get_by_role("radiogroup", name="Time zone").get_by_role("radio", name="UTC")).to_be_checked()
        person.open("/audit")
        expect(page.get_by_role("main")).to_contain_text(re.compile(r"\d{1,2} \w{3} \d{4}, \d\d:\d\d:\d\d"))


def test_a_phone_finds_the_zone_behind_more(browser: Browser, served: Process):
    with screen(browser, served.origin, viewport=PHONE, timezone_id="Asia/Kolkata", locale="zh-CN") as person:
        person.open("/login")
        person.page.locator("input").nth(0).fill("admin")
        person.page.locator("input").nth(1).fill(PASSWORD)
        person.page.keyboard.press("Enter")
        person.page.get_by_role("button", name="更多").click()
        person.dialog().get_by_role("button", name="UTC+5:30, Asia/").click()
        expect(person.dialog().get_by_role("button", name="时区: UTC", exact=True)).to_be_visible()
