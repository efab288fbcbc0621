"""Requests of remote-write are read as they were encoded, and anything else is refused by one error."""

import math
import struct
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.http.intake import remote_write
from monitor.adapters.http.intake.remote_write import Labels, RemoteWrite
from monitor.domain.errors import InvalidInput
from tests.remote_writes import STALE, Series, body, field, message, packed, varint

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
labels = st.dictionaries(names, st.text(st.characters(codec="utf-8"), max_size=200), max_size=6)
times = st.integers(-(2**63), 2**63 - 1)
points = st.lists(st.tuples(times, st.floats()), min_size=1, max_size=4)
requests = st.lists(st.tuples(labels, points), max_size=6)


def reader() -> RemoteWrite[Labels]:
    return RemoteWrite(lambda found: found)


def problem(content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        reader().read(content)
    return caught.value.problems["body"].code


def bits(series: Iterable[Series]) -> list[object]:
    """Return what can be compared: NaN equals nothing. Protobuf keeps no sign of a zero."""
    return [(dict(each), [(at, struct.pack("<d", value or 0.0)) for at, value in found]) for each, found in series]


def refused(content: bytes) -> list[str]:
    """Return the fields of the error, if there is one."""
    try:
        reader().read(content)
    except InvalidInput as error:
        return [*error.problems]
    return []


@given(requests)
def test_reads_what_was_encoded(series: list[Series]):
    """To the last bit: the mark of an ended series is one of many NaN. Again with the labels known."""
    known = reader()
    for _ in range(2):
        found: list[Series] = list(known.read(body(series)))
        assert bits(
            [(each, [(at, value + 0.0 if value == 0 else value) for at, value in p]) for each, p in series]
        ) == bits(found)


POOL = [
    {"__name__": "up", "instance": "10.0.0.5:9100", "job": "node"},
    {"__name__": "node_load1", "instance": "10.0.0.5:9100", "job": "node"},
    {"__name__": "node_load1", "instance": "10.0.0.6:9100", "job": "node"},
    {"__name__": "unused", "instance": "10.0.0.5:9100", "job": "node"},
    {"__name__": "unused", "instance": "10.0.0.6:9100", "path": "x" * 140},
    {"__name__": "long", "path": "x" * 300},
    {"instance": "10.0.0.5:9100"},
    {},
]
NOW = 1_893_495_600_000
usual_points = st.tuples(st.sampled_from([NOW, NOW + 15_000, 1, 0, -1]), st.sampled_from([0.0, 1.0, STALE]))
known_series = st.tuples(st.sampled_from(POOL), st.lists(usual_points, max_size=2).map(tuple))
one_time = st.tuples(st.sampled_from(POOL), st.tuples(st.tuples(st.just(NOW), st.floats(allow_nan=False))))
sequences = st.lists(st.lists(one_time | known_series, max_size=8), min_size=1, max_size=4)


def outcome(reads: RemoteWrite[Labels], content: bytes) -> object:
    """Return what is read, or the error."""
    try:
        return bits(reads.read(content))
    except InvalidInput as error:
        return error.problems


@given(sequences, st.data())
def test_what_is_remembered_changes_nothing_that_is_read(sequence: list[list[Series]], data: st.DataObject):
    """Of any sequence of requests, also of those that are cut or changed."""
    known = reader()
    for series in sequence:
        whole = message(series)
        content = bytearray(whole)
        if content and data.draw(st.booleans()):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        cut = content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))]
        for each in (whole, bytes(cut)):
            assert outcome(reader(), packed(each)) == outcome(known, packed(each))


@given(sequences)
def test_metrics_that_are_left_out_hide_no_other(sequence: list[list[Series]]):
    known = RemoteWrite(used)
    for series in sequence:
        assert outcome(RemoteWrite(used), body(series)) == outcome(known, body(series))


rows = st.tuples(
    st.sampled_from(["used", "other", *["unused"] * 20]), st.sampled_from(["a", "bb"]), st.sampled_from([0.0, 1.0])
)
rows_of_scrapes = st.lists(st.lists(rows, max_size=80), min_size=1, max_size=3)


@given(rows_of_scrapes, st.data())
def test_runs_that_are_left_out_hide_no_other(scrapes: list[list[tuple[str, str, float]]], data: st.DataObject):
    """However they change from request to request: what a new reader accepts is read as it reads it."""
    known = RemoteWrite(used)
    for scrape in scrapes:
        whole = message([({"__name__": name, "path": path}, [(NOW, value)]) for name, path, value in scrape])
        changed = bytearray(whole)
        if whole:
            changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        for each in (whole, whole, whole[: data.draw(st.integers(0, len(whole)))], bytes(changed)):
            expected = outcome(RemoteWrite(used), packed(each))
            found = outcome(known, packed(each))
            assert expected == found or (each == changed and isinstance(expected, dict))


def used(found: Labels) -> Labels | None:
    return found if not found.get("__name__", "").startswith("unused") else None


def test_a_series_that_ends_within_its_first_label_is_refused():
    """Also if the label is known, and complete with what follows."""
    known, name = RemoteWrite(used), {"__name__": "unused_by_anybody", "path": "x" * 40}
    whole = message([({"__name__": "used"}, [(NOW, 1.0)]), (name, [(NOW, 1.0)]), ({"__name__": "used"}, [(NOW, 1.0)])])
    known.read(packed(whole))
    label = field(1, field(1, b"__name__") + field(2, b"unused_by_anybody"))
    at = whole.index(label)
    broken = whole[: at - 1] + bytes([len(label) - 1]) + whole[at:]
    assert outcome(RemoteWrite(used), packed(broken)) == outcome(known, packed(broken))


