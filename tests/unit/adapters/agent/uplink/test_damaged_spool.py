"""A spool damaged by a power cut, a failing disk or a person: whole lines are kept, the rest is set aside."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.uplink.spool import ACKNOWLEDGED, SAMPLE, Spool, append_rejected, line_of

records = st.binary(min_size=2, max_size=40).map(lambda text: b"{%s}" % text.hex().encode())
rubbish = st.binary(min_size=1, max_size=60) | st.integers(1, 60).map(bytes)


def silent(_line: str) -> None:
    """Nothing listens."""


def contents(spool: Spool) -> list[bytes]:
    return list(spool.oldest(10**9, 10**9).records)


def spool_with(path: Path, *kept: bytes) -> None:
    spool = Spool(str(path), silent)
    for record in kept:
        spool.append(record)
    spool.close()


@given(
    kept=st.lists(records, min_size=1, max_size=8, unique=True),
    acknowledged=st.integers(0, 4),
    spoils=st.lists(st.tuples(st.floats(0, 1), rubbish), max_size=4),
    cut=st.none() | st.floats(0, 1),
    behind=st.just(b"") | rubbish,
)
def test_every_whole_sample_is_kept_whatever_happened_to_the_others(kept, acknowledged, spoils, cut, behind):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "agent.spool"
        spool = Spool(str(path), silent)
        for record in kept:
            spool.append(record)
        if acknowledged:
            spool.acknowledge(spool.oldest(acknowledged, 10**9))
        waiting = contents(spool)
        spool.close()
        before = path.read_bytes()
        after = bytearray(before)
        for share, text in spoils:
            at = int(share * len(after))
            after[at : at + len(text)] = text[: len(after) - at]
        path.write_bytes(bytes(after[: None if cut is None else int(cut * len(after))]) + behind)
        left = path.read_bytes()

        whole = [record for record in waiting if unharmed(record, before, left)]
        logged: list[str] = []
        spool = Spool(str(path), logged.append)
        found = contents(spool)
        assert [record for record in found if record in whole] == whole
        assert set(found) <= set(kept)
        assert found == [record for record in kept if record in found]
        spool.append(b"next")
        spool.close()
        assert bool(logged) == (Path(folder) / "agent.spool.rejected").exists()

        again: list[str] = []
        spool = Spool(str(path), again.append)
        assert (contents(spool), again) == ([*found, b"next"], [])
        spool.close()


def unharmed(record: bytes, before: bytes, after: bytes) -> bool:
    """Return True if the line of *record* is still at its offset."""
    line = line_of(SAMPLE, record)
    at = before.index(line)
    return after[at : at + len(line)] == line


def test_a_damaged_line_in_the_middle_is_set_aside_and_logged(tmp_path):
    path = tmp_path / "agent.spool"
    spool_with(path, b"one", b"two", b"three")
    path.write_bytes(path.read_bytes().replace(b"two", b"tw0"))
    logged: list[str] = []
    spool = Spool(str(path), logged.append)
    assert contents(spool) == [b"one", b"three"]
    assert logged == [f"{path}: 1 damaged lines are set aside in {path}.rejected"]
    assert Path(f"{path}.rejected").read_bytes().endswith(b" S tw0\n")
    spool.acknowledge(spool.oldest(1, 10**9))
    assert contents(spool) == [b"three"]
    spool.close()


@pytest.mark.parametrize("text", [b"\x00\xff something else entirely \n\n", b"\x00" * 3_000_000, b"{" * 1_100_000])
def test_a_file_that_is_not_a_spool_is_set_aside_and_logged(tmp_path, text):
    path = tmp_path / "agent.spool"
    path.write_bytes(text)
    logged: list[str] = []
    spool = Spool(str(path), logged.append)
    assert (len(spool), len(logged), path.stat().st_size) == (0, 1, 0)
    assert 0 < Path(f"{path}.rejected").stat().st_size <= 1024 * 1024
    spool.close()


@pytest.mark.parametrize("body", [b"seven", b"-5", b"999999999999", b"9" * 5000, b"20", b""])
def test_an_impossible_acknowledgement_removes_no_sample(tmp_path, body):
    path = tmp_path / "agent.spool"
    spool_with(path, b"one", b"two")
    path.write_bytes(path.read_bytes() + line_of(ACKNOWLEDGED, body))
    spool = Spool(str(path), silent)
    assert contents(spool) == [b"one", b"two"]
    spool.close()


def test_a_line_after_one_without_line_break_is_found(tmp_path):
    path = tmp_path / "agent.spool"
    spool_with(path, b"one", b"two")
    path.write_bytes(path.read_bytes().replace(b"one\n", b"one7"))
    spool = Spool(str(path), silent)
    assert contents(spool) == [b"two"]
    spool.close()


def test_emptying_the_file_of_a_running_agent_loses_only_its_content(tmp_path):
    path = tmp_path / "agent.spool"
    logged: list[str] = []
    spool = Spool(str(path), logged.append)
    spool.append(b"one")
    spool.append(b"two")
    chunk = spool.oldest(2, 10**9)
    os.truncate(path, 0)
    assert spool.oldest(2, 10**9).records == ()
    spool.acknowledge(chunk)
    spool.append(b"three")
    assert (len(spool), contents(spool)) == (1, [b"three"])
    assert logged == [f"{path}: 2 samples have disappeared from the file"]
    spool.close()


def test_damaging_a_line_of_a_running_agent_stops_nothing(tmp_path):
    path = tmp_path / "agent.spool"
    spool = Spool(str(path), silent)
    for record in (b"one", b"two", b"three"):
        spool.append(record)
    path.write_bytes(path.read_bytes().replace(b"two", b"tw0"))
    while (chunk := spool.oldest(1, 10**9)).records:
        spool.acknowledge(chunk)
    assert len(spool) == 0
    spool.append(b"four")
    assert contents(spool) == [b"four"]
    spool.close()


def test_lines_that_cannot_be_set_aside_are_dropped_and_logged(tmp_path):
    path = tmp_path / "agent.spool"
    spool_with(path, b"one")
    path.write_bytes(path.read_bytes() + b"half a li")
    Path(f"{path}.rejected").symlink_to(tmp_path / "elsewhere")
    logged: list[str] = []
    spool = Spool(str(path), logged.append)
    assert contents(spool) == [b"one"]
    assert logged == [
        f"{path}: 1 damaged lines are dropped ({path}.rejected: it is a symbolic link; name the file itself)"
    ]
    assert not (tmp_path / "elsewhere").exists()
    spool.close()


@given(sizes=st.lists(st.integers(0, 150), min_size=1, max_size=20))
def test_the_file_of_rejects_is_bounded_and_has_the_newest(sizes):
    with TemporaryDirectory() as folder:
        rejected = Path(folder) / "rejected"
        for number, size in enumerate(sizes):
            line = b"%d:" % number + b"x" * size
            append_rejected(str(rejected), [line], max_bytes=100)
            assert rejected.read_bytes().endswith(line[:99] + b"\n")
            assert rejected.stat().st_size <= 100
        assert rejected.stat().st_mode & 0o777 == 0o600
