"""Each page is accessible without good sight or a mouse, fits a phone, and loads quickly."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, Process, wait_for
from tests.integration.web.browser import ADMIN, PHONE, Screen, screen
from tests.integration.web.conftest import serving

LOG_IN = (90_000, 15)
"""Bytes over the line and requests that the log-in page takes, with all ways in."""
OVERVIEW = (175_000, 40)
"""The same up to the figures of the overview, of a browser that is logged in and has nothing in its cache."""
DRAWING_MS, TRIES = 50, 10
_SAMPLES = [20.0, 40.0, 75.0, 99.0]
PAGES = (
    "/",
    "/?view=map&by=tag,network",
    "/wallboard?by=network#{wall}",
    "/forecasts",
    "/servers",
    "/servers/compare?servers=1,2,3,77",
    "/servers/1",
    "/servers/1?tab=policies",
    "/servers/1?tab=parts",
    "/servers/1?tab=keys",
    "/alerts",
    "/alerts?tab=past",
    "/alerts?view=single",
    "/incidents/1",
    "/alerts/1",
    "/alerts/{check_alert}",
    "/alerts/{check_in_alert}",
    "/checks",
    "/checks/{check}",
    "/checks/{check}?tab=policies",
    "/check-ins",
    "/check-ins/{check_in}",
    "/silences",
    "/on-call",
    "/on-call?tab=escalations",
    "/on-call/{rota}",
    "/policies",
    "/policies/1",
    "/policies/new",
    "/policies/new?metric=unit:nginx.service",
    "/users",
    "/teams",
    "/channels",
    "/notifications",
    "/explain",
    "/explain?server_id=1",
    "/coverage",
    "/audit",
    "/cluster",
    "/configuration",
    "/settings",
    "/settings/mail",
    "/profile",
    "/password",
    "/nowhere",
)


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Every page has something to show."""
    with serving(tmp_path_factory.mktemp("pages"), mailbox) as running:
        with running.admin() as client:
            scene.quick_policies(client)
            key = scene.fleet_key(client)
            hosts = scene.hosts(client, 3, [scene.person(client, "ben")])
            for host, cpu in zip([*hosts, hosts[0]], _SAMPLES, strict=True):
                values = {"cpu_value": cpu, "memory_value": 20, "disk_value": 20, "extra": PARTS}
                scene.report(running.port, key, cpu, ip_address=host.ip_address, processes=[_PROCESS], metrics=values)
            silence = {"scope": {"server_id": hosts[1].id}, "reason": "maintenance", "ends_at": "2099-01-01 00:00:00"}
            assert client.post("/api/silences", silence).data
            mail = {"name": "duty", "kind": "email", "settings": {"address": "duty@example.com"}}
            assert client.post("/api/channels", mail).data
            wait_for(lambda: client.get("/api/notifications").data, "a mail")
            ids.update(watch(client, hosts[0].id))
            rota = scene.rota(client, "Night", [1, 2])
            scene.escalation(client, "Web", rota)
            wall = client.post("/api/tokens", {"name": "wall", "scope": "wallboard"}).data["token"]
            ids.update(rota=rota, wall=wall)
        yield running


ids: dict[str, object] = {}
"""Of what was made for the tests of this file, by the names in PAGES."""
PARTS = {
    "units_failed": 1.0,
    "unit:nginx.service": 0.0,
    "container:web:up": 1.0,
    "container:web:cpu": 3.5,
    "container:web:memory": 3e8,
    "raid:md0": 1.0,
    "disk:/": 20.0,
    "inodes:/": 3.0,
    "net_rx:eth0": 1e6,
    "net_tx:eth0": 1e5,
    "disk_read:sda": 1e6,
    "disk_write:sda": 1e5,
    "check:gateway:up": 1.0,
    "check:gateway:ms": 1.5,
}
_PROCESS = {"name": "postgres", "cpu": 12.5, "memory": 3.5}


def watch(client: Client, server_id: int) -> dict[str, int]:
    """Make a check and a check-in that are down; return their ids and those of their alerts."""
    check = {"name": "shop", "kind": "tcp", "target": "127.0.0.1:1", "attempts": 1, "server_id": server_id}
    check_in = {"name": "backup", "period": 60, "grace": 60, "server_id": server_id}
    check, check_in = (
        client.post(path, body).data for path, body in (("/api/checks", check), ("/api/check-ins", check_in))
    )
    assert client.get(f"{check_in['ping_path']}/start").status == 200
    assert client.get(f"{check_in['ping_path']}/3").status == 200
    made = {"check": check["id"], "check_in": check_in["id"]}

    def alerts() -> dict[str, int]:
        return {
            f"{kind}_alert": alert["id"]
            for alert in client.get("/api/alerts?state=firing").data
            for kind, own in made.items()
            if alert[f"{kind}_id"] == own
        }

    wait_for(lambda: len(alerts()) == len(made), "their alerts")
    return made | alerts()


