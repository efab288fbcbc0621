"""Mail to one user or mailbox, through the configured SMTP server.

If the server does not accept a mail:

- no connection, a timeout, a certificate that does not fit, an answer of 4xx: RETRY;
- 5xx to a recipient, a sender or a mail: REFUSED;
- 5xx before that (greeting, STARTTLS), and everything about logging in (530, 534, 535, 538 at any time): RETRY. A
  wrong password or port is a mistake in the configuration. After its correction the waiting mails are sent;
- the connection ends after the mail was sent and before the server confirmed it: RETRY. The mail may then arrive twice,
  with the same Message-ID, rather than not at all.
"""

from __future__ import annotations

import base64
import smtplib
import socket
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from monitor.adapters.notify.mail import SmtpServer
from monitor.adapters.notify.mail.message import mail, mailbox, notice_mail, sender_of
from monitor.adapters.notify.wording.texts import clean
from monitor.adapters.outbound.connections import (
    Connection,
    Deadline,
    Resolver,
    connect,
    default_tls,
    error_text,
    resolve,
    system_resolver,
)
from monitor.adapters.outbound.destinations import ANYWHERE, Destinations
from monitor.application.notifications.sender_ports import AccountNotice, Mailer, Message, SendResult, SendStatus
from monitor.domain.errors import InvalidInput
from monitor.domain.text import checked_email

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from email.message import EmailMessage
    from ssl import SSLContext

TOTAL = 30.0
_FAILED = {"mail": "sender", "rcpt": "recipient", "data": "message"}
"""What fails for good, as `SendResult.failed` names it."""
_LOG_IN = frozenset({530, 534, 535, 538})
_LONGEST_ERROR = 300
_QUIT_PATIENCE = 2.0
_SCAN_PATIENCE = 60.0


class SmtpMailer(Mailer):
    """Sends each mail over a new connection: one notices that a connection is dead only by losing a mail. *total*:
    seconds at most for a mail. Raises ValueError if the sender is not an address."""

    is_configured = True

    def __init__(
        self,
        server: SmtpServer,
        *,
        tls: SSLContext | None = None,
        resolver: Resolver = system_resolver,
        total: float = TOTAL,
        destinations: Destinations = ANYWHERE,
    ) -> None:
        self._server = server
        self._sender = sender_of(server.sender)
        self._tls = tls
        self._resolver = resolver
        self._total = total
        self._destinations = destinations

    def send(self, address: str, message: Message) -> SendResult:
        return self._sent(address, partial(mail, message, sender=self._sender), message.confirm)

    def send_notice(self, notice: AccountNotice) -> SendResult:
        return self._sent(notice.mail.email, partial(notice_mail, notice, sender=self._sender), notice.confirm)

    def log_in(self) -> SendResult:
        """Connect and log in, and hand nothing over."""
        return self._outcome(lambda: self._delivering("", b"", lambda: None))

    def _sent(self, address: str, write: Callable[..., EmailMessage], confirm: Callable[[], None]) -> SendResult:
        """*write*: returns the mail to a `recipient`."""
        try:
            to = mailbox(checked_email(address) or "")
        except (InvalidInput, ValueError):
            return SendResult(SendStatus.REFUSED, "not an e-mail address", failed="recipient")
        return self._outcome(lambda: self._delivering(to.addr_spec, write(recipient=to).as_bytes(), confirm))

    def _outcome(self, deliver: Callable[[], Iterator[str]]) -> SendResult:
        step = "message"
        try:
            for step in deliver():  # noqa: B007 - the last one is what failed
                pass
        except Refused as error:
            is_final = error.code // 100 == 5 and error.step in _FAILED and error.code not in _LOG_IN
            status, text = SendStatus.REFUSED if is_final else SendStatus.RETRY, f"{error.step}: {error}"
            failed = "login" if error.code in _LOG_IN else _FAILED.get(error.step, step)
            return SendResult(status, self._without_secrets(text), failed=failed)
        except (OSError, ValueError) as error:  # ValueError: a reply that smtplib cannot parse.
            return SendResult(SendStatus.RETRY, self._without_secrets(error_text(error)), failed=step)
        return SendResult(SendStatus.SENT)

    def _delivering(self, recipient: str, written: bytes, confirm: Callable[[], None]) -> Iterator[str]:
        """Yield each step before it is done, by its name in `SendResult.failed`. Nothing *written*: send no mail."""
        server, deadline = self._server, Deadline(self._total)
        yield "name"
        addresses = resolve(server.host, server.port, deadline, self._resolver)
        yield "destination"
        self._check(addresses)
        yield "connection"
        with closing(connect(addresses, server.port, deadline, server.timeout)) as connection:
            if server.security == "tls":
                yield "tls"
                connection.start_tls(self._tls or default_tls(), server.host)
            yield "session"
            session = SmtpSession(connection, server.host)
            session.greet()
            if server.security == "starttls":
                yield "tls"
                session.encrypt(self._tls or default_tls())
            if server.user:
                yield "login"
                session.log_in(server.user, server.password or "")
            yield "session"
            if written:
                session.hand_over(self._sender.addr_spec, recipient, written, confirm)
            session.leave()

    def _check(self, addresses: Sequence[str]) -> None:
        """Raises OSError."""
        for address in addresses:
            if not self._destinations.allows(address):
                raise OSError(f"the address {address} is not allowed (MONITOR_ALLOWED_DESTINATIONS)")

    def _without_secrets(self, text: str) -> str:
        """Return *text* as one line without the password, which a server may repeat."""
        user, password = self._server.user or "", self._server.password or ""
        for secret in (password, _encoded(password), _encoded(f"\0{user}\0{password}")):
            if password:
                text = text.replace(secret, "***")
        return clean(text, _LONGEST_ERROR)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


