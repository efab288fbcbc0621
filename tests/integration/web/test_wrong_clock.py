"""A browser whose clock is hours off shows what is now, and silences from now on."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.cli.running import PASSWORD, Process
from tests.integration.web.browser import screen

pytestmark = pytest.mark.nightly

THREE_HOURS_AHEAD = """() => {
    const Right = Date
    const now = () => Right.now() + 3 * 3600e3
    globalThis.Date = class extends Right {
        constructor(...given) { given.length === 0 ? super(now()) : super(...given) }
        static now() { return now() }
    }
}"""


def test_three_hours_ahead_it_draws_the_last_hour_and_silences_from_now_on(browser: Browser, served: Process):
    with served.admin() as client, screen(browser, served.origin) as person:
        (host,) = scene.hosts(client, 1, [])
        key = scene.fleet_key(client)
        for cpu in (11, 12, 13):
            scene.report(served.port, key, cpu, ip_address=host.ip_address)
        person.context.add_init_script(f"({THREE_HOURS_AHEAD})()")
        person.log_in("admin", PASSWORD)
        with person.page.expect_request("**/series?*") as asked:
            person.open(f"/servers/{host.id}?range=1h")
        upto = parse_qs(urlsplit(asked.value.url).query)["end"][0]
        assert abs(datetime.fromisoformat(upto) - datetime.now(UTC)) < timedelta(minutes=2)
        chart = person.page.locator("[data-draw-ms]").first
        expect(chart).not_to_have_attribute("data-points", "0")
        expect(person.page.get_by_role("main")).to_contain_text("just now")
        person.press("Silence")
        person.press("Create silence")
        person.sees_notice("Silence created")
        (silence,) = client.get("/api/silences").data
        begins, ends = (datetime.fromisoformat(silence[name]).replace(tzinfo=UTC) for name in ("starts_at", "ends_at"))
        assert abs(begins - datetime.now(UTC)) < timedelta(minutes=2)
        assert abs(ends - begins - timedelta(hours=2)) < timedelta(minutes=1)
