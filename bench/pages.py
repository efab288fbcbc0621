"""Size of an InnoDB table: used pages of its file. The server's own statistics are estimates."""

from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from bench.database import connected, name_of

PAGE = 16_384
_TYPE = slice(24, 26)
_NEVER_USED = bytes(2)


def bytes_used(url: str, table: str, data: Path) -> int:
    """Return the bytes of a table with its indexes, after a flush. *data*: the server's data directory."""
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute(f"FLUSH TABLES {table} FOR EXPORT")
        with (data / name_of(url) / f"{table}.ibd").open("rb") as file:
            return PAGE * used_pages(file)


def used_pages(file: BinaryIO) -> int:
    """Count the pages in use: a file grows by many pages at once."""
    return sum(page[_TYPE] != _NEVER_USED for page in iter(lambda: file.read(PAGE), b""))
