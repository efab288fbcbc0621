"""One conversation with a mail server (RFC 5321), every step of it bounded."""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from monitor.adapters.notify.outbound.connections import Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

_GOODBYE = 2.0
_LONGEST_SCAN = 60.0


class Refused(Exception):
    """What the server answered where it should have agreed. *step*: "greeting", "ehlo", "starttls", "login", "mail",
    "rcpt" or "data"."""

    def __init__(self, step: str, code: int, text: bytes | str) -> None:
        self.step = step
        self.code = code
        self.text = text if isinstance(text, str) else text.decode("utf-8", "replace")
        super().__init__(f"{code} {self.text}")


class SmtpSession(smtplib.SMTP):
    """On a connection of ours. Every method raises OSError (smtplib's own errors are of that kind) or Refused."""

    def __init__(self, connection: Connection, host: str) -> None:
        # Without a name of its own it would ask the DNS for one, and wait as long as that takes.
        super().__init__(local_hostname=_own_name(connection))
        self._connection = connection
        self._host = host
        socket_like: Any = connection
        self.sock = socket_like

    def greet(self) -> None:
        _expect("greeting", self.getreply())
        self._hello()

    def encrypt(self, context: SSLContext) -> None:
        """STARTTLS. Raises Refused too where the server offers none: nothing is ever sent in clear instead."""
        if not self.has_extn("starttls"):
            raise Refused("starttls", 502, "the server offers no STARTTLS")
        _expect("starttls", self.docmd("STARTTLS"))
        self._connection.start_tls(context, self._host)
        # RFC 3207, 4.2: whatever was said in clear is forgotten, what lies in the buffer included.
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
            # UnicodeError: smtplib writes ASCII only. binascii.Error: the server's challenge is no base64.
            raise Refused("login", 501, "the user name or password cannot be sent") from None

    def hand_over(self, sender: str, recipient: str, mail: bytes, confirm: Callable[[], None]) -> None:
        """Returns once the server has taken *mail*. *confirm* is called when only the mail is left to say."""
        options = [f"size={len(mail)}"] if self.has_extn("size") else []
        if not recipient.isascii():
            if not self.has_extn("smtputf8"):
                raise Refused("rcpt", 553, "the mail server takes no international addresses")
            options.append("SMTPUTF8")
        _expect("mail", self.mail(sender, options))
        _expect("rcpt", self.rcpt(recipient))
        confirm()
        try:
            # After the last line many servers scan the mail before they answer: who hangs up earlier sends it twice.
            self._connection.patience = _LONGEST_SCAN
            _expect("data", self.data(mail))
        except smtplib.SMTPDataError as error:
            raise Refused("data", error.smtp_code, error.smtp_error) from None

    def leave(self) -> None:
        """Says goodbye, and waits only a moment for the answer."""
        self._connection.patience = _GOODBYE
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
    """RFC 5321, 4.1.4: a domain name, or the address in brackets."""
    name = socket.gethostname()
    if "." in name and name.isascii() and " " not in name:
        return name
    address = connection.local_address
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
