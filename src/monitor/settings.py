"""What the environment decides. A wrong value stops the start with one line that names the variable."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

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


class SettingsError(Exception):
    """Its text is the one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """*security*: "starttls", "tls" or "none"."""

    host: str
    port: int
    user: str | None
    password: str | None
    security: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """*threads*: how many requests may be in the database at once. *default_password_opens_all*: on a loopback
    `monitor up` the documented first password is enough."""

    database_url: str
    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    jwt_secret: str | None = None
    admin_password: str | None = None
    base_url: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    offline_after: timedelta = timedelta(seconds=90)
    smtp: SmtpSettings | None = None
    threads: int = 12
    default_password_opens_all: bool = False


def load(environ: Mapping[str, str] = os.environ, **given: object) -> Settings:
    """*given* (host, port, data_dir: from the command line, None for absent) wins over the environment.

    Raises SettingsError.
    """
    env = _Environment(environ)
    data_dir = Path(str(given.get("data_dir") or env.text("MONITOR_DATA_DIR") or _default_data_dir(environ)))
    port = given.get("port") or env.parsed("MONITOR_PORT", _port, 8000)
    return Settings(
        database_url=_database_url(env, data_dir),
        data_dir=data_dir,
        host=str(given.get("host") or env.text("MONITOR_HOST") or "127.0.0.1"),
        port=int(str(port)),
        jwt_secret=env.parsed("JWT_SECRET_KEY", _secret, None),
        admin_password=env.text("MONITOR_ADMIN_PASSWORD"),
        base_url=env.parsed("MONITOR_BASE_URL", _web_address, None),
        trusted_proxies=env.parsed("MONITOR_TRUSTED_PROXIES", _networks, ()),
        offline_after=env.parsed("MONITOR_OFFLINE_AFTER", _seconds, timedelta(seconds=90)),
        smtp=_smtp(env),
    )


class _Environment:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str | None:
        """None where unset or empty."""
        return self._environ.get(name) or None

    def parsed(self, name: str, parse: Callable[[str], T], default: T) -> T:
        text = self.text(name)
        if text is None:
            return default
        try:
            return parse(text.strip())
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None


def _default_data_dir(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "monitor"


def _database_url(env: _Environment, data_dir: Path) -> str:
    if (url := env.parsed("DATABASE_URL", _known_url, None)) is not None:
        return url
    host = env.text("DB_HOST")
    if host is None:
        return f"sqlite:///{(data_dir / 'monitor.db').absolute()}"
    user = env.text("DB_USER")
    if user is None:
        raise SettingsError("DB_USER: required with DB_HOST")
    password = env.text("DB_PASS") or ""
    port = env.parsed("DB_PORT", _port, 3306)
    database = env.text("DATABASE") or "monitor_db"
    address = f"[{host}]" if ":" in host else host
    return (
        f"mysql+pymysql://{quote(user, safe='')}:{quote(password, safe='')}@{address}:{port}/{quote(database, safe='')}"
    )


def _known_url(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in _URL_SCHEMES:
        raise ValueError("must begin with sqlite:// or mysql://")
    if scheme == "sqlite" and (not rest.startswith("/") or rest.strip("/") in ("", ":memory:")):
        raise ValueError("sqlite needs a file: sqlite:////path/to/monitor.db")
    return f"{_URL_SCHEMES[scheme]}://{rest}"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise ValueError(f"must be a port from 1 to 65535, not {text!r}")
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


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"must be an address such as https://monitor.example.com, not {text!r}")
    return text.rstrip("/")


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"must be addresses or networks separated by commas ({error})") from None


def _smtp(env: _Environment) -> SmtpSettings | None:
    security = env.parsed("SMTP_SECURITY", _security, "starttls")
    port = env.parsed("SMTP_PORT", _port, {"starttls": 587, "tls": 465, "none": 25}[security])
    host, user = env.text("SMTP_HOST"), env.text("SMTP_USER")
    if host is None:
        return None
    sender = env.text("SMTP_FROM") or user
    if sender is None or "@" not in sender:
        raise SettingsError("SMTP_FROM: required where SMTP_USER is no e-mail address")
    return SmtpSettings(
        host=host, port=port, user=user, password=env.text("SMTP_PASS"), security=security, sender=sender
    )


def _security(text: str) -> str:
    if text not in ("starttls", "tls", "none"):
        raise ValueError(f"must be starttls, tls or none, not {text!r}")
    return text
