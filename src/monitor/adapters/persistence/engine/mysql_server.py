"""What a MySQL or MariaDB server says of itself: its name and start, and whether it can write."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

RowsOf = Callable[[str], Sequence[Any]]
"""Runs a statement and returns its rows."""


def variables(rows_of: RowsOf, names: Iterable[str], kind: str = "VARIABLES") -> dict[str, Any]:
    """Return the values of these variables, or of *kind* "STATUS", that the server has, by their names in lower case.

    Not by SELECT, which a Galera node without its cluster refuses.
    """
    wanted = ", ".join(f"'{name}'" for name in names)
    return {name.lower(): value for name, value in rows_of(f"SHOW GLOBAL {kind} WHERE Variable_name IN ({wanted})")}


_NAMES = ("hostname", "port", "server_id", "server_uuid", "datadir")  # MariaDB has no server_uuid
_NODE = "wsrep_gcomm_uuid"  # of a Galera node, another after each start
_UPTIME = "uptime"
_TRIES = 5


def server_run(rows_of: RowsOf) -> str:
    """Return a text that differs for each server and each of its starts: it may come back without its last commits.

    Times are in whole seconds: the start is known if no second ended between the statements. On a machine that is too
    busy for that it may be one off, which only costs a needless epoch.
    """
    found = variables(rows_of, _NAMES)
    for _ in range(_TRIES):
        before = _seconds(rows_of)
        status = variables(rows_of, (_UPTIME, _NODE), "STATUS")
        if before == _seconds(rows_of):
            break
    # Proxies that answer such questions themselves may leave it out.
    started = str(before - int(status[_UPTIME])) if _UPTIME in status else ""
    return "|".join([*(str(found.get(name, "")) for name in _NAMES), str(status.get(_NODE, "")), started])


def address_in(run: str) -> str:
    """Return the server's own name and port out of what `server_run` returned; "" if that is empty."""
    return ":".join(run.split("|")[:2])


def _seconds(rows_of: RowsOf) -> int:
    return int(rows_of("SELECT UNIX_TIMESTAMP()")[0][0])


_READ_ONLY = ("read_only", "super_read_only", "innodb_read_only")
_PROVIDER = "wsrep_provider"
"""The library of a Galera node; "none", or no variable at all, on any other server."""
_WRITABLE = {"wsrep_ready": "ON", "wsrep_cluster_status": "Primary"}
"""What a Galera node says that can write. One that lost its cluster still lets clients log in."""


def refusal(rows_of: RowsOf) -> str:
    """Return why a server can't write; "" if it can."""
    found = variables(rows_of, (*_READ_ONLY, _PROVIDER))
    for name in _READ_ONLY:
        if found.get(name, "OFF").upper() not in ("OFF", "0"):
            return f"{name} is {found[name]}"
    if found.get(_PROVIDER, "none") in ("", "none"):
        return ""
    status = variables(rows_of, _WRITABLE, "STATUS")
    wrong = [name for name, value in _WRITABLE.items() if status.get(name) != value]
    return ", ".join(f"{name} is {status.get(name, 'unknown')}" for name in wrong)


_OLDEST = (5, 6, 4)
"""Has moments with fractions of a second. What 5.7 promises besides, 5.6 can be set to."""
_LARGE_KEYS = {"innodb_large_prefix": {"ON", "1"}, "innodb_file_format": {"BARRACUDA"}}
"""Settings of before MySQL 8 and MariaDB 10.3, without which a key has 767 bytes at most."""


def too_old(rows_of: RowsOf) -> str:
    """Return why a server can't hold the schema; "" if it can."""
    found = variables(rows_of, ("version", *_LARGE_KEYS))
    version = found.get("version", "")
    number = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    lacking = [
        f"{name}={found[name]}"
        for name, wanted in _LARGE_KEYS.items()
        if found.get(name, "").upper() not in {"", *wanted}
    ]
    if not lacking and (number >= _OLDEST or not number):
        return ""
    lacks = f", without large index prefixes ({', '.join(lacking)})" if lacking else ""
    return f"MySQL 5.7 or later, or MariaDB, is needed; this is {version}{lacks}"
