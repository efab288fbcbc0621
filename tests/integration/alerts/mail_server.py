"""A real SMTP server that keeps accepted mails, and fails where a test asks for it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.integration.ports import free_port

SENDER = "monitor@example.com"


@dataclass(frozen=True, slots=True)
class Mail:
    """As it arrived."""

    recipient: str
    raw: bytes
    arrived_at: float = field(default_factory=time.time)

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def id(self) -> str:
        """Of the message, as the outbox knows it."""
        return str(self.message["Message-ID"]).strip("<>").removesuffix("@monitor")

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None, f"no {kind} part"
        content: str = part.get_content()
        return content


class MailServer:
    """*refusals*: the answer to RCPT, by recipient. *response*: the answer to a mail, where it is not taken.

    *drops*: how many mails more it takes and then ends the connection without an answer. *at_next_mail* is called when
    one was taken, before that is answered; *at_each_mail* at every one.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.refusals: dict[str, str] = {}
        self.response: str | None = None
        self.drops = 0
        self.at_next_mail: Callable[[], object] | None = None
        self.at_each_mail: Callable[[], object] | None = None
        self._mails: list[Mail] = []
        self._lock = threading.Lock()

    @property
    def mails(self) -> list[Mail]:
        with self._lock:
            return list(self._mails)

    def to(self, recipient: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.recipient == recipient]

    @property
    def settings(self) -> dict[str, str]:
        """That make a `monitor` process send here."""
        return smtp_settings(self.port)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if (refusal := self.refusals.get(address)) is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.response is not None:
            return self.response
        with self._lock:
            self._mails += [Mail(recipient, bytes(envelope.content)) for recipient in envelope.rcpt_tos]
            dropped, self.drops = self.drops > 0, max(0, self.drops - 1)
            called, self.at_next_mail = [self.at_next_mail, self.at_each_mail], None
        for call in called:
            if call is not None:
                call()
        if dropped:
            server.transport.abort()
        return "250 OK"


def smtp_settings(port: int) -> dict[str, str]:
    return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none", "SMTP_FROM": SENDER}


@contextmanager
def mail_server(server: MailServer | None = None) -> Iterator[MailServer]:
    """Run a new one, or *server* again, on its port."""
    server = server or MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=server.port, ready_timeout=60)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


class SilentServer:
    """Takes connections and never answers. *port*: 0 for any."""

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def connections(self) -> int:
        """Taken so far."""
        return len(self._held)

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                self._held.append(self._listener.accept()[0])

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept()
        self._listener.close()
        self._thread.join(5)
        for connection in self._held:
            connection.close()


@contextmanager
def silent_server(port: int = 0) -> Iterator[SilentServer]:
    server = SilentServer(port)
    try:
        yield server
    finally:
        server.close()
