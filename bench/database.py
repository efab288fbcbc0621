"""Direct connections to the measured MariaDB."""

import time
from urllib.parse import urlsplit

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

WRITE_OUT_SECONDS = 120.0
FEW_PAGES = 50


def name_of(url: str) -> str:
    return urlsplit(url).path.strip("/")


def connected(url: str) -> "Connection[Cursor]":
    """Return a connection with autocommit and times in UTC."""
    parts = urlsplit(url)
    return pymysql.connect(
        host="127.0.0.1",
        port=parts.port or 3306,
        user=parts.username or "root",
        database=name_of(url),
        autocommit=True,
        local_infile=True,
        init_command="SET time_zone = '+00:00'",
    )


def write_out(cursor: Cursor) -> None:
    """Wait until all pages are written: else the first measurement would include it.

    Raises RuntimeError after WRITE_OUT_SECONDS.
    """
    cursor.execute("SELECT @@GLOBAL.innodb_max_dirty_pages_pct")
    (usual,) = cursor.fetchone() or ()
    cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct = 0")
    give_up = time.monotonic() + WRITE_OUT_SECONDS
    while _dirty_pages(cursor) > FEW_PAGES:
        if time.monotonic() > give_up:
            raise RuntimeError("the database does not stop writing")
        time.sleep(0.1)
    cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct = %s", usual)


def _dirty_pages(cursor: Cursor) -> int:
    cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")
    _, count = cursor.fetchone() or ()
    return int(count)
