"""What the environment decides. A wrong value stops the start with one line that names the variable."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from monitor.adapters.cipher import parsed_keys
from monitor.domain.actors import Role
from monitor.domain.errors import InvalidInput
from monitor.domain.quotas import UNLIMITED, USUAL, Quota, Quotas
from monitor.domain.text import checked_email
from monitor.domain.users import DEFAULT_PASSWORD, DEFAULT_USERNAME, check_password

T = TypeVar("T")
Network = IPv4Network | IPv6Network

MIN_SECRET_BYTES = 32
_URL_SCHEMES = {
    "sqlite": "sqlite",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}
_URL_OPTIONS = {"charset", "unix_socket", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher"}
_SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
# No more than this: the address also stands in the agent's installer, a shell script.
_WEB_ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")
_HOST_NAME = re.compile(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


class SettingsError(Exception):
    """Its text is the one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """*security*: "starttls", "tls" or "none"."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    security: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """*threads*: how many requests may be in the database at once. *default_password_opens_all*: on a loopback
    `monitor up` the documented first password is enough. *database_variable* is the one that chose the database.
    Secrets don't show in its repr."""

    database_url: str = field(repr=False)
    data_dir: Path
    database_variable: str = "MONITOR_DATA_DIR"
    host: str = "127.0.0.1"
    port: int = 8000
    jwt_secret: str | None = field(default=None, repr=False)
    secrets_keys: tuple[bytes, ...] = field(default=(), repr=False)
    admin_password: str | None = field(default=None, repr=False)
    base_url: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    connections_per_address: int = 100
    offline_after: timedelta = timedelta(seconds=90)
    smtp: SmtpSettings | None = None
    allowed_destinations: tuple[Network, ...] = ()
    quotas: Quotas = UNLIMITED
    threads: int = 12
    default_password_opens_all: bool = False


def load(environ: Mapping[str, str] = os.environ, **given: object) -> Settings:
    """*given* (host, port, data_dir: from the command line, None for absent) wins over the environment.

    Raises SettingsError.
    """
    env = _Environment(environ)
    data_dir = _data_dir(env, given.get("data_dir"))
    port = env.parsed("MONITOR_PORT", _port, 8000)
    database_variable, database_url = _database(env, data_dir)
    return Settings(
        database_url=database_url,
        data_dir=data_dir,
        database_variable=database_variable,
        host=str(given.get("host") or env.text("MONITOR_HOST") or "127.0.0.1"),
        port=int(str(given.get("port") or port)),
        jwt_secret=env.parsed("JWT_SECRET_KEY", _secret, None),
        secrets_keys=_secrets_keys(env),
        admin_password=env.exactly("MONITOR_ADMIN_PASSWORD", _first_password),
        base_url=env.parsed("MONITOR_BASE_URL", _web_address, None),
        allowed_hosts=env.parsed("MONITOR_ALLOWED_HOSTS", _host_names, ()),
        trusted_proxies=env.parsed("MONITOR_TRUSTED_PROXIES", _proxies, ()),
        connections_per_address=env.parsed("MONITOR_CONNECTIONS_PER_ADDRESS", _limit, 100),
        offline_after=env.parsed("MONITOR_OFFLINE_AFTER", _seconds, timedelta(seconds=90)),
        smtp=_smtp(env),
        allowed_destinations=env.parsed("MONITOR_ALLOWED_DESTINATIONS", _networks, ()),
        quotas=_quotas(env),
    )


class _Environment:
    """An empty variable counts as absent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def exactly(self, name: str, parse: Callable[[str], T]) -> T | None:
        """None where absent."""
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
        found = self.exactly(name, lambda text: parse(text.strip()))
        return default if found is None else found


def _data_dir(env: _Environment, given: object) -> Path:
    if chosen := given or env.text("MONITOR_DATA_DIR"):
        path = Path(str(chosen))
    elif base := env.text("XDG_DATA_HOME"):
        path = Path(base) / "monitor"
    else:
        try:
            path = Path.home() / ".local" / "share" / "monitor"
        except RuntimeError:
            raise SettingsError("MONITOR_DATA_DIR: required, since there is no home directory") from None
    if "?" in str(path):  # in SQLite's address options would begin there
        raise SettingsError("MONITOR_DATA_DIR: must not hold a question mark")
    return path


def _database(env: _Environment, data_dir: Path) -> tuple[str, str]:
    """The variable that decides it, and its address."""
    host = env.parsed("DB_HOST", _host, None)
    port = env.parsed("DB_PORT", _port, 3306)
    if (url := env.parsed("DATABASE_URL", _known_url, None)) is not None:
        return "DATABASE_URL", url
    if host is None:
        return "MONITOR_DATA_DIR", f"sqlite:///{(data_dir / 'monitor.db').absolute()}"
    user = env.text("DB_USER")
    if user is None:
        raise SettingsError("DB_USER: required with DB_HOST")
    password = env.text("DB_PASS") or ""
    database = env.parsed("DATABASE", _database_name, "monitor_db")
    address = f"[{host}]" if ":" in host else host
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return "DB_HOST", f"mysql+pymysql://{credentials}@{address}:{port}/{database}"


def _known_url(text: str) -> str:
    """Never tells *text*: it may hold a password."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in _URL_SCHEMES:
        raise ValueError("must begin with sqlite:// or mysql://")
    if scheme == "sqlite":
        if not rest.startswith("/") or rest.strip("/") in ("", ":memory:") or "?" in rest:
            raise ValueError("sqlite needs a file: sqlite:////path/to/monitor.db")
    else:
        _check_server(rest)
    return f"{_URL_SCHEMES[scheme]}://{rest}"


