"""What hosts call themselves and their processes, all the way into a mailbox."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.live_server import BASE_URL, LiveServer, live_server
from tests.integration.alerts.mail_server import SENDER, Mail
from tests.integration.alerts.reporters import Host

TAKEN = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><a href='javascript:alert(3)'>x</a>",
    "ends": "</td></table></body></html><!--<base href=//evil.example><style>*{display:none}",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt; &amp;#60;b&amp;#62; %s {0} ${7*7} {{7*7}}",
    "encoded": "=?utf-8?q?host=0D=0ABcc:_evil=40example.com=0D=0A=0D=0Aforged?=",
    "header": "host Bcc: evil@example.com Subject: forged",
    "emoji": "🔥👩👧🖥️" * 12,
    "right": "שרת הייצור הראשי خادم الإنتاج الرئيسي",
    "long": "長" * 100,
    "dots": ". host ..",
}
REFUSED = [
    "a\r\nBcc: evil@example.com",
    "a\nb",
    "a\x00b",
    "a\u2028b",
    "a\u202egpj.exe",
    "a\u200bb",
    "a\u200db",
    "",
    "x" * 101,
]
PROCESSES = [{"name": "<b onload=alert(4)>=?utf-8?q?=0D=0ABcc:_x?=", "cpu": 99, "memory": 1}]
HEADERS = {
    *("subject", "from", "to", "date", "message-id", "in-reply-to", "references", "mime-version", "content-type"),
    *("auto-submitted", "x-auto-response-suppress"),
    *("x-peer", "x-mailfrom", "x-rcptto"),  # of the test's own mail server
}
TAGS = {"html", "head", "meta", "title", "body", "div", "p", "h1", "h2", "table", "tr", "td", "bdi", "a", "img"}
ATTRIBUTES = {"lang", "charset", "style", "href", "src", "alt", "width", "height"}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with live_server(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture(scope="module")
def mails(live: LiveServer) -> dict[str, Mail]:
    """One mail for each name: each host has a user of its own."""
    for number, (kind, name) in enumerate(TAKEN.items()):
        address = f"10.9.0.{number + 1}"
        body = {"server_name": name, "ip_address": address, "user_ids": [scene.person(live.admin, kind)]}
        live.report(Host(live.admin.post("/api/servers", body).data["id"], address), 95, processes=PROCESSES)
    return {kind: live.mail_to(kind) for kind in TAKEN}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_break_a_line_is_refused(live: LiveServer, name: str):
    answer = live.admin.post("/api/servers", {"server_name": name, "ip_address": "10.8.0.1"})
    assert 400 == answer.status
    assert "server_name" in answer.body["data"]["fields"]


@pytest.mark.parametrize("kind", TAKEN)
def test_adds_no_header(mails: dict[str, Mail], kind: str):
    mail = mails[kind]
    names = Counter(name.lower() for name in mail.message.keys())  # noqa: SIM118 (each as often as it is there)
    assert set() == names.keys() - HEADERS
    assert {1} == set(names.values())
    assert f"{kind}@example.com" == mail.message["To"].addresses[0].addr_spec
    assert 1 == len(mail.message["To"].addresses)
    assert SENDER == mail.message["From"].addresses[0].addr_spec
    subject = str(mail.message["Subject"])
    assert TAKEN[kind].strip()[:12].replace("=?", "= ?") in subject
    assert subject.isprintable() or kind in ("emoji",)
    assert all(len(line) <= 998 for line in mail.raw.split(b"\r\n"))
    assert mail.raw.isascii()


@pytest.mark.parametrize("kind", TAKEN)
def test_brings_no_markup_to_life(mails: dict[str, Mail], kind: str):
    page = Page(mails[kind].html)
    assert set() == page.tags.keys() - TAGS
    assert set() == page.attributes - ATTRIBUTES
    assert {BASE_URL} == {"/".join(link.split("/")[:3]) for link in page.links}
    assert all(source.startswith("cid:") for source in page.sources)
    assert TAKEN[kind].strip()[:40] in page.text
    assert "<b onload=alert(4)>" in page.text
    assert page.tags == Page(mails["header"].html).tags


@pytest.mark.parametrize("kind", TAKEN)
def test_stays_in_its_line(mails: dict[str, Mail], kind: str):
    text = mails[kind].text
    assert len(mails["header"].text.splitlines()) == len(text.splitlines())
    assert [] == [c for c in text if unicodedata.category(c) in ("Cc", "Zl", "Zp") and c not in "\r\n"]
    assert not any(line.startswith(("Bcc:", "Subject:", ".")) for line in text.splitlines())


def test_ten_kilobytes_are_refused_wherever_people_write(live: LiveServer, mails: dict[str, Mail]):
    alert = live.admin.get("/api/alerts").data[0]
    long = "x" * 10_000
    bodies = {
        f"/api/alerts/{alert['id']}/ack": {"note": long},
        "/api/silences": {"scope": {}, "ends_at": "2099-01-01 00:00:00", "reason": long},
        "/api/servers": {"server_name": long, "ip_address": "10.8.0.2"},
        "/api/channels": {"name": long, "kind": "email", "settings": {"address": "a@example.com"}},
        "/api/alert-policies": {"metric": long, "warning": 1},
    }
    assert dict.fromkeys(bodies, 400) == {path: live.admin.post(path, body).status for path, body in bodies.items()}


class Page(HTMLParser):
    """The parts of an HTML mail, as a mail program reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.sources: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            self.attributes.add(name)
            if name == "href":
                self.links.add(value or "")
            if name == "src":
                self.sources.add(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags["a comment"] += 1
