"""Mail through real servers, and through servers that fail in every way there is."""

import re
from dataclasses import replace

import pytest

from monitor.adapters.notify.mail.smtp import SmtpMailer
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.domain.alerts.alert import AlertId, EventKind, IncidentId
from tests.integration.notify.listening import client_tls, listening, server_tls
from tests.integration.notify.mailing import MESSAGE, TO, send
from tests.integration.notify.smtp_servers import (
    GO,
    GREETING,
    HELLO,
    OK,
    PASSWORD,
    USER,
    Mailboxes,
    dialogue,
    log_in,
    mail_server,
    server_at,
)
from tests.integration.ports import free_port
from tests.unit.adapters.notify.messages import IN_INCIDENT, RACK, a_message, an_alert, an_item, ended

# aiosmtpd warns where a password may travel in clear; and it does not see the TLS that began with the first byte.
log_in_without_starttls = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


def test_a_mail_arrives():
    """From the sender, to one recipient, as it was written."""
    mailboxes = Mailboxes()
    with mail_server(mailboxes) as port:
        assert SendResult(SendStatus.SENT) == send(port)
    ((sender, recipients, mail),) = mailboxes.mails
    assert ("alerts@example.com", [TO]) == (sender, recipients)
    assert "[CRITICAL] web-1 CPU 92.4 % (threshold 85 %)" == str(mail["Subject"])
    assert "<0123456789abcdef@monitor>" == mail["Message-ID"]
    assert ["text/plain", "text/html", "image/png"] == [
        p.get_content_type() for p in mail.walk() if not p.is_multipart()
    ]
    assert all(part["Content-Transfer-Encoding"] != "8bit" for part in mail.walk())


def test_starttls_with_log_in():
    """As most providers ask for it."""
    mailboxes = Mailboxes()
    options = {"tls_context": server_tls(), "require_starttls": True, "authenticator": log_in, "auth_required": True}
    with mail_server(mailboxes, **options) as port:
        assert SendResult(SendStatus.SENT) == send(port, security="starttls", user=USER, password=PASSWORD)
    assert 1 == len(mailboxes.mails)


def test_a_log_in_hands_nothing_over():
    mailboxes = Mailboxes()
    options = {"tls_context": server_tls(), "require_starttls": True, "authenticator": log_in, "auth_required": True}
    with mail_server(mailboxes, **options) as port:
        servers = [server_at(port, security="starttls", user=USER, password=each) for each in (PASSWORD, "wrong")]
        found = [SmtpMailer(each, tls=client_tls(), resolver=lambda *_: ["127.0.0.1"]).log_in() for each in servers]
    assert [(SendStatus.SENT, ""), (SendStatus.RETRY, "login")] == [(each.status, each.failed) for each in found]
    assert [] == mailboxes.mails


def test_all_mails_of_an_incident_arrive_in_one_thread():
    """The first, one that amends it, and the end: each names an ancestor that was never sent (RFC 5322, 3.6.4)."""
    second = an_alert(id=AlertId(13), incident_id=IncidentId(7))
    messages = [
        a_message(an_item(alert=IN_INCIDENT), an_item(alert=second), incident=RACK, message_id="a"),
        a_message(an_item(alert=second), incident=replace(RACK, is_first=False, more=1), message_id="b"),
        a_message(an_item(EventKind.RESOLVED, alert=ended()), incident=replace(RACK, is_first=False), message_id="c"),
    ]
    mailboxes = Mailboxes()
    with mail_server(mailboxes) as port:
        assert {SendStatus.SENT} == {send(port, message=message).status for message in messages}
    mails = [mail for _, _, mail in mailboxes.mails]
    message_id = re.compile(r"<[\w.-]+@[\w.-]+>")
    threads = {str(mail["In-Reply-To"]) for mail in mails}
    assert 1 == len(threads)
    assert all(threads == {mail["References"].split()[0]} for mail in mails)
    assert all(message_id.fullmatch(each) for mail in mails for each in [*mail["References"].split(), *threads])
    assert 3 == len({mail["Message-ID"] for mail in mails} - threads)
    assert ["4 of 5 in rack-7: ", "1 more in rack-7: "] == [
        re.sub(r"\[.*", "", str(mail["Subject"])) for mail in mails[:2]
    ]


