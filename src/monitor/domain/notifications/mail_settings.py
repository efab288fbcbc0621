"""The mail server, the sender, and the address of this server: from the environment, or from an administrator."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import checked_email, has_control_characters

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The usual port for each kind of security."""
VARIABLES = {
    "host": "SMTP_HOST",
    "port": "SMTP_PORT",
    "security": "SMTP_SECURITY",
    "username": "SMTP_USER",
    "password": "SMTP_PASS",
    "sender": "SMTP_FROM",
    "base_url": "MONITOR_BASE_URL",
}
"""Names of the settings, and of the variables that set them."""
PASSWORD = "mail_password"  # noqa: S105 - the name of a preference
_STORED = (*VARIABLES, "password_for", "seen_url", "sent_with")
_PREFIX = "mail_"
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
# Only these characters, since the agent's installer, a shell script, contains the address too.
_WEB_ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")


def is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


def is_web_address(text: str) -> bool:
    """True for an address such as https://monitor.example.com."""
    found = _WEB_ADDRESS.fullmatch(text)
    return found is not None and (not found[2] or 1 <= int(found[2][1:]) <= 65535)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """None: not set. *password_for*: the `destination` that it was entered for. *seen_url*: this server's address in
    the browser of an administrator. *sent_with*: the `destination` that took a mail. *password_lost*: a stored password
    cannot be read, or was entered for another destination."""

    host: str | None = None
    port: int | None = None
    security: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str | None = None
    base_url: str | None = None
    password_for: str | None = None
    seen_url: str | None = None
    sent_with: str | None = None
    password_lost: bool = False

    @staticmethod
    def of(values: Mapping[str, float | str]) -> "MailSettings":
        """Return stored settings. A password that cannot be read is a number."""
        found: dict[str, Any] = {name: values.get(_PREFIX + name) or None for name in _STORED}
        lost, port = isinstance(values.get(PASSWORD), float), found.pop("port")
        return MailSettings(**found, port=None if port is None else int(port), password_lost=lost)

    def stored(self, *names: str) -> dict[str, float | str]:
        """Return what to store, of *names* or all; "": not set. A lost password stays: its key may come back."""
        values = {_PREFIX + name: getattr(self, name) for name in names or _STORED}
        if self.password_lost:
            values.pop(PASSWORD, None)
        return {name: float(each) if isinstance(each, int) else each or "" for name, each in values.items()}

    @property
    def used_security(self) -> str:
        return self.security if self.security in PORTS else "starttls"

    @property
    def used_port(self) -> int:
        return self.port or PORTS[self.used_security]

    @property
    def used_sender(self) -> str | None:
        """The sender, else the user name; None if that is no address."""
        with suppress(InvalidInput):
            return checked_email(self.sender or self.username)
        return None

    @property
    def destination(self) -> str:
        """Where a password would go, and how."""
        return f"{self.used_security}://{self.username or ''}@{self.host}:{self.used_port}"

    @property
    def is_complete(self) -> bool:
        """True if mails can be sent."""
        return bool(self.host and self.used_sender) and not (self.username and self.password_lost)

    @property
    def works(self) -> bool:
        """True once this mail server took a mail."""
        return self.is_complete and self.sent_with == self.destination

    @property
    def fixed(self) -> dict[str, str]:
        """For settings of the environment: which of them cannot be changed, with their variables.

        Its password goes nowhere but to its own server, so with one the whole server is fixed.
        """
        server = {"host", "port", "security", "username"} if self.password is not None else set()
        return {name: each for name, each in VARIABLES.items() if name in server or getattr(self, name) is not None}

    def within(self, environment: "MailSettings") -> "MailSettings":
        """Return the settings that apply: those of the *environment*, else these."""
        found = replace(self, **{name: getattr(environment, name) for name in environment.fixed})
        if environment.password is not None:
            return replace(found, password_lost=False)
        if found.password is not None and found.password_for != found.destination:
            return replace(found, password=None, password_lost=True)
        return found

    def changed(self, changes: Mapping[str, Any], environment: "MailSettings") -> "MailSettings":
        """Return these stored settings with *changes* by name. The password stays only for the same destination.

        Raises InvalidInput, also for a change of what the *environment* sets.
        """
        applying, given = self.within(environment), {name: _plain(name, value) for name, value in changes.items()}
        wanted = {name: value for name, value in given.items() if value != getattr(applying, name)}
        after, fixed = replace(self, **wanted), environment.fixed
        refused = {name: Problem("set_by_environment", {"variable": fixed[name]}) for name in wanted if name in fixed}
        if given.get("password"):
            after = replace(after, password_for=after.within(environment).destination, password_lost=False)
        applies = after.within(environment)
        if not applies.host or not applies.username:
            after = replace(after, password=None, password_for=None, password_lost=False)
        elif applies.password is None and "username" not in fixed:
            refused["password"] = Problem("required")
        if problems := applies.problems() | refused:
            raise InvalidInput(problems)
        return after

    def problems(self) -> dict[str, Problem]:
        """Return what is wrong, by the name of the setting."""
        wrong = {
            "host": self.host is not None and not is_host(self.host) and "invalid_host",
            "username": has_control_characters(self.username or "") and "control_characters",
            "password": has_control_characters(self.password or "") and "control_characters",
            "sender": not self.used_sender and ("invalid_email" if self.sender else self.host and "required"),
            "base_url": self.base_url is not None and not is_web_address(self.base_url) and "invalid_url",
        }
        return {name: Problem(str(code)) for name, code in wrong.items() if code}


def _plain(name: str, value: Any) -> Any:
    """Return *value* without space around it, or the slash after an address; None if nothing is left."""
    if isinstance(value, str) and name != "password":
        value = value.strip().rstrip("/" if name == "base_url" else "")
    return value or None
