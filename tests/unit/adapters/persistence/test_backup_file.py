"""The file of a backup: what is read is what was written, and nothing else is read."""

import zlib
from hashlib import sha256
from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.adapters.persistence.backup.backup_file import (
    MAGIC,
    BackupReader,
    BackupRefused,
    Header,
    Row,
    Table,
    write_backup,
)
from tests.examples import examples

EDGES = (0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, float("inf"), float(2**53 + 2))
VALUES = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.sampled_from(EDGES)
    | st.text(st.characters(codec="utf-8"))
    | st.binary()
)
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=20)
KEYS = {"jwt-secret": "s" * 40}


def ignore(rows: int) -> None: ...


def header_of(*tables: list[Row]) -> Header:
    named = [
        Table(name=f"table_{number}", columns=("a", "b", "c"), rows=len(rows), next_id=7)
        for number, rows in enumerate(tables)
    ]
    return Header(version="1", taken_at="2026-12-01 02:00:00", revision="0036", keys=KEYS, tables=tuple(named))


def written(*tables: list[Row]) -> bytes:
    file = BytesIO()
    rows = {f"table_{number}": rows for number, rows in enumerate(tables)}
    write_backup(file, header_of(*tables), lambda table: [rows[table.name]], ignore)
    return file.getvalue()


def read(data: bytes) -> list[tuple[str, Row]]:
    return [(table.name, row) for table, block in BackupReader(BytesIO(data)).blocks() for row in block]


@given(st.lists(ROWS, min_size=1, max_size=3))
def test_all_values_are_read_as_they_were_written(tables: list[list[Row]]):
    """Compared as text, which tells -0.0 from 0.0, and 1 from 1.0."""
    expected = [(f"table_{number}", row) for number, rows in enumerate(tables) for row in rows]
    data = written(*tables)
    assert repr(expected) == repr(read(data))
    assert header_of(*tables) == BackupReader(BytesIO(data)).header


def test_many_rows_and_large_values_are_in_blocks():
    rows: list[Row] = [(number, bytes(number % 7 * 1_000), "x") for number in range(5_000)]
    large: list[Row] = [(1, zlib.compress(bytes(2**24), 0)[: 2**24], "x"), (2, b"", "y")]
    blocks = [(table.name, block) for table, block in BackupReader(BytesIO(written(rows, large))).blocks()]
    assert rows + large == [row for _, block in blocks for row in block]
    assert 10 < sum(name == "table_0" for name, _ in blocks) < 20
    assert [1, 1] == [len(block) for name, block in blocks if name == "table_1"]


def test_a_table_with_another_number_of_rows_is_not_written():
    with pytest.raises(BackupRefused, match="1 rows, and 2"):
        write_backup(BytesIO(), header_of([(1, 2, 3)]), lambda _: [[(1, 2, 3), (4, 5, 6)]], ignore)


GOOD = written([(1, "text", b"bytes"), (2, None, 0.1)], [(3, "more", b"")])


@settings(max_examples=examples(300))
@given(st.integers(0, len(GOOD) - 1))
def test_a_file_that_was_cut_is_refused(length: int):
    with pytest.raises(BackupRefused):
        BackupReader(BytesIO(GOOD[:length])).check(ignore)


@settings(max_examples=examples(300))
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused(place: int, change: int):
    data = bytearray(GOOD)
    data[place] ^= change
    with pytest.raises(BackupRefused):
        BackupReader(BytesIO(bytes(data))).check(ignore)


def sealed(*parts: object) -> bytes:
    """Return a file of these blocks with a right digest."""
    data = MAGIC
    for part in parts:
        packed = part if isinstance(part, bytes) else zlib.compress(msgspec.msgpack.encode(part))
        data += len(packed).to_bytes(4, "big") + packed
    return data + sha256(data).digest()


def header(**changes: Any) -> dict[str, Any]:
    table = {"name": "t", "columns": ["a", "b"], "rows": 2, "next_id": None}
    made = {"version": "1", "taken_at": "2026-12-01 02:00:00", "revision": "0036", "keys": {}, "tables": [table]}
    return made | {"tables": [table | changes.pop("table", {})]} | changes


HOSTILE = {
    "an empty one": b"",
    "another format": b"monitor backup 2\n" + GOOD[len(MAGIC) :],
    "a zip": b"PK" * 1000,
    "more after its end": GOOD + b"x",
    "a block that is too large": GOOD[: len(MAGIC)] + b"\xff" * 100,
    "no header": sealed([[1, 2]]),
    "a header that is not packed": sealed(b"{}"),
    "a revision that is a path": sealed(header(revision="../1")),
    "a table with a strange name": sealed(header(table={"name": "a; DROP TABLE b"})),
    "a column with a strange name": sealed(header(table={"columns": ["a", "b\n"]})),
    "too many tables": sealed(header(tables=[header()["tables"][0]] * 300)),
    "negative counts": sealed(header(table={"rows": -1})),
    "too few rows": sealed(header(), [[1, 2]]),
    "too many rows": sealed(header(), [[1, 2]] * 3),
    "no rows in a block": sealed(header(), [], [[1, 2]] * 2),
    "more rows than a block has": sealed(header(table={"rows": 5000}), [[1, 2]] * 5000),
    "a row that is too short": sealed(header(), [[1, 2], [1]]),
    "values of another type": sealed(header(), [[1, 2], [1, {"a": 1}]]),
    "a bomb": sealed(header(), zlib.compress(bytes(2**25))),
    "a bomb of few bytes": sealed(header(table={"rows": 1}), [[bytes(2**24), 1]]),
    "nested arrays": sealed(header(), zlib.compress(b"\x91" * 100_000)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused(what: str):
    with pytest.raises(BackupRefused):
        BackupReader(BytesIO(HOSTILE[what])).check(ignore)