@log_in_without_starttls
def test_tls_from_the_first_byte():
    """With log-in, as on port 465."""
    mailboxes = Mailboxes()
    options = {"ssl_context": server_tls(), "authenticator": log_in, "auth_required": True, "auth_require_tls": False}
    with mail_server(mailboxes, **options) as port:
        assert SendResult(SendStatus.SENT) == send(port, security="tls", user=USER, password=PASSWORD)
    assert 1 == len(mailboxes.mails)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_does_not_fit_is_refused(security):
    """Of another name, or with an unknown signer: it is tried again later, when the operator has corrected it."""
    mailboxes = Mailboxes()
    options = {"tls_context": server_tls()} if security == "starttls" else {"ssl_context": server_tls()}
    with mail_server(mailboxes, **options) as port:
        for sending in (
            send(port, security=security, host="mail.example.com"),
            SmtpMailer(server_at(port, security=security, host="127.0.0.1")).send(TO, MESSAGE),
        ):
            assert SendStatus.RETRY is sending.status
            assert "certificate not accepted" in sending.error
    assert [] == mailboxes.mails


def test_without_starttls_nothing_is_sent_in_clear():
    """An attacker who removes the offer of STARTTLS gets no password and no mail."""
    mailboxes = Mailboxes()
    with mail_server(mailboxes) as port:
        sending = send(port, security="starttls", user=USER, password=PASSWORD)
    assert SendStatus.RETRY is sending.status
    assert "no STARTTLS" in sending.error
    assert [] == mailboxes.mails


def test_answers_before_starttls_are_discarded():
    """An answer that an attacker inserted in clear is not read as an encrypted one (CVE-2011-0411)."""
    injected = b"220 go ahead\r\n250 slipped in\r\n"

    def script(connection):
        lines = connection.makefile("rb", buffering=0)
        connection.sendall(GREETING)
        lines.readline()
        connection.sendall(b"250-mx.example\r\n250 STARTTLS\r\n")
        lines.readline()
        connection.sendall(injected)
        with server_tls().wrap_socket(connection, server_side=True) as encrypted:
            assert encrypted.recv(1000).startswith(b"ehlo")
            encrypted.sendall(b"554 really encrypted\r\n")
            encrypted.recv(1000)
            encrypted.sendall(b"554 really encrypted\r\n")
            encrypted.recv(1000)

    with listening(script) as port:
        sending = send(port, security="starttls")
    assert "really encrypted" in sending.error


@log_in_without_starttls
def test_a_wrong_password_is_tried_again():
    """The operator will correct it; the error does not contain the password."""
    options = {"authenticator": log_in, "auth_required": True, "auth_require_tls": False}
    with mail_server(Mailboxes(), **options) as port:
        sending = send(port, user=USER, password="wrong-pa$$word")
        without = send(port)
    assert SendStatus.RETRY is sending.status
    assert "535" in sending.error
    assert "wrong-pa$$word" not in sending.error
    assert SendStatus.RETRY is without.status
    assert "530" in without.error


def test_a_server_that_repeats_the_password():
    """Its answer is shown to users without the password."""

    def answer(connection):
        lines = connection.makefile("rb")
        connection.sendall(GREETING)
        lines.readline()
        connection.sendall(b"250-mx.example\r\n250 AUTH PLAIN\r\n")
        said = lines.readline().strip()
        connection.sendall(b"535 not with " + PASSWORD.encode() + b" nor " + said + b"\r\n")
        lines.read()

    with listening(answer) as port:
        sending = send(port, user=USER, password=PASSWORD)
    assert SendResult(SendStatus.RETRY, "login: 535 not with *** nor AUTH PLAIN ***") == sending


