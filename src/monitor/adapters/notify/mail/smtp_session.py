"""An SMTP session (RFC 5321) in which every step has a time limit."""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from monitor.adapters.notify.outbound.connections import Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

_QUIT_PATIENCE = 2.0
_SCAN_PATIENCE = 60.0


class Refused(Exception):
    """The server replied with an error.

    *step*: "greeting", "ehlo", "starttls", "login", "mail", "rcpt" or "data".
    """

    def __init__(self, step: str, code: int, text: bytes | str) -> None:
        self.step = step
        self.code = code
        self.text = text if isinstance(text, str) else text.decode("utf-8", "replace")
        super().__init__(f"{code} {self.text}")


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
        except smtplib.SMTPException as error:
            if isinstance(error, smtplib.SMTPServerDisconnected):
                raise
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
