"""The measured MariaDB, asked directly."""

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
    """Each statement by itself, times in UTC."""
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
    """Wait until what was filled in is in its files: else the first that is measured is that. Raises RuntimeError where
    it takes too long."""
    cursor.execute("SELECT @@GLOBAL.innodb_max_dirty_pages_pct")
    (usual,) = cursor.fetchone() or ()
    cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct = 0")
    give_up = time.monotonic() + WRITE_OUT_SECONDS
    while _dirty_pages(cursor) > FEW_PAGES:
        if time.monotonic() > give_up:
            raise RuntimeError("the database goes on writing")
        time.sleep(0.1)
    cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct = %s", usual)


def _dirty_pages(cursor: Cursor) -> int:
    cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")
    _, count = cursor.fetchone() or ()
    return int(count)
