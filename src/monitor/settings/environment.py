"""Variables of the environment and their values.

Each parser takes the text of a variable and raises ValueError, which says what the text must be.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, ip_address, ip_network
from pathlib import Path
from typing import TypeVar

from monitor.adapters.http.edge.client_address import Network
from monitor.adapters.outbound.destinations import ANYWHERE, url_problem
from monitor.adapters.security.cipher import parsed_keys
from monitor.application.accounts.credentials import MIN_SECRET_BYTES
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.users import DEFAULT_PASSWORD, DEFAULT_USERNAME, check_password
from monitor.domain.errors import InvalidInput
from monitor.domain.notifications.mail_settings import is_host, is_web_address
from monitor.domain.text import checked_email

T = TypeVar("T")

_HOST_NAME = re.compile(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")


class SettingsError(Exception):
    """A wrong setting. Its text is one line that names the variable."""


class Environment:
    """Variables by name. An empty one counts as absent. Each method raises SettingsError."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def exactly(self, name: str, parse: Callable[[str], T]) -> T | None:
        """Parse the variable's text, with its spaces. Return None if the variable is absent."""
        text = self._environ.get(name)
        if not text:
            return None
        try:
            text.encode()
        except UnicodeEncodeError:
            raise SettingsError(f"{name}: must be UTF-8") from None
        try:
            return parse(text)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None

    def text(self, name: str) -> str | None:
        return self.exactly(name, str)

    def parsed(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """Return the value of the text without surrounding space, or *default*."""
        found = self.exactly(name, lambda text: parse(text.strip()))
        return default if found is None else found


def host_name(text: str) -> str:
    if not is_host(text):
        raise ValueError(f"must be a host's name or address, not {text!r}")
    return text


def port_number(text: str) -> int:
    return _whole_number(text, "a port", 65535)


def limit(text: str) -> int:
    return _whole_number(text, "a whole number", 1_000_000)


def _whole_number(text: str, what: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[: len(str(most)) + 1]) <= most):
        raise ValueError(f"must be {what} from 1 to {most}, not {text!r}")
    return int(text)


def yes_or_no(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"must be true or false, not {text!r}")
    return text.lower() == "true"


def seconds(text: str) -> timedelta:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 86400 * 30:
        raise ValueError(f"must be a number of seconds from 1 to 2592000, not {text!r}")
    return timedelta(seconds=value)


def durable_after(text: str) -> timedelta:
    if text != "0" and not (text.isascii() and text.isdigit() and 10 <= int(text[:6]) <= 86400):
        raise ValueError(f"must be 0 or a whole number of seconds from 10 to 86400, not {text!r}")
    return timedelta(seconds=int(text))


def absolute_path(text: str) -> Path:
    return Path(text).absolute()


def schedule(text: str) -> str:
    try:
        # Imported when needed: it takes a third of the start of each command.
        from monitor.adapters.cron import CronSchedules

        CronSchedules().next_after(text, "UTC", datetime(2026, 1, 1, tzinfo=UTC))
    except InvalidInput:
        raise ValueError(f"must be a cron expression such as 0 2 * * *, not {text!r}") from None
    return text


def secret(text: str) -> str:
    if len(text.encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes long")
    return text


def token_in_file(path: str) -> str:
    try:
        token = Path(path).read_text().strip()
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a text file") from None
    except OSError as error:
        raise ValueError(f"can't read {path}: {error.strerror}") from None
    if not token or not token.isascii() or not token.isprintable():
        raise ValueError(f"{path} must hold one line of ASCII")
    return token


def keys_in_file(path: str) -> tuple[bytes, ...]:
    try:
        return parsed_keys(Path(path).read_text())
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a text file") from None
    except OSError as error:
        raise ValueError(f"can't read {path}: {error.strerror}") from None


def first_password(text: str) -> str:
    if text == DEFAULT_PASSWORD:
        raise ValueError("must not be the documented default")
    try:
        check_password(text, username=DEFAULT_USERNAME, role=Role.ADMIN)
    except InvalidInput as error:
        # A common one is refused only at its use: a longer list in a new version must not prevent a start.
        if [problem.code for problem in error.problems.values()] != ["common_password"]:
            raise ValueError("must be 8 to 128 characters, and not the user's name") from None
    return text


def web_address(text: str) -> str:
    if not is_web_address(text):
        raise ValueError(f"must be an address such as https://monitor.example.com, not {text!r}")
    return text.rstrip("/")


def request_address(text: str) -> str:
    if not (text.isascii() and text.isprintable()) or url_problem(text, ANYWHERE) is not None:
        raise ValueError("must be an http or https address")  # which is not shown: it may hold a secret
    return text


def host_names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for name in names:
        if not (_HOST_NAME.fullmatch(name) or _is_address(name)):
            raise ValueError(f"must be names such as monitor.lan or *.example.com separated by commas, not {name!r}")
    return names


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"must be addresses or networks separated by commas ({error})") from None


def proxies(text: str) -> tuple[Network, ...]:
    return tuple(_plain_network(network) for network in networks(text))


def _plain_network(network: Network) -> Network:
    """Return `::ffff:10.0.0.0/104` as 10.0.0.0/8, the form in which clients' addresses are compared."""
    if isinstance(network, IPv4Network) or network.network_address.ipv4_mapped is None or network.prefixlen < 96:
        return network
    return IPv4Network((network.network_address.ipv4_mapped, network.prefixlen - 96))


def mailbox(text: str) -> str:
    try:
        found = checked_email(text)
    except InvalidInput:
        found = None
    if found is None:
        raise ValueError(f"must be an e-mail address, not {text!r}")
    return found
