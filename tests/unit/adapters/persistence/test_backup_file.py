"""The file of a backup: what is read is what was written, and nothing else is read."""

import json
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.adapters.persistence.backup.backup_file import (
    BackupReader,
    BackupRefused,
    BackupWriter,
    Manifest,
    Row,
    Table,
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


def written(*tables: list[Row], keys: dict[str, str] | None = None) -> bytes:
    file = BytesIO()
    writer = BackupWriter(file)
    made = [
        writer.add(
            Table(name=f"table_{number}", columns=("a", "b", "c"), rows=0, sha256="", next_id=7), [rows], _ignore
        )
        for number, rows in enumerate(tables)
    ]
    manifest = Manifest(
        format=1,
        version="1",
        taken_at="2026-12-01 02:00:00",
        database="sqlite",
        revision="0036",
        keys=writer.add_keys(keys) if keys else None,
        tables=tuple(made),
    )
    writer.end(manifest)
    return file.getvalue()


def _ignore(rows: int) -> None: ...


def read(data: bytes) -> list[list[Row]]:
    reader = BackupReader(BytesIO(data))
    return [[row for block in reader.blocks(table) for row in block] for table in reader.manifest.tables]


def same(one: list[list[Row]], other: list[list[Row]]) -> bool:
    """Tell -0.0 from 0.0, and 1 from 1.0."""
    return repr(one) == repr(other)


@given(st.lists(ROWS, min_size=1, max_size=3))
def test_all_values_are_read_as_they_were_written(tables: list[list[Row]]):
    assert same(tables, read(written(*tables)))


def test_many_rows_and_large_values_are_in_blocks():
    rows: list[Row] = [(number, bytes(number % 7 * 1_000), "x") for number in range(5_000)]
    data = written(rows, [(1, bytes(2**24), "x"), (2, b"", "y")])
    reader = BackupReader(BytesIO(data))
    many, large = ([*reader.blocks(table)] for table in reader.manifest.tables)
    assert rows == [row for block in many for row in block]
    assert 10 < len(many) < 20
    assert [1, 1] == [len(block) for block in large]


def test_keys_are_inside_or_not():
    assert {"a": "b"} == BackupReader(BytesIO(written([], keys={"a": "b"}))).keys
    assert {} == BackupReader(BytesIO(written([]))).keys


GOOD = written([(1, "text", b"bytes"), (2, None, 0.1)], [(3, "more", b"")], keys={"jwt-secret": "s" * 40})


@settings(max_examples=examples(300))
@given(st.integers(0, len(GOOD) - 1))
def test_a_file_that_was_cut_is_refused(length: int):
    with pytest.raises(BackupRefused):
        BackupReader(BytesIO(GOOD[:length])).check(_ignore)


@settings(max_examples=examples(300))
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_nothing(place: int, change: int):
    """A zip has bytes that mean nothing, such as the time of an entry."""
    data = bytearray(GOOD)
    data[place] ^= change
    try:
        found = read(bytes(data)), BackupReader(BytesIO(bytes(data))).keys
    except BackupRefused:
        return
    assert same(read(GOOD), found[0])
    assert {"jwt-secret": "s" * 40} == found[1]


def changed(method: int = ZIP_DEFLATED, **parts: bytes | None) -> bytes:
    """Return the good file with other entries: None takes one out."""
    out = BytesIO()
    with ZipFile(BytesIO(GOOD)) as good, ZipFile(out, "w", method) as made:
        for entry in good.namelist():
            if (data := parts.pop(entry, good.read(entry))) is not None:
                made.writestr(entry, data)
        for entry, data in parts.items():
            made.writestr(entry, data or b"")
    return out.getvalue()


def manifest(**changes: object) -> bytes:
    with ZipFile(BytesIO(GOOD)) as good:
        found = json.loads(good.read("manifest.json"))
    return json.dumps(found | changes).encode()


def block(rows: object) -> bytes:
    data = msgspec.msgpack.encode(rows)
    return len(data).to_bytes(4, "big") + data


TABLE = {"name": "t", "columns": ["a"], "rows": 0, "sha256": "", "next_id": None}
HOSTILE = {
    "not a zip": b"PK" * 1000,
    "an empty one": b"",
    "no manifest": changed(**{"manifest.json": None}),
    "another entry": changed(**{"../../etc/passwd": b"x"}),
    "a missing table": changed(**{"table_1.rows": None}),
    "another method": changed(method=ZIP_BZIP2),
    "keys that differ": changed(**{"keys.json": b'{"jwt-secret": "other"}'}),
    "other rows": changed(**{"table_0.rows": block([(1, "text", b"bytes"), (2, None, 0.2)])}),
    "a block that is cut": changed(**{"table_0.rows": block([])[:3]}),
    "a block that is too large": changed(**{"table_0.rows": b"\xff" * 100}),
    "more rows than a block has": changed(**{"table_0.rows": block([()] * 5000)}),
    "rows that are too long": changed(**{"table_0.rows": block([[1, 2, 3, 4]])}),
    "values of another type": changed(**{"table_0.rows": block([[1, 2, {"a": 1}]])}),
    "a bomb": changed(**{"table_0.rows": bytes(50_000_000)}),
    "a manifest that is too large": changed(**{"manifest.json": b" " * 2_000_000}),
    "no JSON": changed(**{"manifest.json": b"{"}),
    "another format": changed(**{"manifest.json": manifest(format=2)}),
    "a revision that is a path": changed(**{"manifest.json": manifest(revision="../1")}),
    "a table with a strange name": changed(**{"manifest.json": manifest(tables=[TABLE | {"name": "a; DROP TABLE b"}])}),
    "a column with a strange name": changed(**{"manifest.json": manifest(tables=[TABLE | {"columns": ["a\n"]}])}),
    "a table twice": changed(**{"manifest.json": manifest(tables=[TABLE, TABLE])}),
    "too many tables": changed(**{"manifest.json": manifest(tables=[TABLE] * 300)}),
    "negative counts": changed(**{"manifest.json": manifest(tables=[TABLE | {"rows": -1}])}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused(what: str):
    with pytest.raises(BackupRefused):
        BackupReader(BytesIO(HOSTILE[what])).check(_ignore)
