"""A delivery that fails tells why, and never the token that its address holds."""

import pytest

from monitor.adapters.notify.apprise.channel import AppriseSender
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.application.notifications.sender_ports import SendStatus
from tests.integration.notify.hooks import Hook, serving
from tests.integration.notify.listening import hang, listening
from tests.integration.notify.test_apprise import MESSAGE, a_channel
from tests.integration.notify.test_webhook import send
from tests.integration.ports import free_port

TOKEN = "T0KEN-that-nobody-may-see"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{free}/services/TOKEN",
        "http://TOKEN:TOKEN@127.0.0.1:{free}/?key=TOKEN",
        "http://127.0.0.1:{gone}/bot1:TOKEN/send",
        "http://127.0.0.1:{silent}/TOKEN",
        "http://10.0.0.1/TOKEN",
        "ftp://127.0.0.1/TOKEN",
        "http://[TOKEN]/TOKEN",
        "http://127.0.0.1:TOKEN/",
        "http://127.0.0.1/\x7fTOKEN",
    ],
)
def test_of_a_webhook(url, capfd, caplog):
    with serving(Hook(lambda _path: (404, {"X": TOKEN}, TOKEN.encode()))) as gone, listening(hang) as silent:
        address = url.replace("TOKEN", TOKEN).format(free=free_port(), gone=gone.port, silent=silent)
        sending = send(address, total=1.0, secret=TOKEN)
    assert SendStatus.SENT is not sending.status
    assert sending.error
    assert TOKEN not in f"{sending.error}{capfd.readouterr()}{caplog.text}"


@pytest.mark.parametrize("url", ["json://127.0.0.1:{gone}/TOKEN?x=TOKEN", "json://127.0.0.1:{free}/TOKEN", "TOKEN://x"])
def test_of_apprise(url, capfd, caplog):
    with serving(Hook(lambda _path: (404, {}, TOKEN.encode()))) as gone:
        address = url.replace("TOKEN", TOKEN).format(free=free_port(), gone=gone.port)
        sending = AppriseSender(Destinations(networks(["127.0.0.0/8"]))).send(a_channel(address), MESSAGE)
    assert SendStatus.SENT is not sending.status
    assert sending.error
    assert TOKEN not in f"{sending.error}{capfd.readouterr()}{caplog.text}"
