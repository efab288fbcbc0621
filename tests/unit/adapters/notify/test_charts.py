"""The last hour, as one line and as a picture."""

import struct
import zlib
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.notify.wording.chart import HEIGHT, WIDTH, Canvas, Trend, chart, sparkline, trend_of
from monitor.application.notifications.sender_ports import Point
from monitor.domain.levels import Level
from tests.unit.adapters.notify.messages import NOON, an_alert, an_hour, an_item

PAPER, AREA, LINE, LIMIT = range(4)


def course(values, metric="cpu", **changes) -> Trend:
    found = trend_of(an_item(alert=an_alert(metric=metric, **changes), last_hour=an_hour(values)))
    assert found is not None
    return found


def pixels(file: bytes) -> list[bytes]:
    """Rows of a PNG: every chunk is checked on the way."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, rest = {}, file[8:]
    while rest:
        size, kind = struct.unpack(">I4s", rest[:8])
        data, checksum = rest[8 : 8 + size], struct.unpack(">I", rest[8 + size : 12 + size])[0]
        assert checksum == zlib.crc32(kind + data)
        chunks[kind], rest = data, rest[12 + size :]
    assert [b"IHDR", b"PLTE", b"IDAT", b"IEND"] == list(chunks)
    width, height, depth, colour, *others = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (8, 3, [0, 0, 0]) == (depth, colour, others)
    raw = zlib.decompress(chunks[b"IDAT"])
    assert len(raw) == height * (width + 1)
    rows = [raw[y * (width + 1) : (y + 1) * (width + 1)] for y in range(height)]
    assert all(row[0] == 0 and max(row) * 3 < len(chunks[b"PLTE"]) for row in rows)
    return [row[1:] for row in rows]


def test_a_canvas_becomes_a_png():
    """And painting outside of it does nothing."""
    canvas = Canvas(3, 2, [(255, 255, 255), (1, 2, 3)])
    canvas.column(2, 1, 1, 1)
    canvas.column(3, 0, 1, 1)
    canvas.column(1, -5, -1, 1)
    canvas.column(1, 2, 9, 1)
    canvas.column(0, 5, -5, 1)
    assert [b"\1\0\0", b"\1\0\1"] == pixels(canvas.file())


def test_the_line_rises_with_the_values():
    """From the lower left to the upper right, the threshold dashed across, all of it small."""
    file = chart(course([float(value) for value in range(20, 80)]), Level.CRITICAL)
    rows = pixels(file)
    assert (WIDTH * 2, HEIGHT * 2) == (len(rows[0]), len(rows))
    heights = [next(y for y, row in enumerate(rows) if row[x] == LINE) for x in range(20, WIDTH * 2, 40)]
    assert heights == sorted(heights, reverse=True)
    assert len({row for row in rows if LIMIT in row}) == 1
    assert len(file) < 3000


def test_a_gap_is_a_gap():
    """There is neither line nor area where there was no sample."""
    points = [p for p in an_hour([50.0] * 60) if not timedelta(minutes=20) < NOON - p.at < timedelta(minutes=40)]
    found = trend_of(an_item(alert=an_alert(threshold=None), last_hour=points))
    assert found is not None
    rows = pixels(chart(found, Level.WARNING))
    assert {PAPER} == {row[WIDTH] for row in rows}
    line = sparkline(found)
    assert 30 == len(line)
    assert " " * 9 in line
    assert "▅▅▅▅" in line


def test_the_end_of_a_silent_hour_is_empty():
    """Time continues where samples end."""
    points = [Point(at=NOON - timedelta(minutes=60 - i), value=50.0) for i in range(20)]
    found = trend_of(an_item(last_hour=points))
    assert found is not None
    assert sparkline(found).endswith(" " * 19)


def test_too_little_to_draw():
    """One sample is no course, and neither are values that are none."""
    assert trend_of(an_item(last_hour=an_hour([1.0]))) is None
    assert trend_of(an_item(last_hour=[])) is None
    assert trend_of(an_item(last_hour=an_hour([float("nan"), 1.0]))) is None
    assert trend_of(an_item(at=NOON - timedelta(days=1))) is None


def test_percentages_stand_on_their_whole_scale():
    """3 % looks like little; a load of 3 fills the picture."""
    assert set("▁") == set(sparkline(course([3.0] * 60)))
    assert "█" in sparkline(course([1.0] * 30 + [3.0] * 30, metric="load1", threshold=None))
    assert course([1.0, 2.0], metric="load1", threshold=9.0).threshold is not None


@given(
    st.lists(st.tuples(st.integers(0, 3600), st.floats(allow_nan=True, allow_infinity=True)), max_size=40),
    st.none() | st.floats(allow_nan=False),
    st.sampled_from(["cpu", "load1"]),
    st.sampled_from(Level),
)
def test_any_course_can_be_drawn(samples, threshold, metric, level):
    """Flat, single-valued, huge, at one moment: never an error, always thirty bars and a sound file."""
    points = [Point(at=NOON - timedelta(seconds=ago), value=value) for ago, value in samples]
    found = trend_of(an_item(alert=an_alert(metric=metric, threshold=threshold), last_hour=points))
    if found is not None:
        assert 30 == len(sparkline(found))
        pixels(chart(found, level))
