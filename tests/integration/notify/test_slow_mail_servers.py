"""Mail servers that hang, drip, never end or cannot be found: sending ends in time."""

import time
from threading import Event

import pytest

from monitor.adapters.notify.mail.smtp import SmtpMailer
from monitor.adapters.outbound.connections import Resolver
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from tests.integration.notify.listening import drip, hang, listening
from tests.integration.notify.mailing import MESSAGE, TO, send
from tests.integration.notify.smtp_servers import GO, GREETING, HELLO, OK, dialogue, server_at
from tests.integration.ports import free_port


def test_a_server_that_never_says_goodbye():
    """The mail was taken: that is what counts."""
    with listening(dialogue(GREETING, HELLO, OK, OK, GO)) as port:
        assert SendResult(SendStatus.SENT) == send(port)


def test_a_refused_connection_is_tried_again():
    """The server is down."""
    sending = send(free_port())
    assert SendStatus.RETRY is sending.status
    assert "refused" in sending.error


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_server_that_hangs(security):
    """Each step has its timeout."""
    with listening(hang) as port:
        begun = time.monotonic()
        sending = send(port, security=security, timeout=0.3)
    assert SendStatus.RETRY is sending.status
    assert "timed out" in sending.error
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("text", [b"220 slowly ", b"220-and so on\r\n"])
def test_a_server_that_drips(text):
    """No step ever takes too long, and still it ends in time."""
    with listening(drip(text)) as port:
        begun = time.monotonic()
        sending = send(port, total=1.0)
    assert SendStatus.RETRY is sending.status
    assert "timed out" in sending.error
    assert time.monotonic() - begun < 10


def test_a_server_that_talks_without_end():
    """As fast as it can: neither time nor memory runs out."""

    def script(connection):
        while True:
            connection.sendall(b"220-on and on\r\n" * 1000)

    with listening(script) as port:
        begun = time.monotonic()
        sending = send(port, total=60.0)
    assert SendResult(SendStatus.RETRY, "Connection unexpectedly closed: the server sends without end") == sending
    assert time.monotonic() - begun < 30


def test_a_name_that_cannot_be_looked_up():
    """DNS fails, has no address, never answers, or knows no such names."""

    def fails(*_):
        raise OSError("no such name")

    released = Event()

    def hangs(*_):
        released.wait(20)  # What the resolver of a system does when its servers are silent.
        return []

    def no_name(*_):
        raise UnicodeError("label too long")

    resolvers: list[Resolver] = [fails, lambda *_: [], hangs, no_name]
    for resolver in resolvers:
        begun = time.monotonic()
        mailer = SmtpMailer(server_at(25, host="mx.example"), resolver=resolver, total=0.5)
        assert SendStatus.RETRY is mailer.send(TO, MESSAGE).status
        assert time.monotonic() - begun < 10
    released.set()
