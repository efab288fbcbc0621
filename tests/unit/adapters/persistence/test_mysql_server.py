"""What a database server says of itself, also through proxies and on other versions."""

from collections.abc import Sequence
from typing import Any

import pytest

from monitor.adapters.persistence.engine.mysql_server import address_in, refusal, server_run, too_old


class Server:
    """*time*: of its statements, one for each; the last stays."""

    def __init__(self, variables: dict[str, str], status: dict[str, str], *times: int) -> None:
        self._variables, self._status, self._times = variables, status, [*times]

    def __call__(self, statement: str) -> Sequence[Any]:
        if "UNIX_TIMESTAMP" in statement:
            return [(self._times.pop(0) if len(self._times) > 1 else self._times[0],)]
        shown = self._variables if "VARIABLES" in statement else self._status
        return [(name, value) for name, value in shown.items() if f"'{name.lower()}'" in statement.lower()]


def test_a_run_is_named_by_the_server_and_its_start():
    server = Server({"hostname": "db", "port": "3306"}, {"Uptime": "100"}, 1000)
    assert "db|3306||||" in server_run(server)
    assert server_run(server).endswith("|900")
    assert "db:3306" == address_in(server_run(server))
    assert "" == address_in("")


def test_the_start_is_asked_for_again_if_a_second_ended_meanwhile():
    server = Server({}, {"Uptime": "100"}, 999, 1000, 1000, 1000)
    assert server_run(server).endswith("|900")


def test_a_proxy_that_hides_the_start_is_no_error():
    assert server_run(Server({"hostname": "db"}, {}, 1000)).endswith("|")


NODE = {"wsrep_provider": "/usr/lib/galera/libgalera_smm.so", "read_only": "OFF"}


@pytest.mark.parametrize(
    ("variables", "status", "expected"),
    [
        ({"read_only": "OFF", "super_read_only": "OFF", "innodb_read_only": "OFF"}, {}, ""),
        ({"read_only": "ON"}, {}, "read_only is ON"),
        ({"read_only": "NO_LOCK_NO_ADMIN"}, {}, "read_only is NO_LOCK_NO_ADMIN"),
        ({"read_only": "0", "innodb_read_only": "1"}, {}, "innodb_read_only is 1"),
        ({"super_read_only": "ON"}, {}, "super_read_only is ON"),
        # MariaDB without Galera has the status, too.
        ({"wsrep_provider": "none"}, {"wsrep_ready": "OFF", "wsrep_cluster_status": "Disconnected"}, ""),
        (NODE, {"wsrep_ready": "ON", "wsrep_cluster_status": "Primary"}, ""),
        (NODE, {"wsrep_ready": "ON", "wsrep_cluster_status": "non-Primary"}, "wsrep_cluster_status is non-Primary"),
        (NODE, {"wsrep_ready": "OFF", "wsrep_cluster_status": "Primary"}, "wsrep_ready is OFF"),
        (NODE, {}, "wsrep_ready is unknown, wsrep_cluster_status is unknown"),
    ],
)
def test_who_cannot_write_says_why(variables: dict[str, str], status: dict[str, str], expected: str):
    assert expected == refusal(Server(variables, status, 0))


@pytest.mark.parametrize(
    "variables",
    [
        {"version": "8.4.0"},
        {"version": "5.7.44-log", "innodb_large_prefix": "ON", "innodb_file_format": "Barracuda"},
        {"version": "5.6.24", "innodb_large_prefix": "1", "innodb_file_format": "Barracuda"},
        {"version": "11.8.9-MariaDB-0+deb13u1"},
        {},
    ],
)
def test_a_server_that_can_hold_the_schema(variables: dict[str, str]):
    assert "" == too_old(Server(variables, {}, 0))


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"version": "5.5.62", "innodb_large_prefix": "ON", "innodb_file_format": "Barracuda"}, "this is 5.5.62"),
        (
            {"version": "5.6.24", "innodb_large_prefix": "OFF", "innodb_file_format": "Barracuda"},
            "this is 5.6.24, without large index prefixes (innodb_large_prefix=OFF)",
        ),
        (
            {"version": "10.1.48", "innodb_large_prefix": "OFF", "innodb_file_format": "Antelope"},
            "this is 10.1.48, without large index prefixes (innodb_large_prefix=OFF, innodb_file_format=Antelope)",
        ),
    ],
)
def test_a_server_that_is_too_old(variables: dict[str, str], why: str):
    assert f"MySQL 5.7 or later, or MariaDB, is needed; {why}" == too_old(Server(variables, {}, 0))
