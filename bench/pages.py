"""How large a table of InnoDB is: its pages counted in its file. The server's own statistics are guesses."""

from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from bench.database import connected, name_of

PAGE = 16_384
_TYPE = slice(24, 26)
_NEVER_USED = bytes(2)


def bytes_used(url: str, table: str, data: Path) -> int:
    """Of the table and its indexes, with all that is still in memory written first. *data*: the server's directory."""
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute(f"FLUSH TABLES {table} FOR EXPORT")
        with (data / name_of(url) / f"{table}.ibd").open("rb") as file:
            return PAGE * used_pages(file)


def used_pages(file: BinaryIO) -> int:
    """Those that hold anything: a file grows by many at a time."""
    return sum(page[_TYPE] != _NEVER_USED for page in iter(lambda: file.read(PAGE), b""))
