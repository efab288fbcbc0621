"""Mail to users and team mailboxes, through one SMTP server.

- `channel` is the kind of channel for team mailboxes.
- `following` sends as the settings say at that moment.
- `smtp` speaks the protocol, and decides whether a failure is final. It takes 3 MB, and is loaded only with a server.
- `message` builds the mail, `bodies` its text and HTML.
"""

from dataclasses import dataclass, field

from monitor.domain.notifications.mail_settings import MailSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mails are handed over. *sender*: with or without a name. *user*: None for no log-in. *security*:
    "starttls", "tls" or "none". *timeout*: seconds for each step."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: str = "starttls"
    timeout: float = 10.0


def server_of(mail: MailSettings) -> SmtpServer | None:
    """Return the server of *mail*; None if something is missing."""
    sender = mail.used_sender
    if mail.host is None or sender is None or not mail.is_complete:
        return None
    return SmtpServer(
        host=mail.host,
        port=mail.used_port,
        sender=sender,
        user=mail.username,
        password=mail.password,
        security=mail.used_security,
    )
