"""A bad night of a team: a unit, a container, a certificate and a job, by mail and on a phone."""

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import Mail, MailServer
from tests.integration.checks.targets import Authority, listening
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import PHONE, Screen, screen
from tests.integration.web.conftest import serving
from tests.integration.web.test_checks import PRIVATE

pytestmark = pytest.mark.nightly

HOST = "10.7.0.1"
WELL = {"unit:nginx.service": 1.0, "units_failed": 0.0, "containers": 1.0, "container:web:up": 1.0}


@dataclass
class Secured:
    """A TLS server whose certificate may be exchanged."""

    certificate: ssl.SSLContext

    def talk(self, connection: socket) -> None:
        with self.certificate.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def served(
    built_screen: None, mailbox: MailServer, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    """A host that reports, and a team of two who see it: Mia reads English, Li Chinese."""
    home: Path = tmp_path_factory.mktemp("team")
    with serving(home, mailbox, SSL_CERT_FILE=str(authority.file), **PRIVATE) as running:
        with running.admin() as client:
            scene.settings(client, digest_wait=1)
            people = [scene.person(client, name) for name in ("mia", "li")]
            team = {"name": "Web people", "tags": ["web"], "user_ids": people, "server_ids": [], "access": "write"}
            assert client.post("/api/teams", team).data
            for name, locale in (("mia", "en"), ("li", "zh-CN")):
                with running.client() as own:
                    own.log_in(name, scene.PASSWORD)
                    assert own.put("/api/auth/me", {"locale": locale}).data
            server = {"server_name": "web-1", "ip_address": HOST, "tags": ["web"]}
            assert client.post("/api/servers", server).data
        yield running


@pytest.fixture
def api(served: Process) -> Iterator[Client]:
    with served.admin() as client:
        yield client


@pytest.fixture(scope="module")
def key(served: Process) -> str:
    with served.admin() as client:
        return scene.fleet_key(client)


def report(served: Process, key: str, **changed: float) -> None:
    """Send one sample of now, as the agent does."""
    metrics = {"cpu_value": 20, "memory_value": 20, "disk_value": 20, "extra": {**WELL, **changed}}
    with served.client(key) as agent:
        assert agent.post("/api/monitor/data", {"ip_address": HOST, "metrics": metrics}).status == 200


def mails_to(mailbox: MailServer, name: str) -> list[Mail]:
    return [mail for mail in mailbox.to(f"{name}@example.com") if mail.message["Subject"].startswith("[")]


def next_mail(mailbox: MailServer, name: str, words: str) -> Mail:
    """Return the mail whose subject has these words, and nothing that only a machine would say."""

    def found() -> list[Mail]:
        return [mail for mail in mails_to(mailbox, name) if words in mail.message["Subject"]]

    wait_for(
        found, f"a mail to {name} with “{words}”, not only {[m.message['Subject'] for m in mails_to(mailbox, name)]}"
    )
    (mail,) = found()
    for number in ("0.5", "100::", "None", "Value: 0", "Value: 1"):
        assert number not in mail.text
        assert number not in mail.message["Subject"]
    return mail


def link_in(mail: Mail) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+(/alerts/\d+)", mail.text)
    assert found, mail.text
    return found[1]


def watch(admin: Screen, metric: str, state: str) -> None:
    """Make a policy for *metric* as a person does: it asks for a level, and for no threshold."""
    admin.open(f"/policies/new?metric={metric}")
    expect(admin.page.get_by_text(f"Fires if the value is “{state}”.")).to_be_visible()
    expect(admin.page.get_by_label("Critical threshold")).to_have_count(0)
    admin.fill("Fires after", "0")
    admin.press("Create")
    expect(admin.page.get_by_role("heading").filter(has_text=metric.split(":")[1])).to_be_visible()


def make_certificate_check(api: Client, port: int, server_id: int) -> None:
    body = {"name": "shop.example", "kind": "tls", "target": f"127.0.0.1:{port}", "interval": 10, "timeout": 5}
    assert api.post("/api/checks", {**body, "server_id": server_id}).data


def test_a_bad_night(
    admin: Screen, browser: Browser, served: Process, api: Client, key: str, mailbox: MailServer, authority: Authority
):
    (server,) = api.get("/api/servers").data
    report(served, key)
    watch(admin, "unit:nginx.service", "not active")
    watch(admin, "container:web:up", "not running")
    links = {}

    report(served, key, **{"unit:nginx.service": 0.0, "units_failed": 1.0})
    unit = next_mail(mailbox, "mia", "nginx")
    assert "[CRITICAL] web-1 unit nginx.service is not active" == unit.message["Subject"]
    assert "[严重] web-1 单元 nginx.service 未运行" == next_mail(mailbox, "li", "nginx").message["Subject"]
    links["not active"] = link_in(unit)

    report(served, key, **{"unit:nginx.service": 0.0, "units_failed": 1.0, "container:web:up": 0.0})
    container = next_mail(mailbox, "mia", "container")
    assert "[CRITICAL] web-1 container web is not running" == container.message["Subject"]
    assert "[严重] web-1 容器 web 未运行" == next_mail(mailbox, "li", "容器").message["Subject"]
    links["not running"] = link_in(container)

    secured = Secured(authority.server(timedelta(days=13, minutes=5)))
    with listening(secured.talk) as target:
        make_certificate_check(api, target.port, server["id"])
        soon = next_mail(mailbox, "mia", "13 days")
        assert "[WARNING] shop.example certificate ends in 13 days (threshold 14 d)" == soon.message["Subject"]
        secured.certificate = authority.server(timedelta(days=2, minutes=5))
        sooner = next_mail(mailbox, "mia", "2 days")
        expected = "[CRITICAL] shop.example certificate ends in 2 days (escalated, threshold 3 d)"
        assert expected == sooner.message["Subject"]
        assert "证书将在 2 天后到期" in next_mail(mailbox, "li", "将在 2 天后").message["Subject"]
        links["ends in 2 days"] = link_in(sooner)

        body = {"name": "nightly backup", "period": 5, "grace": 1, "server_id": server["id"]}
        job = api.post("/api/check-ins", body).data
        assert b"OK" == api.get(job["ping_path"]).body
        missed = next_mail(mailbox, "mia", "backup")
        assert re.fullmatch(  # a whole minute is written without seconds
            r"\[CRITICAL\] nightly backup did not check in \(expected at \d\d:\d\d(:(?!00)\d\d)? UTC\)",
            missed.message["Subject"],
        )
        assert "未按时签到" in next_mail(mailbox, "li", "backup").message["Subject"]
        links["missed or failed"] = link_in(missed)
        reads_all_on_a_phone(browser, served.origin, links)


def reads_all_on_a_phone(browser: Browser, origin: str, links: dict[str, str]) -> None:
    with screen(browser, origin, ("mia", scene.PASSWORD), viewport=PHONE) as mia:
        mia.open("/alerts?view=single")
        alerts = mia.page.get_by_role("list", name="Firing").get_by_role("listitem")
        expect(alerts).to_have_count(len(links))
        for words in links:
            expect(alerts.filter(has_text=words)).to_have_count(1)
        fits(mia)
        for words, path in links.items():
            mia.open(path)
            expect(mia.page.get_by_role("definition").filter(has_text=words).first).to_be_visible()
            expect(mia.page.get_by_role("main")).not_to_contain_text("threshold 0.5")
            mia.page.wait_for_function(
                "() => document.querySelector('main [aria-busy=true], main .el-skeleton') === null"
            )
            fits(mia)


def fits(person: Screen) -> None:
    """Nothing is scrolled sideways."""
    spare: Any = person.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert spare <= 0, f"{person.page.url} is {spare} px too wide"
