"""The mail server, as the settings name it. Apart from `smtp`, which takes 3 MB and is loaded only if there is one."""

from dataclasses import dataclass, field


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
    password: str | None = field(default=None, repr=False)
    security: str = "starttls"
    timeout: float = 10.0
