"""The file of a backup: a header, the rows of each table in blocks, and the SHA-256 of all. docs/backup.md has more."""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import IO, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from monitor.domain.errors import MonitorError

MAGIC = b"monitor backup 1\n"
_BLOCK, _MOST_ROWS = 2**20, 4096
"""Bytes and rows after which a block ends."""
_LARGEST_BLOCK = 20 * 2**20
"""Bytes. Has room for the largest value, of 16 MB, after the other rows of a block."""
_MOST_TIMES = 200
"""Nothing that the product stores packs that small."""
_LENGTH = struct.Struct(">I")
_DIGEST_BYTES = 32

Row = Sequence[Any]
"""Integers, floats, texts, bytes and None, in the order of the table's columns."""
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z")]
Number = Annotated[int, Meta(ge=0, le=2**53)]


class BackupRefused(MonitorError):
    """The file, or the place for it, can't be used; the text says why."""

    reason = "backup_refused"


class Table(Struct, frozen=True, kw_only=True):
    """*next_id*: the id that the next row gets, as ids are used once; None: it has none."""

    name: Name
    columns: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=100)]
    rows: Number
    next_id: Number | None


class Header(Struct, frozen=True, kw_only=True):
    """*version*: of monitor. *taken_at*: the moment of all rows, as "2026-12-01 02:00:00", UTC. *revision*: of the
    schema. *keys*: the server's secrets by name; none without secrets. *tables*: parents before their children."""

    version: Annotated[str, Meta(max_length=50)]
    taken_at: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")]
    revision: Annotated[str, Meta(pattern=r"^[0-9]{4}\Z")]
    keys: dict[str, str]
    tables: Annotated[tuple[Table, ...], Meta(min_length=1, max_length=200)]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


def write_backup(
    file: IO[bytes],
    header: Header,
    rows_of: Callable[[Table], Iterable[Sequence[Row]]],
    count: Callable[[int], object],
) -> bytes:
    """Write a backup of what *rows_of* yields in batches, and return its digest. *count* gets the size of each block.

    Raises BackupRefused if a table has another number of rows than the header says.
    """
    digest = sha256()

    def put(data: bytes) -> None:
        digest.update(data)
        file.write(data)

    def pack(value: object) -> None:
        data = zlib.compress(msgspec.msgpack.encode(value), 1)
        put(_LENGTH.pack(len(data)) + data)

    put(MAGIC)
    pack(header)
    for table in header.tables:
        written = 0
        for block in _blocks(rows_of(table)):
            pack(block)
            written += len(block)
            count(len(block))
        if written != table.rows:
            raise BackupRefused(f"{table.name} has {table.rows} rows, and {written} were read")
    file.write(digest.digest())
    return digest.digest()


def _blocks(batches: Iterable[Sequence[Row]]) -> Iterator[list[Row]]:
    block: list[Row] = []
    size = 0
    for row in (row for batch in batches for row in batch):
        block.append(row)
        size += sum(len(value) if isinstance(value, (bytes, str)) else 8 for value in row)
        if size >= _BLOCK or len(block) == _MOST_ROWS:
            yield block
            block, size = [], 0
    if block:
        yield block


_PLAIN = {int, float, str, bytes, type(None)}
_HEADERS = msgspec.msgpack.Decoder(Header)
_ROWS: msgspec.msgpack.Decoder[list[Row]] = msgspec.msgpack.Decoder(
    Annotated[list[Annotated[tuple[Any, ...], Meta(max_length=100)]], Meta(min_length=1, max_length=_MOST_ROWS)]
)


class BackupReader:
    """Reads a backup in bounded memory. All methods raise BackupRefused for a file that is none, cut or changed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, sha256()
        self._packed = self.size = 0
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupRefused("the file is no backup of this format")
        self._digest.update(MAGIC)
        self.header: Header = self._read(_HEADERS)
        self._rows_at, self._rows_digest = file.tell(), self._digest.copy()

    def blocks(self) -> Iterator[tuple[Table, list[Row]]]:
        """Yield all rows in blocks, each with its table. The last step compares the digest."""
        self._file.seek(self._rows_at)
        self._digest = self._rows_digest.copy()
        self._packed = self.size = 0
        for table in self.header.tables:
            left = table.rows
            while left:
                block = self._read(_ROWS)
                left -= len(block)
                if left < 0 or any(len(r) != len(table.columns) or not {*map(type, r)} <= _PLAIN for r in block):
                    raise BackupRefused(f"the file was changed: {table.name} has other rows than its header says")
                yield table, block
        if self._file.read(_DIGEST_BYTES + 1) != self._digest.digest():
            raise BackupRefused("the file was changed: its digest is another one")

    def check(self, count: Callable[[int], object]) -> bytes:
        """Read all rows; return the digest. *size* is then the number of their bytes."""
        for _, block in self.blocks():
            count(len(block))
        return self._digest.digest()

    def _read(self, decoder: Any) -> Any:
        length = int.from_bytes(self._taken(_LENGTH.size))
        if length > _LARGEST_BLOCK:
            raise BackupRefused("the file was changed: a block is too large")
        packed, unpacking = self._taken(length), zlib.decompressobj()
        try:
            data = unpacking.decompress(packed, _LARGEST_BLOCK)
            self._packed, self.size = self._packed + length, self.size + len(data)
            if not unpacking.eof or self.size > _MOST_TIMES * self._packed + _BLOCK:
                raise BackupRefused("the file was changed: it is too large")
            return decoder.decode(data)
        except (zlib.error, msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise BackupRefused(f"the file was changed: {error}") from None

    def _taken(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise BackupRefused("the file was cut")
        self._digest.update(data)
        return data
