"""The file of a backup: a zip with one entry of rows a table, the keys, and a manifest with counts and digests."""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Annotated, Any, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 (an exception, named like one)

import msgspec
from msgspec import Meta, Struct

from monitor.domain.errors import MonitorError

FORMAT = 1
_MANIFEST, _KEYS = "manifest.json", "keys.json"
_COMPRESSED = {"history_chunks", "history_rollups"}
"""Tables whose rows are compressed already."""
_BLOCK = 2**20
"""Bytes after which a block of rows ends."""
_LARGEST_BLOCK = 20 * 2**20
"""Has room for the largest value, of 16 MB, after the other rows of a block."""
_MOST_ROWS = 4096
"""Rows of a block."""
_MOST_TABLES, _MOST_COLUMNS = 200, 100
_LARGEST_TEXT = 2**20
"""Bytes of the manifest, and of the keys."""
_LONGEST = 2**40
"""Bytes of all rows, unpacked."""
_LENGTH = struct.Struct(">I")
_NAME = r"^[a-z][a-z0-9_]{0,63}\Z"

Value = int | float | str | bytes | None
Row = Sequence[Value]
Count = Callable[[int], object]
"""Called with the number of rows after each block."""
Name = Annotated[str, Meta(pattern=_NAME)]
Number = Annotated[int, Meta(ge=0, le=2**53)]


class BackupRefused(MonitorError):
    """The file, or the place for it, can't be used; the text says why."""

    reason = "backup_refused"


class Table(Struct, frozen=True, kw_only=True):
    """*sha256*: of the entry. *next_id*: the id that the next row gets, as ids are used once; None: it has none."""

    name: Name
    columns: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=_MOST_COLUMNS)]
    rows: Number
    sha256: str
    next_id: Number | None = None


class Manifest(Struct, frozen=True, kw_only=True):
    """*revision*: of the schema. *taken_at*: the moment of all rows, as "2026-12-01 02:00:00", UTC. *version*: of
    monitor. *keys*: SHA-256 of that entry; None without it."""

    format: int
    version: str
    taken_at: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")]
    database: str
    revision: Annotated[str, Meta(pattern=r"^[0-9]{4}\Z")]
    keys: str | None
    tables: Annotated[tuple[Table, ...], Meta(min_length=1, max_length=_MOST_TABLES)]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


