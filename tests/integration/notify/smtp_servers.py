"""Mail servers: real ones (aiosmtpd), and ones that follow a script."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from monitor.adapters.notify.mail import SmtpServer
from tests.integration.notify.listening import Script
from tests.integration.ports import free_port

USER, PASSWORD = "alerts@example.com", "pa$$word-1"


class Mailboxes:
    """Takes mail. *refuses*: what to answer, by "mail", "data", or a recipient's address."""

    def __init__(self, refuses: Mapping[str, str] | None = None) -> None:
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self._refuses = refuses or {}

    async def handle_MAIL(  # noqa: N802 (aiosmtpd names it) - aiosmtpd finds it by its name.
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._refuses.get("mail", "250 OK")

    async def handle_RCPT(  # noqa: N802 (aiosmtpd names it)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._refuses.get(address, "250 OK")

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (as the library calls it)
        answer = self._refuses.get("data", "250 OK")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=policy.SMTP)
            assert isinstance(mail, EmailMessage)
            self.mails.append((str(envelope.mail_from), list(envelope.rcpt_tos), mail))
        return answer


def log_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_server(mailboxes: Mailboxes, **options: Any) -> Iterator[int]:
    """Yields the port. *options*: of aiosmtpd's controller."""
    port = free_port()
    controller = Controller(mailboxes, hostname="127.0.0.1", port=port, ready_timeout=60, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def server_at(port: int, **settings: Any) -> SmtpServer:
    given: dict[str, Any] = {
        "host": "localhost",
        "port": port,
        "sender": "alerts@example.com",
        "security": "none",
        "timeout": 2.0,
    }
    return SmtpServer(**given | settings)


def dialogue(*answers: bytes | None, after_data: bytes | None = b"250 taken\r\n") -> Script:
    """Greets, then gives *answers* line by line; None hangs up. *after_data* answers the mail itself."""

    def script(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        connection.sendall(answers[0] or b"")
        for answer in answers[1:]:
            command = lines.readline()
            if answer is None or not command:
                return
            connection.sendall(answer)
            if command.upper().startswith(b"DATA"):
                while lines.readline() not in (b".\r\n", b""):
                    pass
                if after_data is None:
                    return
                connection.sendall(after_data)
        lines.read()

    return script


GREETING, HELLO, OK, GO = b"220 mx.example ESMTP\r\n", b"250 mx.example\r\n", b"250 OK\r\n", b"354 go\r\n"