@pytest.mark.nightly(each=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, origin: str, theme: str):
    locale = {"light": "en-US", "dark": "zh-CN"}[theme]
    with screen(browser, origin, color_scheme=theme, locale=locale, bypass_csp=True) as person:
        person.open("/login")
        expect(person.page.get_by_role("button").first).to_be_visible()
        found = person.axe_findings()
        _log_in(person)
        for path in PAGES:
            _show(person, path)
            found += person.axe_findings()
    assert not found, "\n".join(found)


@pytest.mark.nightly(each=True)
def test_no_page_is_wider_than_a_phone(browser: Browser, origin: str):
    with screen(browser, origin, ADMIN, viewport=PHONE) as person:
        for path in PAGES:
            _show(person, path)
            spare = person.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            assert spare <= 0, f"{path} is {spare} px too wide"


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_first_load_is_small(browser: Browser, origin: str, locale: str):
    with screen(browser, origin, locale=locale) as person:
        answers = _counted(person)
        person.open("/login")
        expect(person.page.locator("[type=submit]")).to_be_visible()
        person.page.wait_for_load_state("networkidle")
        _within(LOG_IN, answers)
    with screen(browser, origin, ADMIN, locale=locale) as person:
        answers = _counted(person)
        person.page.add_init_script(_TELLS_FIGURES)
        person.open("/")
        expect(person.page.locator(".tiles .count").first).to_have_text(re.compile(r"\d"))
        _within(OVERVIEW, answers)


_TELLS_FIGURES = """new MutationObserver((_, seen) => {
  if (!/\\d/.test(document.querySelector('.tiles .count')?.textContent ?? '')) return
  seen.disconnect()
  console.debug('figures')
}).observe(document, { childList: true, subtree: true, characterData: true })"""


def _counted(person: Screen) -> list[int]:
    """Bytes of each answer of the page from now on, headers included, as they come over the line; up to the figures of
    the overview: what follows may come before the test has seen these."""
    answers: list[int] = []
    said: list[Any] = []

    def add(got: Any) -> None:
        if "figures" not in said:
            answers.append(got["encodedDataLength"])

    session = person.context.new_cdp_session(person.page)
    session.send("Network.enable")
    session.send("Runtime.enable")
    session.on("Runtime.consoleAPICalled", lambda got: said.extend(each.get("value") for each in got["args"]))
    session.on("Network.loadingFinished", add)
    return answers


def _within(budget: tuple[int, int], answers: list[int]) -> None:
    assert 10_000 < sum(answers) <= budget[0], answers
    assert len(answers) <= budget[1]


def test_the_page_may_load_nothing_that_is_not_ours(served: Process):
    with served.client() as client:
        policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe-inline'" not in policy


def test_twenty_thousand_points_are_drawn_at_once(admin: Screen):
    """Four lines of them. How long the drawing took, the chart says itself. A busy machine may interrupt it."""
    admin.page.route("**/api/servers/*/series?*", lambda route: route.fulfill(json=_series(20_000)))
    charts = admin.page.locator("[data-draw-ms]")
    drawn: list[float] = []
    for _ in range(TRIES):
        admin.open("/servers/1?range=24h")
        expect(charts.first).to_have_attribute("data-points", "20000")
        drawn += charts.evaluate_all("charts => charts.map(chart => +chart.dataset.drawMs)")
        if min(drawn) <= DRAWING_MS:
            return
    raise AssertionError(drawn)


def test_the_arrow_keys_move_one_cursor_through_all_charts(admin: Screen):
    admin.page.route("**/api/servers/*/series?*", lambda route: route.fulfill(json=_series(50)))
    admin.open("/servers/1?range=24h")
    charts = admin.page.locator("[data-draw-ms]")
    expect(charts.nth(1)).to_be_visible()
    charts.nth(0).focus()
    admin.page.keyboard.press("ArrowLeft")
    moments = admin.page.locator(".chart time")
    expect(moments).to_have_count(charts.count())
    assert len(set(moments.all_text_contents())) == 1
    admin.page.keyboard.press("Escape")
    expect(moments).to_have_count(0)


def _series(count: int) -> Any:
    values = [30 + (number * 7_919 % 400) / 10 for number in range(count)]
    column = {"avg": values, "min": [value - 5 for value in values], "max": [value + 5 for value in values]}
    now = 1_800_000_000
    columns = dict.fromkeys(("cpu", "memory", "disk"), column)
    data = {"resolution": 4, "time": [now + 4 * number for number in range(count)], "coverage": [1] * count, **columns}
    return {"code": 200, "msg": "ok", "data": data}


def _log_in(person: Screen) -> None:
    """In any language."""
    person.open("/login")
    person.page.locator("input").nth(0).fill("admin")
    person.page.locator("input").nth(1).fill(PASSWORD)
    person.page.keyboard.press("Enter")
    person.page.get_by_role("navigation").first.wait_for()


def _show(person: Screen, path: str) -> None:
    person.open(path.format(**ids))
    expect(person.page.get_by_role("main")).to_be_visible()
    person.page.wait_for_function("() => document.querySelector('main [aria-busy=true], main .el-skeleton') === null")