@pytest.mark.parametrize("samples", [[(NOW, 1.0)], [(NOW, 0.0)], [(NOW, 1.0), (NOW, 2.0)]])
def test_limits_are_those_of_labels_that_are_new(samples: list[tuple[int, float]], monkeypatch: pytest.MonkeyPatch):
    known = reader()
    known.read(body([(POOL[0], samples)]))
    limits = {"MAX_SERIES": "too_many_series", "MAX_SAMPLES": "too_many_samples"}
    for limit, code in limits.items():
        monkeypatch.setattr(remote_write, limit, 10)
        fits = 10 // len(samples) if limit == "MAX_SAMPLES" else 10
        for count in (fits, fits + 1):
            content = body([(POOL[0], samples)] * count)
            assert outcome(reader(), content) == outcome(known, content)
        with pytest.raises(InvalidInput) as caught:
            known.read(body([(POOL[0], samples)] * (fits + 1)))
        assert code == caught.value.problems["body"].code
        monkeypatch.setattr(remote_write, limit, 1_000)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_the_one_error(content: bytes):
    assert refused(content) in ([], ["body"])
    assert refused(packed(content)) in ([], ["body"])


@given(requests, st.data())
def test_a_request_that_is_cut_or_changed_is_a_request_or_the_one_error(series: list[Series], data: st.DataObject):
    content = bytearray(message(series))
    if content:
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    assert refused(packed(cut)) in ([], ["body"])


def test_a_length_of_gigabytes_is_refused_before_anything_is_unpacked():
    assert "too_large_unpacked" == problem(varint(2**32 - 1) + b"\x00")
    assert "too_large_unpacked" == problem(varint(remote_write.MAX_BYTES + 1) + b"\x00" * 100)
    assert "too_large_unpacked" == problem(varint(10_000_000_000) + b"\x00")
    assert "not_snappy" == problem(b"\xff" * 10)


def test_a_short_body_that_unpacks_to_much_is_refused():
    bomb = packed(b"\x00" * (remote_write.MAX_BYTES + 1))
    assert len(bomb) < remote_write.MAX_PACKED
    assert "too_large_unpacked" == problem(bomb)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "required"),
        (b"abc", "not_snappy"),
        (packed(b"\x0a\xff"), "not_remote_write"),
        (packed(b"\x0a\x80"), "not_remote_write"),
        (packed(b"\xff" * 11), "not_remote_write"),
        (packed(b"\x08\x01"), "not_remote_write"),
        (packed(b"\x0b\x0c"), "not_remote_write"),
        (packed(field(1, field(1, field(1, b"a") + field(2, b"\xff")))), "invalid_encoding"),
        (packed(field(1, field(1, field(1, b"a" * 1025)))), "label_too_long"),
        (packed(field(1, field(1, field(1, b"a") + field(2, b"b" * 4097)))), "label_too_long"),
        (packed(field(1, field(1, field(1, b"a")) * 2)), "invalid_labels"),
        (packed(field(1, b"".join(field(1, field(1, b"%d" % n)) for n in range(129)))), "invalid_labels"),
        (packed(field(1, field(2, b"\x09" + b"\x00" * 7))), "not_remote_write"),
        (packed(field(1, b"") * (remote_write.MAX_SERIES + 1)), "too_many_series"),
        (packed(field(1, field(2, b"") * (remote_write.MAX_SAMPLES + 1))), "too_many_samples"),
        (packed(b"\x78\x01" * (remote_write.MAX_FIELDS + 1)), "too_many_fields"),
        (packed(field(1, b"\x78\x01" * remote_write.MAX_FIELDS * 3)), "too_many_fields"),
        (packed(field(1, field(1, b"\x78\x01" * (remote_write.MAX_FIELDS + 1)))), "too_many_fields"),
        (packed(field(1, field(2, b"\x78\x01" * remote_write.MAX_FIELDS * 3))), "too_many_fields"),
        (packed(field(1, b"\x0a\x00" * remote_write.MAX_FIELDS * 3)), "too_many_fields"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, code: str):
    assert code == problem(content)


def test_metadata_and_what_later_versions_add_are_passed_over():
    more = field(3, b"metadata") + b"\x28\x01" + b"\x31" + b"\x00" * 8 + b"\x3d" + b"\x00" * 4
    labels = {"__name__": "up"}
    content = packed(more + message([(labels, [(1, 2.0)])]) + more)
    assert [(labels, [(1, 2.0)])] == reader().read(content)


def test_labels_after_the_samples_count_too():
    series = field(2, b"\x10\x01") + field(1, field(1, b"__name__") + field(2, b"up"))
    assert [({"__name__": "up"}, [(1, 0.0)])] == reader().read(packed(field(1, series)))


def test_the_mark_of_an_ended_series_is_no_number():
    [(_, [(_, value)])] = reader().read(body([({"__name__": "up"}, [(1, STALE)])]))
    assert math.isnan(value)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_write, "REMEMBERED", 10)
    known = reader()
    for number in range(100):
        assert [({"n": str(number)}, [(1, 1.0)])] == known.read(body([({"n": str(number)}, [(1, 1.0)])]))
    assert len(known._known) <= 10


def test_the_labels_that_are_remembered_take_a_bounded_number_of_bytes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_write, "REMEMBERED_BYTES", 1_000_000)
    known = reader()
    tracemalloc.start()
    for number in range(20):
        series: list[Series] = [({"a": f"{number}-{each}".ljust(1_800, "x")}, [(1, 1.0)]) for each in range(100)]
        known.read(body(series))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 4_000_000
