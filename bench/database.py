"""The measured MariaDB, asked directly."""

from urllib.parse import urlsplit

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor


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