class Refused(Exception):
    """The server replied with an error. *step*: "greeting", "ehlo", "starttls", "login", "mail", "rcpt" or "data"."""

    def __init__(self, step: str, code: int, text: bytes | str) -> None:
        self.step = step
        self.code = code
        super().__init__(f"{code} {text if isinstance(text, str) else text.decode('utf-8', 'replace')}")


class SmtpSession(smtplib.SMTP):
    """Session on a guarded connection. Every method raises OSError (as smtplib's errors are) or Refused."""

    def __init__(self, connection: Connection, host: str) -> None:
        # Without a host name smtplib asks the DNS for one, without a timeout.
        super().__init__(local_hostname=_own_name(connection))
        self._connection = connection
        self._host = host
        socket_like: Any = connection
        self.sock = socket_like

    def greet(self) -> None:
        _expect("greeting", self.getreply())
        self._hello()

    def encrypt(self, context: SSLContext) -> None:
        """Start TLS. Also raises Refused if the server does not offer it: nothing is sent unencrypted instead."""
        if not self.has_extn("starttls"):
            raise Refused("starttls", 502, "the server offers no STARTTLS")
        _expect("starttls", self.docmd("STARTTLS"))
        self._connection.start_tls(context, self._host)
        # RFC 3207, 4.2: discard what was received unencrypted, including the buffer.
        self.file = None
        self.esmtp_features = {}
        self._hello()

    def log_in(self, user: str, password: str) -> None:
        try:
            self.login(user, password)
        except smtplib.SMTPResponseException as error:
            raise Refused("login", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            raise Refused("login", 504, str(error)) from None
        except ValueError:
            # UnicodeError: smtplib writes ASCII only. binascii.Error: the server's challenge is not base64.
            raise Refused("login", 501, "the user name or password cannot be sent") from None

    def hand_over(self, sender: str, recipient: str, mail: bytes, confirm: Callable[[], None]) -> None:
        """Send *mail*, and return once the server has accepted it. *confirm* is called right before its text."""
        options = [f"size={len(mail)}"] if self.has_extn("size") else []
        if not recipient.isascii():
            if not self.has_extn("smtputf8"):
                raise Refused("rcpt", 553, "the mail server takes no international addresses")
            options.append("SMTPUTF8")
        _expect("mail", self.mail(sender, options))
        _expect("rcpt", self.rcpt(recipient))
        confirm()
        try:
            # Many servers scan the mail before they reply. Giving up earlier would send it twice.
            self._connection.patience = _SCAN_PATIENCE
            _expect("data", self.data(mail))
        except smtplib.SMTPDataError as error:
            raise Refused("data", error.smtp_code, error.smtp_error) from None

    def leave(self) -> None:
        """Send QUIT, and wait only shortly for the reply."""
        self._connection.patience = _QUIT_PATIENCE
        with suppress(OSError):
            self.docmd("QUIT")
        self.close()

    def _hello(self) -> None:
        answer = self.ehlo()
        if answer[0] // 100 != 2:
            answer = self.helo()
        _expect("ehlo", answer)


def _expect(step: str, answer: tuple[int, bytes]) -> None:
    code, text = answer
    if code // 100 != 2:
        raise Refused(step, code, text)


def _own_name(connection: Connection) -> str:
    """Return the domain name of this machine, else its address in brackets (RFC 5321, 4.1.4)."""
    name = socket.gethostname()
    if "." in name and name.isascii() and " " not in name:
        return name
    address = connection.local_address
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
