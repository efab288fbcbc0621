"""The data directory and the address of the database."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from monitor.settings.environment import Environment, SettingsError, host_name, port_number

_URL_SCHEMES = {
    "sqlite": "sqlite",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}
_URL_OPTIONS = {"charset", "unix_socket", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher"}


def data_dir(env: Environment, given: object) -> Path:
    if chosen := given or env.text("MONITOR_DATA_DIR"):
        path = Path(str(chosen))
    elif base := env.text("XDG_DATA_HOME"):
        path = Path(base) / "monitor"
    else:
        try:
            path = Path.home() / ".local" / "share" / "monitor"
        except RuntimeError:
            raise SettingsError("MONITOR_DATA_DIR: required, since there is no home directory") from None
    if "?" in str(path):  # options would begin there in SQLite's address
        raise SettingsError("MONITOR_DATA_DIR: must not hold a question mark")
    return path


def database(env: Environment, directory: Path) -> tuple[str, str]:
    """Return the variable that chooses the database, and the database's address."""
    hosts = env.parsed("DB_HOST", _hosts, None)
    port = env.parsed("DB_PORT", port_number, 3306)
    if (url := env.parsed("DATABASE_URL", _known_url, None)) is not None:
        return "DATABASE_URL", url
    if hosts is None:
        return "MONITOR_DATA_DIR", f"sqlite:///{(directory / 'monitor.db').absolute()}"
    user = env.text("DB_USER")
    if user is None:
        raise SettingsError("DB_USER: required with DB_HOST")
    password = env.text("DB_PASS") or ""
    database = env.parsed("DATABASE", _database_name, "monitor_db")
    addresses = [f"[{host}]:{own or port}" if ":" in host else f"{host}:{own or port}" for host, own in hosts]
    if len(set(addresses)) < len(addresses):
        raise SettingsError("DB_HOST: must not name a host twice")
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    if len(addresses) == 1:
        return "DB_HOST", f"mysql+pymysql://{credentials}@{addresses[0]}/{database}"
    # As SQLAlchemy writes several hosts of other databases.
    several = "&".join(f"host={quote(address, safe=':')}" for address in addresses)
    return "DB_HOST", f"mysql+pymysql://{credentials}@/{database}?{several}"


_HOST = re.compile(r"\[(?P<v6>[0-9A-Fa-f:.]+)\](:(?P<v6_port>\d+))?|(?P<name>[^:\[\]]+)(:(?P<port>\d+))?")


def _hosts(text: str) -> list[tuple[str, int | None]]:
    """Return host and port of each HOST[:PORT]; an IPv6 address with a port stands in brackets."""
    return [_host(part.strip()) for part in text.split(",")]


def _host(text: str) -> tuple[str, int | None]:
    if text.count(":") > 1 and "[" not in text:
        return host_name(text), None
    found = _HOST.fullmatch(text)
    if found is None:
        raise ValueError(f"must be a host, or several such as db1,db2:3307,[2001:db8::3]:3307, not {text!r}")
    port = found["v6_port"] or found["port"]
    return host_name(found["v6"] or found["name"]), None if port is None else port_number(port)


def default_durable_after(url: str) -> timedelta:
    """Return the time after which what was acknowledged counts as safe. See decision 34.

    SQLite writes each commit to disk, so that only a restored copy of the file lacks any. A replica that takes over, or
    a cluster whose nodes crash together, lacks what had not reached it: by experience seconds, here up to two minutes.
    """
    return timedelta(minutes=1 if url.startswith("sqlite") else 2)


def _known_url(text: str) -> str:
    """Raises ValueError, whose text never contains *text*: that may hold a password."""
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


def _database_name(text: str) -> str:
    if "?" in text:  # this part of an address has no escapes
        raise ValueError("must not hold a question mark")
    return text
