"""Pictures of every page, of a fleet that does not exist: `make screenshots`.

In both languages and themes, on a desk and on a phone, into var/screenshots/; with `--readme` only what the README
shows, into docs/pictures/.
"""

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from bench.program import Program, free_port, is_up
from monitor.domain.accounts.users import DEFAULT_PASSWORD
from scripts.system import CHROMIUM, SEARCH_PATH, ensure

ROOT = Path(__file__).resolve().parent.parent
MONITOR = str(ROOT / ".venv" / "bin" / "monitor")
PASSWORD = "Pictures-2026"  # noqa: S105 (guards a database that lives for minutes)
SIMULATE = ["simulate", "--servers", "40", "--days", "7", "--seed", "7"]
SIZES: dict[str, ViewportSize] = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
SETTLE_MS = 1000  # For charts, and what is asked for after the first answer.
Look = tuple[str, Literal["light", "dark"], str]
SETTLED = "() => document.querySelector('main') && !document.querySelector('.el-skeleton, [aria-busy=true]')"
_LISTS = "servers alerts checks check-ins silences policies users channels notifications audit"
_OTHERS = "coverage settings cluster profile forecasts on-call teams configuration explain wallboard"
PAGES = {
    "login": "/login",
    "overview": "/",
    "map": "/?view=map&fill=cpu",
    "server": "/servers/{server}?range=24h",
    "compare": "/servers/compare?servers=1,2,3,4,5&range=24h",
    "server-alerts": "/servers/{server}?tab=alerts",
    "server-parts": "/servers/{parts}?tab=parts",
    "check": "/checks/{check}",
    "check-down": "/checks/{check_down}",
    "check-in": "/check-ins/{check_in}",
    "alert": "/alerts/{alert}",
    "alert-firing": "/alerts/{switch}",
    "incident": "/incidents/{incident}",
    "alerts-past": "/alerts?tab=past",
    "policy": "/policies/{policy}",
    "rota": "/on-call/{rota}",
    "policy-new": "/policies/new",
    "mail": "/settings/mail",
    **{name: f"/{name}" for name in f"{_LISTS} {_OTHERS}".split()},
}
NO_PICTURE = {
    "/password": "It is shown only to who must change a password, and leads everybody else away.",
    "/second-factor": "It is shown only to who must set up a factor, and leads everybody else away.",
}
"""Routes that are not worth a picture, and why."""
README = ("overview", "server", "policy", "incident", "map", "rota")
README_ON_PHONE = ("alert-firing",)
BEGINS_AT = {"map": "section:has(> .bar)", "alert-firing": ".columns"}
"""What is at the top of a picture in the README, where that is not the page's own top."""
LOOPBACK = "127.0.0.0/8"
JOBS: list[tuple[str, dict[str, Any], str]] = [
    ("Nightly backup", {"schedule": "30 2 * * *", "timezone": "Europe/Berlin"}, "/0"),
    ("Sync of the catalogue", {"period": 3600}, "/12"),
    ("Monthly report", {"schedule": "0 6 1 * *", "timezone": "UTC"}, ""),
]
"""Name, timetable, and how the last run ended; the last one never ran."""
BEHIND_SWITCH = ("Payments", "Shop search", "Mail relay", "Warehouse", "Intranet")
OUTPUT = "dumped 214 tables\nuploaded 3.4 GB\n"
PARTS = {
    "units_failed": 1.0,
    "unit:nginx.service": 1.0,
    "unit:postgresql.service": 1.0,
    "unit:certbot.service": 0.0,
    "container:web:up": 1.0,
    "container:web:cpu": 12.4,
    "container:web:memory": 312e6,
    "container:worker:up": 0.0,
    "disk:/": 61.0,
    "disk:/var/lib/docker": 77.1,
    "inodes:/": 12.5,
    "inodes:/var/lib/docker": 51.0,
    "disk_read:nvme0n1": 1.2e5,
    "disk_write:nvme0n1": 4.1e6,
    "raid:md0": 1.0,
    "net_rx:eth0": 1.1e6,
    "net_tx:eth0": 2.9e5,
    "check:gateway:up": 1.0,
    "check:gateway:ms": 1.4,
}
LOOKS_OF_README: dict[Look, tuple[str, ...]] = {
    ("en", "light", "desk"): README,
    ("en", "light", "phone"): README_ON_PHONE,
}
LOOKS: list[Look] = list(product(("zh-CN", "en"), ("light", "dark"), SIZES))