@log_in_without_starttls
def test_a_password_that_smtp_cannot_say():
    """Not an exception."""
    options = {"authenticator": log_in, "auth_required": True, "auth_require_tls": False}
    with mail_server(Mailboxes(), **options) as port:
        assert SendStatus.RETRY is send(port, user=USER, password="密码").status


@pytest.mark.parametrize("step", ["mail", TO, "data"])
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("450 4.2.0 greylisted", SendStatus.RETRY),
        ("421 4.3.2 shutting down", SendStatus.RETRY),
        ("550 5.1.1 no such user", SendStatus.REFUSED),
        ("554 5.7.1 not wanted", SendStatus.REFUSED),
        ("530 5.7.0 log in first", SendStatus.RETRY),
    ],
)
def test_the_answer_of_the_server_decides_about_a_further_attempt(step, answer, expected):
    """4xx: later. 5xx: never. Log-in missing: later. The operator reads why."""
    with mail_server(Mailboxes({step: answer})) as port:
        sending = send(port)
    assert expected is sending.status
    assert answer in sending.error
    assert "\n" not in sending.error


def test_one_dead_recipient_does_not_affect_the_others():
    """Each has a conversation of their own."""
    mailboxes = Mailboxes({TO: "550 5.1.1 no such user"})
    with mail_server(mailboxes) as port:
        assert SendStatus.REFUSED is send(port).status
        assert SendStatus.SENT is send(port, "bob@example.com").status
    assert [["bob@example.com"]] == [recipients for _, recipients, _ in mailboxes.mails]


@pytest.mark.parametrize("answer", [b"554 no service\r\n", b"421 busy\r\n", b"what?\r\n", b"", b"x" * 9000])
def test_after_a_wrong_greeting_it_is_tried_again(answer):
    """Blocked, busy, or no mail server at all."""
    with listening(dialogue(answer, None)) as port:
        assert SendStatus.RETRY is send(port, total=3).status


def test_a_connection_that_ends_after_the_mail_was_sent():
    """It is unknown whether the mail was accepted: it is sent again, with the same Message-ID."""
    with listening(dialogue(GREETING, HELLO, OK, OK, GO, after_data=None)) as port:
        sending = send(port)
    assert SendStatus.RETRY is sending.status
    assert "closed" in sending.error


def test_invalid_addresses_are_refused():
    """No server is asked, and none gets a second line."""
    for address in ("", "ada", "ada@example.com\r\nRCPT TO:<eve@example.com>", "a b@c.d", "<a@b.c>", "a@" + "x" * 300):
        assert SendResult(SendStatus.REFUSED, "not an e-mail address") == send(free_port(), address)


def test_international_mailboxes():
    """The domain goes everywhere; the name before the @ only where the server has the extension."""
    mailboxes = Mailboxes()
    with mail_server(mailboxes, enable_SMTPUTF8=True) as port:
        assert SendStatus.SENT is send(port, "ada@例子.中国").status
        assert SendStatus.SENT is send(port, "王@例子.中国").status
    assert [["ada@xn--fsqu00a.xn--fiqs8s"], ["王@xn--fsqu00a.xn--fiqs8s"]] == [r for _, r, _ in mailboxes.mails]
    with mail_server(Mailboxes(), enable_SMTPUTF8=False) as port:
        sending = send(port, "王@例子.中国")
    assert SendStatus.REFUSED is sending.status
    assert "international" in sending.error


def test_a_line_that_begins_with_a_full_stop():
    """It is text, not the end."""
    mailboxes = Mailboxes()
    with mail_server(mailboxes) as port:
        send(port, message=a_message(an_item(note="\n.\nQUIT"), an_item(server_name=".")))
    ((_, _, mail),) = mailboxes.mails
    assert "Sent by monitor" in mail.as_string()


def test_a_sender_that_is_no_address():
    """This is reported when the product starts."""
    with pytest.raises(ValueError, match="@"):
        SmtpMailer(server_at(25, sender="nobody"))
