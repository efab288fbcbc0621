"""Copy a small fleet's history to more servers, in SQL: to simulate all of them would take an hour.

The product and the yardstick get the same. Tables are then as large, and rows of one server as far apart, as with many
reporting servers.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from pymysql.cursors import Cursor

from bench.database import connected

# Copy number k (from 1) of server s has the id s + k * servers.
_OF_PRODUCT = (
    "INSERT INTO servers (id, server_name, ip_address) SELECT id + %(k)s * %(n)s, CONCAT(server_name, '-', %(k)s), "
    "CONCAT('172.16.', %(k)s, '.', id) FROM servers WHERE id <= %(n)s",
    "INSERT INTO history_chunks (server_id, hour, samples, data, at_hand) SELECT server_id + %(k)s * %(n)s, hour, "
    "samples, data, at_hand FROM history_chunks WHERE server_id <= %(n)s AND hour >= %(first)s",
    "INSERT INTO history_rollups (server_id, width, period, data) SELECT server_id + %(k)s * %(n)s, width, period, "
    "data FROM history_rollups WHERE server_id <= %(n)s",
    "INSERT INTO monitor_data (server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at, received_at, "
    "extra, report_interval) SELECT server_id + %(k)s * %(n)s, ip_address, cpu_value, memory_value, disk_value, "
    "recorded_at, received_at, extra, report_interval FROM monitor_data WHERE server_id <= %(n)s ORDER BY recorded_at",
)


def copy_product(url: str, servers: int, copies: int, first_hour: int) -> None:
    """Add *copies* of each of *servers*, with samples from *first_hour* (since 1970). The product is not running."""
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        for k in range(1, copies + 1):
            for statement in _OF_PRODUCT:
                cursor.execute(statement, {"k": k, "n": servers, "first": first_hour})


@contextmanager
def without_indexes(cursor: Cursor, table: str, indexes: dict[str, str]) -> Iterator[None]:
    """Drop *indexes* (name to definition), and create them again at the end: in bulk this takes a tenth of the time.

    Everything is on disk afterwards.
    """
    cursor.execute("SET foreign_key_checks = 0")
    cursor.execute(f"ALTER TABLE {table} {', '.join(f'DROP INDEX {name}' for name in indexes)}")
    yield
    cursor.execute(f"ALTER TABLE {table} {', '.join(f'ADD {how.format(name)}' for name, how in indexes.items())}")
    cursor.execute(f"FLUSH TABLES {table} FOR EXPORT")
    cursor.execute("UNLOCK TABLES")