@contextmanager
def demonstration() -> Iterator[httpx.Client]:
    """Asks a server as its administrator. Its fleet has seven days of history and keeps reporting."""
    with tempfile.TemporaryDirectory(prefix="monitor-pictures-") as directory, ExitStack() as ends:
        log = Path(directory) / "log"
        settings = {
            "MONITOR_DATA_DIR": directory,
            "MONITOR_ALLOWED_DESTINATIONS": LOOPBACK,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(ends.enter_context(mailboxes())),
            "SMTP_SECURITY": "none",
            "SMTP_FROM": "monitor@example.com",
        }

        def start(*command: str) -> Program:
            program = Program([MONITOR, *command], log=log, settings=settings)
            ends.callback(program.stop)
            return program

        say("making up seven days of 40 servers")
        start(*SIMULATE).finish()
        url, began = f"http://127.0.0.1:{(port := free_port())}", str(datetime.now(UTC))
        start("serve", "--port", str(port)).wait_until(lambda: is_up(f"{url}/healthz"))
        api = ends.enter_context(httpx.Client(base_url=url, timeout=60))
        ask(api, "auth/login", username="admin", password=DEFAULT_PASSWORD)
        ask(api, "auth/change-password", old_password=DEFAULT_PASSWORD, new_password=PASSWORD)
        start(*SIMULATE, "--live", url).wait_until(lambda: reports_since(api, began))
        until = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
        ask(api, "silences", scope={"tag": "db"}, reason="Migration to the new storage", ends_at=until)
        chats = ask(api, "channels", name="On call", kind="webhook", settings={"url": ends.enter_context(chat())})["id"]
        ids["rota"], escalation = put_on_call(api, chats)
        ids.update(watch(api))
        ids["incident"], ids["switch"] = break_rack(api, escalation)
        yield api


ids: dict[str, int] = {}
"""Of what each page in PAGES shows, by its name there."""


def watch(api: httpx.Client) -> dict[str, int]:
    """Make checks, check-ins, and a host with services and devices; return the ids of those with a page."""
    address = f"{api.base_url.host}:{api.base_url.port}"
    host = ask(api, "servers", server_name="app-1", ip_address="10.99.0.1", tags=["app"])["id"]
    key = ask(api, "api-keys", name="app-1", server_id=host)["key"]
    metrics = {"cpu_value": 12.5, "memory_value": 48.2, "disk_value": 61.0, "extra": PARTS}
    api.post("/api/monitor/data", json={"metrics": metrics}, headers={"X-API-Key": key}).raise_for_status()
    made = {
        "parts": host,
        "check": ask(api, "checks", name="Shop", kind="http", target=f"http://{address}/healthz", server_id=host)["id"],
        "check_down": ask(api, "checks", name="Database", kind="tcp", target="127.0.0.1:1", attempts=1)["id"],
    }
    for number, (name, timetable, end) in enumerate(JOBS):
        job = ask(api, "check-ins", name=name, grace=1800, server_id=host, **timetable)
        made.setdefault("check_in", job["id"])
        for tail in ("/start", end) if number < len(JOBS) - 1 else ():
            api.post(f"{job['ping_path']}{tail}", content=OUTPUT).raise_for_status()
    return made


@contextmanager
def mailboxes() -> Iterator[int]:
    """Takes every mail; yields its port."""
    server = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@contextmanager
def chat() -> Iterator[str]:
    """Takes every message; yields its address."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/on-call"
        server.shutdown()


def put_on_call(api: httpx.Client, channel_id: int) -> tuple[int, int]:
    """Make a rota, an escalation of two steps, and the team whose servers it is for; return the first two's ids."""
    people = {each["username"]: each["id"] for each in ask(api, "users")}
    starts = (datetime.now(UTC) - timedelta(days=9)).replace(hour=9, minute=0, second=0, microsecond=0).isoformat()
    turns = [people["anna"], people["bruno"], people["chen.wei"]]
    rota = ask(api, "rotas", name="Platform", timezone="Europe/Berlin", starts_at=starts, user_ids=turns)["id"]
    first = [{"rota_id": rota}, {"channel_id": channel_id}]
    steps = [{"after": 0, "to": first}, {"after": 900, "to": [{"user_id": people["dana"]}]}]
    escalation = ask(api, "escalations", name="Platform", steps=steps)["id"]
    ask(api, "teams", name="Platform", user_ids=turns, tags=["db", "web"], access="write", escalation_id=escalation)
    return int(rota), int(escalation)


