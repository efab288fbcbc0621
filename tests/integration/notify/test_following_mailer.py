"""The mailer that follows the settings, on real mail servers: where it sends, what it says, and what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.notify.mail.following import FollowingMailer
from monitor.application.notifications.mail_settings import ChangeMail, MailInForce
from monitor.application.notifications.sender_ports import SendStatus
from monitor.assembly import in_memory
from monitor.domain.accounts.actors import SYSTEM, Actor, Role, SessionId, UserId
from monitor.domain.notifications.mail_settings import MailSettings
from monitor.settings import Settings
from tests.integration.notify.listening import listening
from tests.integration.notify.smtp_servers import PASSWORD, USER, Mailboxes, log_in, mail_server
from tests.unit.adapters.notify.messages import a_message, an_item

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
TO = "ada@example.com"
SENDER = "alerts@example.com"


class Installation:
    def __init__(self, environment: MailSettings | None = None, allowed: Any = LOOPBACK) -> None:
        settings = Settings(database_url="", data_dir=Path(), smtp_settings=environment or MailSettings())
        self.container = in_memory(settings)
        self.in_force = self.container.get(MailInForce)
        self.mailer = FollowingMailer(lambda: self.in_force, allowed)

    def save(self, actor: Actor = SYSTEM, origin: str | None = None, **given: Any) -> None:
        self.container.get(ChangeMail)(actor, given, origin)
        self.container.fleet.refresh()

    def send(self) -> tuple[SendStatus, str]:
        result = self.mailer.send(TO, a_message(an_item()))
        return result.status, result.failed


@contextmanager
def taking(**options: Any) -> Iterator[tuple[Mailboxes, dict[str, Any]]]:
    mailboxes = Mailboxes()
    with mail_server(mailboxes, **options) as port:
        yield mailboxes, {"host": "127.0.0.1", "port": port, "security": "none", "sender": SENDER}


def test_mails_wait_until_there_is_a_server_and_then_follow_each_change():
    here = Installation()
    assert not here.mailer.is_configured
    assert (SendStatus.RETRY, "") == here.send()
    with taking() as (first, to_first), taking() as (second, to_second):
        here.save(**to_first)
        assert (SendStatus.SENT, "") == here.send()
        here.save(**to_second)
        worked = here.in_force().works
        assert (SendStatus.SENT, "") == here.send()
        assert [1, 1] == [len(first.mails), len(second.mails)]
    here.container.fleet.refresh()
    assert (False, True) == (worked, here.in_force().works)


def test_without_a_base_url_a_mail_names_this_server():
    here = Installation()
    browser = Actor(
        user_id=UserId(1),
        username="admin",
        role=Role.ADMIN,
        session_id=SessionId("s"),
        authenticated_at=here.container.clock.now(),
    )
    with taking() as (mailboxes, server):
        here.save(**server)
        here.send()
        here.save(browser, "http://10.0.0.5:8000")
        here.send()
        here.save(base_url="https://monitor.example.com")
        here.send()
    texts = [str(mail.get_body(("plain",))) for _, _, mail in mailboxes.mails]
    assert [True, True, False] == [f"({here.in_force.host}" in text for text in texts]
    assert [False, True, False] == ["http://10.0.0.5:8000)" in text for text in texts]


def test_a_host_from_the_screen_must_be_allowed():
    """One from the environment need not be: the operator chose it."""
    with taking() as (mailboxes, server):
        refused = Installation(allowed=())
        refused.save(**server)
        assert (SendStatus.RETRY, "destination") == refused.send()
        assert not mailboxes.mails
        assert (SendStatus.SENT, "") == Installation(MailSettings(**server), allowed=()).send()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_what_failed_is_named():
    log_ins = {"authenticator": log_in, "auth_require_tls": False, "auth_required": True}
    with taking() as (_, plain), taking(**log_ins) as (_, closed), listening(lambda _: None) as silent:
        login = {"username": USER, "password": PASSWORD + "!"}
        cases = {
            "name": plain | {"host": "nowhere.invalid"},
            "connection": plain | {"port": 1},
            "tls": plain | {"security": "starttls"},
            "session": plain | {"port": silent},
            "login": closed | login,
        }
        here = Installation()
        for failed, server in cases.items():
            mailer = here.mailer.using(MailSettings(**server))
            assert (SendStatus.RETRY, failed) == _outcome(mailer.send(TO, a_message())), failed
        trusted = here.mailer.using(MailSettings(**closed | {"username": USER, "password": PASSWORD}))
        assert (SendStatus.SENT, "") == _outcome(trusted.send(TO, a_message()))
        assert (SendStatus.RETRY, "login") == _outcome(here.mailer.using(MailSettings(**closed)).send(TO, a_message()))


@pytest.mark.parametrize(("refuses", "failed"), [("mail", "sender"), (TO, "recipient"), ("data", "message")])
def test_whom_or_what_a_server_refuses_is_named(refuses: str, failed: str):
    with mail_server(Mailboxes({refuses: "550 no"})) as port:
        server = MailSettings(host="127.0.0.1", port=port, security="none", sender=SENDER)
        mailer = Installation().mailer.using(server)
        assert (SendStatus.REFUSED, failed) == _outcome(mailer.send(TO, a_message()))


def _outcome(result: Any) -> tuple[SendStatus, str]:
    return result.status, result.failed