class BackupWriter:
    """Writes a backup into *file*. Without `end` the file is none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.fp = None  # else what is left of a failure would be written when it is collected

    def add(self, table: Table, rows: Iterable[Sequence[Row]], count: Count) -> Table:
        """Write the *rows*, in batches, of a table, and return it with their number and digest."""
        written, digest = 0, hashlib.sha256()
        with self._zip.open(_entry(table.name), "w", force_zip64=True) as out:
            for block in _blocks(rows):
                data = msgspec.msgpack.encode(block)
                for part in (_LENGTH.pack(len(data)), data):
                    digest.update(part)
                    out.write(part)
                written += len(block)
                count(len(block))
        return msgspec.structs.replace(table, rows=written, sha256=digest.hexdigest())

    def add_keys(self, keys: Mapping[str, str]) -> str:
        """Write the keys, and return their digest."""
        data = msgspec.json.encode(keys)
        self._zip.writestr(_KEYS, data)
        return hashlib.sha256(data).hexdigest()

    def end(self, manifest: Manifest) -> None:
        self._zip.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        self._zip.close()


def _entry(table: str) -> ZipInfo:
    entry = ZipInfo(f"{table}.rows")
    entry.compress_type = ZIP_STORED if table in _COMPRESSED else ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _blocks(batches: Iterable[Sequence[Row]]) -> Iterator[list[Row]]:
    """Yield rows in blocks of about a megabyte."""
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


Rows = Annotated[list[Annotated[tuple[Any, ...], Meta(max_length=_MOST_COLUMNS)]], Meta(max_length=_MOST_ROWS)]
_PLAIN = {int, float, str, bytes, type(None)}
_ROWS = msgspec.msgpack.Decoder(Rows)
_MANIFESTS = msgspec.json.Decoder(Manifest)
_KEY_FILES = msgspec.json.Decoder(dict[str, str])
_DAMAGED = (BadZipFile, ZlibError, EOFError, msgspec.MsgspecError, RuntimeError, struct.error, ValueError)
_CHANGED = "the file is damaged or was changed"


@contextmanager
def checked(where: str = "") -> Iterator[None]:
    """Turn what a file that is cut or was changed causes into BackupRefused."""
    try:
        yield
    except _DAMAGED as error:
        raise BackupRefused(f"{_CHANGED}{where}: {error}") from None


class BackupReader:
    """Reads a backup, in bounded memory. Each method raises BackupRefused."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = ZipFile(file)
        except _DAMAGED:
            raise BackupRefused("the file is no backup, or was cut") from None
        with checked():
            entries = {info.filename: info for info in self._zip.infolist()}
            if len(entries) > _MOST_TABLES + 2 or len(entries) < len(self._zip.infolist()):
                raise BackupRefused(_CHANGED)
            if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries.values()):
                raise BackupRefused(_CHANGED)
            self.manifest = _manifest(self._text(_MANIFEST, entries))
            names = [f"{table.name}.rows" for table in self.manifest.tables]
            if sorted([*names, _MANIFEST, *([_KEYS] if self.manifest.keys else [])]) != sorted(entries):
                raise BackupRefused(f"{_CHANGED}: it has other parts than its manifest")
            self.size = sum(entry.file_size for entry in entries.values())
            if self.size > _LONGEST:
                raise BackupRefused(f"{_CHANGED}: it is too large")
            self.keys = self._read_keys(entries)

    def _text(self, name: str, entries: Mapping[str, ZipInfo]) -> bytes:
        if name not in entries or entries[name].file_size > _LARGEST_TEXT:
            raise BackupRefused("the file is no backup")
        return self._zip.read(name)

    def _read_keys(self, entries: Mapping[str, ZipInfo]) -> dict[str, str]:
        if self.manifest.keys is None:
            return {}
        data = self._text(_KEYS, entries)
        if hashlib.sha256(data).hexdigest() != self.manifest.keys:
            raise BackupRefused(f"{_CHANGED}: the keys differ from the manifest")
        return _KEY_FILES.decode(data)

    def blocks(self, table: Table) -> Iterator[list[tuple[Value, ...]]]:
        """Yield the rows of *table* in blocks. The last step checks their number and digest."""
        found, digest = 0, hashlib.sha256()
        with checked(f" at {table.name}"), self._zip.open(f"{table.name}.rows") as entry:
            while head := entry.read(_LENGTH.size):
                data = entry.read(_checked_length(head))
                digest.update(head)
                digest.update(data)
                rows = _ROWS.decode(data)
                if any(len(row) != len(table.columns) or not {*map(type, row)} <= _PLAIN for row in rows):
                    raise BackupRefused(f"{_CHANGED} at {table.name}: a row has other values than its columns")
                found += len(rows)
                yield rows
        if (found, digest.hexdigest()) != (table.rows, table.sha256):
            raise BackupRefused(f"{_CHANGED} at {table.name}: count or digest differs from the manifest")

    def check(self, count: Count) -> None:
        """Read all rows, and compare counts and digests with the manifest."""
        for table in self.manifest.tables:
            for block in self.blocks(table):
                count(len(block))


def _manifest(text: bytes) -> Manifest:
    manifest = _MANIFESTS.decode(text)
    if manifest.format != FORMAT:
        raise BackupRefused(f"the backup has format {manifest.format}, and this version of monitor reads {FORMAT}")
    if len({table.name for table in manifest.tables}) < len(manifest.tables):
        raise BackupRefused(f"{_CHANGED}: a table is there twice")
    return manifest


def _checked_length(head: bytes) -> int:
    [length] = _LENGTH.unpack(head)
    if length > _LARGEST_BLOCK:
        raise BackupRefused(f"{_CHANGED}: a block is too large")
    return int(length)