def break_rack(api: httpx.Client, escalation_id: int) -> tuple[int, int]:
    """Make a switch, and services behind it, that are all down; return the ids of their incident and of its alert."""
    down = {"kind": "tcp", "target": "127.0.0.1:1", "attempts": 1}
    switch = ask(api, "checks", name="switch-7", **down)["id"]
    up = {"metric": "up", "critical": 0.5, "direction": "below", "clear_margin": 0, "sustained_for": 0}
    note = "Look at the power of rack 7 first. Its console is `con-7`."
    ask(api, "alert-policies", scope={"check_id": switch}, note=note, escalation_id=escalation_id, **up)
    for name in BEHIND_SWITCH:
        ask(api, "checks", name=name, depends_on=[{"check_id": switch}], **down)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for each in ask(api, "incidents?state=open"):
            if each["alert_count"] > len(BEHIND_SWITCH):
                [alert] = ask(api, f"alerts?check_id={switch}&state=firing")
                return int(each["id"]), int(alert["id"])
        time.sleep(1)
    raise TimeoutError("no incident began")


def ask(api: httpx.Client, path: str, **body: Any) -> Any:
    """POST what there is to send, else GET; with the token of the last answer that had one."""
    answer = api.post(f"/api/{path}", json=body) if body else api.get(f"/api/{path}")
    data = answer.raise_for_status().json()["data"]
    if "token" in data:
        api.headers["Authorization"] = f"Bearer {data['token']}"
    return data


def reports_since(api: httpx.Client, moment: str) -> bool:
    """Whether most servers' newest sample is later; asked once a second."""
    time.sleep(1)
    newest = [each["recorded_at"] or "" for each in ask(api, "monitor/stats")["latest_data"]]
    return len([each for each in newest if each > moment]) > len(newest) * 3 // 4


def telling(api: httpx.Client) -> dict[str, int]:
    """The server with most recent alerts beyond a threshold, its last alert, and the policy of that."""
    hosts = {each["id"] for each in ask(api, "servers")}
    found = ask(api, "alerts?limit=100")
    alerts = [each for each in found if each["threshold"] is not None and each["server_id"] in hosts]
    server, _ = Counter(each["server_id"] for each in alerts[:8]).most_common(1)[0]
    last = next(each for each in alerts if each["server_id"] == server)
    return {"server": server, "alert": last["id"], "policy": last["policy_id"], **ids}


def pictures(
    browser: Browser, api: httpx.Client, names: tuple[str, ...], look: Look, *, is_readme: bool
) -> Iterator[tuple[str, bytes]]:
    """Each page's name and picture."""
    language, theme, size = look
    viewport, shown, url = SIZES[size], telling(api), str(api.base_url)
    with browser.new_context(base_url=url, viewport=viewport, locale=language, color_scheme=theme) as context:
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
            page.goto(PAGES[name].format(**shown))
            page.wait_for_function(SETTLED)
            page.wait_for_timeout(SETTLE_MS)
            if is_readme and name in BEGINS_AT:
                page.locator(BEGINS_AT[name]).first.evaluate("part => scrollTo(0, part.offsetTop - 80)")
            elif size == "phone":  # The whole page as one tall screen, whose bar of buttons stays at its end.
                tall = page.evaluate("Math.min(document.documentElement.scrollHeight, 2600)")
                page.set_viewport_size({**viewport, "height": tall})
                page.wait_for_timeout(SETTLE_MS)
            yield name, page.screenshot(animations="disabled")
            page.set_viewport_size(viewport)


def say(text: str) -> None:
    print(f"monitor: {text}", flush=True)


def main() -> None:
    is_readme = "--readme" in sys.argv[1:]
    ensure([CHROMIUM])
    chromium = next(filter(None, (shutil.which(each, path=SEARCH_PATH) for each in CHROMIUM.programs)))
    folder = ROOT / ("docs/pictures" if is_readme else "var/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        demonstration() as api,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        for look, names in (LOOKS_OF_README if is_readme else dict.fromkeys(LOOKS, tuple(PAGES))).items():
            say(", ".join(look))
            shown = [part for part in look if part == "phone"] if is_readme else look
            for name, picture in pictures(browser, api, names, look, is_readme=is_readme):
                (folder / f"{'-'.join((name, *shown))}.png").write_bytes(picture)
    say(f"the pictures are in {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
