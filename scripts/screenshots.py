"""Pictures of every page, of a fleet that does not exist: `make screenshots`.

To look at by eye, in both languages, both themes, on a desk and on a phone, into var/screenshots/. With `--readme`
only the three pictures that the README shows, into docs/pictures/.
"""

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from bench.program import Program, free_port, is_up
from monitor.domain.users import DEFAULT_PASSWORD
from scripts.system import CHROMIUM, SEARCH_PATH, ensure

ROOT = Path(__file__).resolve().parent.parent
MONITOR = str(ROOT / ".venv" / "bin" / "monitor")
PASSWORD = "Pictures-2026"  # noqa: S105 (guards a database that lives for minutes)
SIMULATE = ["simulate", "--servers", "40", "--days", "3", "--seed", "7"]
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
TALLEST = 2600
SETTLE_MS = 1000
"""For charts and what is asked for after the first answer."""
Theme = Literal["light", "dark"]
Look = tuple[str, Theme, str]
"""Language, theme and size."""
SETTLED = "() => document.querySelector('main') && !document.querySelector('.el-skeleton, [aria-busy=true]')"
_LISTS = "servers alerts silences policies users channels notifications audit coverage settings profile"
PAGES = {
    "login": "/login",
    "overview": "/",
    "server": "/servers/{server}?range=24h",
    "server-alerts": "/servers/{server}?tab=alerts",
    "alert": "/alerts/{alert}",
    "alerts-past": "/alerts?tab=past",
    "policy": "/policies/{policy}",
    **{name: f"/{name}" for name in _LISTS.split()},
}
README = ("overview", "server", "policy")
README_LOOK: Look = ("en", "light", "desk")


@contextmanager
def demonstration() -> Iterator[httpx.Client]:
    """Asks a server, as its administrator, that has three days of a fleet which goes on reporting to it."""
    with tempfile.TemporaryDirectory(prefix="monitor-pictures-") as directory, ExitStack() as ends:
        settings, log = {"MONITOR_DATA_DIR": directory}, Path(directory) / "log"

        def start(*command: str) -> Program:
            program = Program([MONITOR, *command], log=log, settings=settings)
            ends.callback(program.stop)
            return program

        say("making up three days of 40 servers")
        start(*SIMULATE).finish()
        url, began = f"http://127.0.0.1:{(port := free_port())}", written(datetime.now(UTC))
        start("serve", "--port", str(port)).wait_until(lambda: is_up(f"{url}/healthz"))
        api = ends.enter_context(httpx.Client(base_url=url, timeout=60))
        post(api, "auth/login", username="admin", password=DEFAULT_PASSWORD)
        post(api, "auth/change-password", old_password=DEFAULT_PASSWORD, new_password=PASSWORD)
        start(*SIMULATE, "--live", url).wait_until(lambda: reports_since(api, began))
        furnish(api)
        yield api


def post(api: httpx.Client, path: str, **body: Any) -> None:
    """With the token of the last answer that had one."""
    data = api.post(f"/api/{path}", json=body).raise_for_status().json()["data"]
    if token := data.get("token"):
        api.headers["Authorization"] = f"Bearer {token}"


def reports_since(api: httpx.Client, moment: str) -> bool:
    """Whether each server's newest sample is later; asked once a second."""
    time.sleep(1)
    newest = [each["recorded_at"] or "" for each in get(api, "/api/monitor/stats")["latest_data"]]
    return len([each for each in newest if each > moment]) > len(newest) * 3 // 4


def furnish(api: httpx.Client) -> None:
    """What people would have made: no page but has something to show."""
    until = written(datetime.now(UTC) + timedelta(hours=6))
    post(api, "silences", scope={"tag": "db"}, reason="Migration to the new storage", ends_at=until)
    post(api, "channels", name="On call", kind="webhook", settings={"url": "https://hooks.example.com/oncall"})


def get(api: httpx.Client, path: str) -> Any:
    return api.get(path).raise_for_status().json()["data"]


def telling(api: httpx.Client) -> dict[str, int]:
    """The server with most alerts beyond a threshold of late, its last alert, and the policy of that."""
    alerts = [each for each in get(api, "/api/alerts?limit=50") if each["threshold"] is not None]
    server, _ = Counter(each["server_id"] for each in alerts[:8]).most_common(1)[0]
    alert = next(each for each in alerts if each["server_id"] == server)
    return {"server": server, "alert": alert["id"], "policy": alert["policy_id"]}


def pictures(browser: Browser, api: httpx.Client, names: tuple[str, ...], look: Look) -> Iterator[tuple[str, bytes]]:
    """Each page's name and picture."""
    language, theme, size = look
    width, height = SIZES[size]
    viewport: ViewportSize = {"width": width, "height": height}
    ids = telling(api)
    with browser.new_context(
        base_url=str(api.base_url), viewport=viewport, locale=language, color_scheme=theme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.add_init_script("localStorage.setItem('first-steps-hidden', 'true')")  # Nobody's first day.
        page.goto("/login")
        page.locator("[name=username]").wait_for()
        if "login" in names:
            yield "login", page.screenshot()
        page.locator("[name=username]").fill("admin")
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.locator("nav").first.wait_for()
        for name in (each for each in names if each != "login"):
            page.goto(PAGES[name].format(**ids))
            page.wait_for_function(SETTLED)
            page.wait_for_timeout(SETTLE_MS)
            if size == "phone":  # The whole page as one tall screen, whose bar of buttons stays at its end.
                tall = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
                page.set_viewport_size({"width": width, "height": tall})
                page.wait_for_timeout(SETTLE_MS)
            yield name, page.screenshot(animations="disabled")
            page.set_viewport_size(viewport)


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def say(text: str) -> None:
    print(f"monitor: {text}", flush=True)


def main() -> None:
    is_readme = "--readme" in sys.argv[1:]
    ensure([CHROMIUM])
    chromium = next(filter(None, (shutil.which(each, path=SEARCH_PATH) for each in CHROMIUM.programs)))
    folder = ROOT / ("docs/pictures" if is_readme else "var/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    looks: list[Look] = [README_LOOK] if is_readme else list(product(("zh-CN", "en"), ("light", "dark"), SIZES))
    names = README if is_readme else tuple(PAGES)
    with (
        demonstration() as api,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        for look in looks:
            say(", ".join(look))
            for name, picture in pictures(browser, api, names, look):
                stem = name if is_readme else "-".join((name, *look))
                (folder / f"{stem}.png").write_bytes(picture)
    say(f"the pictures are in {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
