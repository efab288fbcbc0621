"""Mail to users and team mailboxes, through one SMTP server.

- `channel` is the kind of channel for team mailboxes.
- `smtp` speaks the protocol, and decides whether a failure is final. It takes 3 MB, and is loaded only with a server.
- `message` builds the mail, `bodies` its text and HTML.
"""

from dataclasses import dataclass, field


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
