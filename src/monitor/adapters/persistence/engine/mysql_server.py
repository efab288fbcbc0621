"""Which run of which MySQL or MariaDB server a connection leads to."""

from collections.abc import Callable, Sequence
from typing import Any

_NAMES = ("hostname", "port", "server_id", "server_uuid", "datadir")  # MariaDB has no server_uuid
_NODE = "wsrep_gcomm_uuid"  # of a Galera node, another after each start
_TRIES = 5


def server_run(rows_of: Callable[[str], Sequence[Any]]) -> str:
    """Return a text that differs for each server and each of its starts. *rows_of*: the rows of a statement.

    A start counts too: the server may have come back with older files, or without its last commits. The time since the
    start is in whole seconds, and so is that of each statement: the start is known if no second ended in between.
    """
    names = ", ".join(f"'{name}'" for name in _NAMES)
    found = {name.lower(): value for name, value in rows_of(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({names})")}
    for _ in range(_TRIES):
        before = _seconds(rows_of)
        status = dict(rows_of(f"SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', '{_NODE}')"))
        if before == _seconds(rows_of):
            break
    started = before - int(status["Uptime"])
    return "|".join([*(str(found.get(name, "")) for name in _NAMES), str(status.get(_NODE, "")), str(started)])


def _seconds(rows_of: Callable[[str], Sequence[Any]]) -> int:
    return int(rows_of("SELECT UNIX_TIMESTAMP()")[0][0])
