"""The link in a mail: from the mail server's hands to the alert's timeline."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.integration.alerts.live_server import BASE_URL, LiveServer, live_server
from tests.integration.alerts.mail_server import Mail
from tests.integration.alerts.reporters import Host


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with live_server(tmp_path_factory.mktemp("live")) as running:
        yield running


def link_in(live: LiveServer, mail: Mail) -> str:
    """Its path."""
    (link,) = re.findall(re.escape(BASE_URL) + r"(/ack/\S+)", mail.text)
    assert f'href="{BASE_URL}{link}"' in mail.html
    return str(link)


def ask(live: LiveServer, method: str, path: str) -> tuple[int, str]:
    """Request as a browser that is not logged in."""
    connection = HTTPConnection("127.0.0.1", live.process.port, timeout=30)
    try:
        connection.request(method, path, headers={"Accept-Language": "en"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def a_mailed_alert(live: LiveServer, name: str, network: int) -> tuple[Host, str]:
    """Of a host of a person called *name*, and the link that they were sent."""
    host = live.host_of(name, network=network)
    live.report(host, 95)
    return host, link_in(live, live.mail_to(name))


def test_opened_shows_a_button_and_changes_nothing(live: LiveServer):
    host, link = a_mailed_alert(live, "ann", 1)
    for method in ("GET", "HEAD", "GET"):
        status, page = ask(live, method, link)
        assert status == 200
        assert method == "HEAD" or (
            f'<form method="post" action="{link.removeprefix("/ack/")}">' in page and "<button" in page
        )
    assert live.alert_of(host)["acknowledged_by"] is None


def test_acknowledges_as_whom_it_was_sent_to(live: LiveServer):
    host, link = a_mailed_alert(live, "bob", 2)
    status, page = ask(live, "POST", link)
    assert status == 200
    assert "Acknowledged" in page
    alert = live.alert_of(host)
    assert "bob" == alert["acknowledged_by"]
    (entry,) = [entry for entry in alert["timeline"] if entry["event"] == "acknowledged"]
    assert "bob" == entry["username"]

    status, page = ask(live, "POST", link)
    assert status == 200
    assert "Acknowledged by bob" in page
    assert 1 == sum(entry["event"] == "acknowledged" for entry in live.alert_of(host)["timeline"])


def test_is_harmless_once_the_alert_is_closed(live: LiveServer):
    host, link = a_mailed_alert(live, "cai", 3)
    live.report(host, 10)
    status, page = ask(live, "POST", link)
    assert status == 200
    assert "This alert has ended" in page
    alert = live.alert_of(host)
    assert "resolved" == alert["state"]
    assert alert["acknowledged_by"] is None


def test_with_an_unknown_token_opens_nothing(live: LiveServer):
    _, link = a_mailed_alert(live, "dee", 4)
    forged = link[:-4] + ("AAAA" if not link.endswith("AAAA") else "BBBB")
    assert 404 == ask(live, "POST", forged)[0]
    assert 404 == ask(live, "POST", "/ack/%00%ff")[0]


def test_is_not_in_the_mail_that_says_it_is_over(live: LiveServer):
    host, _ = a_mailed_alert(live, "eve", 5)
    live.report(host, 10)
    assert "/ack/" not in live.mail_to("eve", count=2).text


def test_of_a_user_unlinked_since_then_acknowledges_nothing(live: LiveServer):
    host, link = a_mailed_alert(live, "flo", 6)
    assert live.admin.post(f"/api/servers/{host.id}/users", {"user_ids": []}).data
    assert 404 == ask(live, "POST", link)[0]
    assert live.alert_of(host)["acknowledged_by"] is None