def _check_server(rest: str) -> None:
    credentials, _, location = rest.rpartition("@")
    if re.search(r"[@/?#\s]", credentials):
        raise ValueError("in the user and password, characters such as @ / ? # must be written as %40 %2F %3F %23")
    try:
        parts = urlsplit(f"//{location}")
        is_complete = bool(parts.hostname) and parts.port != 0 and bool(parts.path.strip("/"))
    except ValueError:
        is_complete = False
    if not is_complete:
        raise ValueError("must be like mysql://user:password@host:3306/monitor_db")
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _URL_OPTIONS:
            raise ValueError(f"unknown option {name!r}; there are {', '.join(sorted(_URL_OPTIONS))}")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"must be a host's name or address, not {text!r}")
    return text


def _database_name(text: str) -> str:
    if "?" in text:  # nothing can be escaped in this part of an address
        raise ValueError("must not hold a question mark")
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise ValueError(f"must be a port from 1 to 65535, not {text!r}")
    return int(text)


def _quotas(env: _Environment) -> Quotas:
    return Quotas(**{what.value: env.parsed(f"MONITOR_MAX_{what.name}", _limit, USUAL.limit(what)) for what in Quota})


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:8]) <= 1_000_000):
        raise ValueError(f"must be a whole number from 1 to 1000000, not {text!r}")
    return int(text)


def _seconds(text: str) -> timedelta:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 86400 * 30:
        raise ValueError(f"must be a number of seconds from 1 to 2592000, not {text!r}")
    return timedelta(seconds=value)


def _secret(text: str) -> str:
    if len(text.encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes long")
    return text


def _secrets_keys(env: _Environment) -> tuple[bytes, ...]:
    keys = env.exactly("MONITOR_SECRETS_KEY", parsed_keys)
    in_file = env.exactly("MONITOR_SECRETS_KEY_FILE", _keys_in_file)
    if keys is not None and in_file is not None:
        raise SettingsError("MONITOR_SECRETS_KEY_FILE: not together with MONITOR_SECRETS_KEY")
    return keys or in_file or ()


def _keys_in_file(path: str) -> tuple[bytes, ...]:
    try:
        return parsed_keys(Path(path).read_text())
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text") from None
    except OSError as error:
        raise ValueError(f"can't read {path}: {error.strerror}") from None


def _first_password(text: str) -> str:
    if text == DEFAULT_PASSWORD:
        raise ValueError("choose another one than the documented default")
    try:
        check_password(text, username=DEFAULT_USERNAME, role=Role.ADMIN)
    except InvalidInput as error:
        # Common ones are refused when it is used: an upgrade with a longer list must not stop a start.
        if [problem.code for problem in error.problems.values()] != ["common_password"]:
            raise ValueError("must be 8 to 128 characters, and not the user's name") from None
    return text


def _web_address(text: str) -> str:
    found = _WEB_ADDRESS.fullmatch(text)
    if not found or (found[2] and not 1 <= int(found[2][1:]) <= 65535):
        raise ValueError(f"must be an address such as https://monitor.example.com, not {text!r}")
    return text.rstrip("/")


def _host_names(text: str) -> tuple[str, ...]:
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


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"must be addresses or networks separated by commas ({error})") from None


def _proxies(text: str) -> tuple[Network, ...]:
    return tuple(_plain_network(network) for network in _networks(text))


def _plain_network(network: Network) -> Network:
    """`::ffff:10.0.0.0/104` is 10.0.0.0/8: the addresses of clients are written so."""
    if isinstance(network, IPv4Network) or network.network_address.ipv4_mapped is None or network.prefixlen < 96:
        return network
    return IPv4Network((network.network_address.ipv4_mapped, network.prefixlen - 96))


def _smtp(env: _Environment) -> SmtpSettings | None:
    security = env.parsed("SMTP_SECURITY", _security, "starttls")
    port = env.parsed("SMTP_PORT", _port, _SMTP_PORTS[security])
    host, sender = env.parsed("SMTP_HOST", _host, None), env.parsed("SMTP_FROM", _mailbox, None)
    user, password = env.text("SMTP_USER"), env.text("SMTP_PASS")
    if host is None:
        return None
    if password is not None and user is None:
        raise SettingsError("SMTP_USER: required with SMTP_PASS")
    if sender is None:
        try:
            sender = _mailbox(user or "")
        except ValueError:
            raise SettingsError("SMTP_FROM: required where SMTP_USER is no e-mail address") from None
    return SmtpSettings(host=host, port=port, user=user, password=password, security=security, sender=sender)


def _mailbox(text: str) -> str:
    try:
        found = checked_email(text)
    except InvalidInput:
        found = None
    if found is None:
        raise ValueError(f"must be an e-mail address, not {text!r}")
    return found


def _security(text: str) -> str:
    if text not in _SMTP_PORTS:
        raise ValueError(f"must be starttls, tls or none, not {text!r}")
    return text
