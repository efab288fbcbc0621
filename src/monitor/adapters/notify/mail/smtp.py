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
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.adapters.notify.mail.message import mail, mailbox, sender_of
from monitor.adapters.notify.mail.smtp_session import Refused, SmtpSession
from monitor.adapters.notify.outbound.connections import (
    Deadline,
    Resolver,
    connect,
    default_tls,
    error_text,
    resolve,
    system_resolver,
)
from monitor.adapters.notify.wording.clean import clean
from monitor.application.notifications.ports import Mailer, Message, SendResult, SendStatus
from monitor.domain.errors import InvalidInput
from monitor.domain.text import checked_email

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

TOTAL = 30.0
_FOR_GOOD = frozenset({"mail", "rcpt", "data"})
_LOG_IN = frozenset({530, 534, 535, 538})
_LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where and how mails are handed over.

    *sender*: an address, with or without a name. *user*: None for no log-in. *security*: "starttls", "tls" or "none".
    *timeout*: seconds for each step.
    """

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = None
    security: str = "starttls"
    timeout: float = 10.0


class SmtpMailer(Mailer):
    """Sends each mail over a new connection: alerts are rare, and a dead connection is noticed only by losing a mail.

    *total*: seconds at most for a mail. Raises ValueError if the sender is not an address.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        tls: SSLContext | None = None,
        resolver: Resolver = system_resolver,
        total: float = TOTAL,
    ) -> None:
        self._server = server
        self._sender = sender_of(server.sender)
        self._tls = tls
        self._resolver = resolver
        self._total = total

    @property
    def is_configured(self) -> bool:
        return True

    def send(self, address: str, message: Message) -> SendResult:
        try:
            recipient = mailbox(checked_email(address) or "")
        except (InvalidInput, ValueError):
            return SendResult(SendStatus.REFUSED, "not an e-mail address")
        written = mail(message, sender=self._sender, recipient=recipient).as_bytes()
        try:
            self._deliver(recipient.addr_spec, written, message.confirm)
        except Refused as error:
            is_final = error.code // 100 == 5 and error.step in _FOR_GOOD and error.code not in _LOG_IN
            return SendResult(
                SendStatus.REFUSED if is_final else SendStatus.RETRY, self._without_secrets(f"{error.step}: {error}")
            )
        except (OSError, ValueError) as error:  # ValueError: a reply that smtplib cannot parse.
            return SendResult(SendStatus.RETRY, self._without_secrets(error_text(error)))
        return SendResult(SendStatus.SENT)

    def _deliver(self, recipient: str, written: bytes, confirm: Callable[[], None]) -> None:
        server, deadline = self._server, Deadline(self._total)
        addresses = resolve(server.host, server.port, deadline, self._resolver)
        with closing(connect(addresses, server.port, deadline, server.timeout)) as connection:
            if server.security == "tls":
                connection.start_tls(self._tls or default_tls(), server.host)
            session = SmtpSession(connection, server.host)
            session.greet()
            if server.security == "starttls":
                session.encrypt(self._tls or default_tls())
            if server.user:
                session.log_in(server.user, server.password or "")
            session.hand_over(self._sender.addr_spec, recipient, written, confirm)
            session.leave()

    def _without_secrets(self, text: str) -> str:
        """Return *text* as one line without the password, which a server may repeat."""
        user, password = self._server.user or "", self._server.password or ""
        for secret in (password, _encoded(password), _encoded(f"\0{user}\0{password}")):
            if password:
                text = text.replace(secret, "***")
        return clean(text, _LONGEST_ERROR)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
