"""Blocks as series of whole numbers, without a server."""

from hypothesis import given

from monitor.adapters.victoria.points import TIME, Line, frames_of, limits, lines_of
from monitor.application.history.blocks import Block
from monitor.domain.history.frames import Frame, is_same
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS
from monitor.domain.times import SECOND
from tests.contracts.archives import A_HOUR, ONE, START, a_frame, odd_frames

BLOCK = Block(ONE, 0, A_HOUR, 3)


def lines(frame: Frame, block: Block = BLOCK) -> dict[tuple[str, str], Line]:
    return {(line.metric["metric"], line.metric["scale"]): line for line in lines_of(block, frame)}


@given(odd_frames())
def test_every_bit_returns_from_whole_numbers(frame: Frame) -> None:
    made = [*lines_of(BLOCK, frame)]
    first, last = limits(BLOCK)
    for line in made:
        assert all(value == int(value) and abs(value) < 2**53 for value in line.values)
        assert [*line.timestamps] == sorted(set(line.timestamps))
        assert first <= line.timestamps[0] <= line.timestamps[-1] <= last
    assert is_same(frames_of(made * 2, [BLOCK])[BLOCK], frame)


def test_series_are_named_by_server_metric_scale_and_generation() -> None:
    found = lines(Frame([START], {"cpu": [12.5]}))["cpu", "2"]
    labels = {"__name__": "monitor_sample", "server": "1", "metric": "cpu", "scale": "2", "generation": "3"}
    assert (found.metric, [*found.values], [*found.timestamps]) == (labels, [1250], [START // 1000])
    rollup = Block(ONE, 600, START // SECOND // ROLLUP_SPANS[600], 1)
    found = lines(Frame([START], {"cpu n": [40.0]}), rollup)["cpu n", "2"]
    assert (found.metric["__name__"], found.metric["width"]) == ("monitor_rollup", "600")


def test_scales_are_few() -> None:
    """Two decimals for nearly everything; none for large counts; six for fractions; else all bits in two halves."""
    columns = {"a": [0.1], "b": [4e14], "c": [1e-6], "d": [1 / 3], "e": [-0.0]}
    assert sorted(lines(Frame([START], {name: [*values] for name, values in columns.items()}))) == sorted(
        [(TIME, "0"), ("a", "2"), ("b", "0"), ("c", "6"), *((n, half) for n in "de" for half in ("high", "low"))]
    )


def test_two_contents_under_one_name_are_no_block() -> None:
    made = [*lines_of(BLOCK, Frame([START], {"cpu": [1.0]})), *lines_of(BLOCK, Frame([START], {"cpu": [2.0]}))]
    assert frames_of(made, [BLOCK]) == {}


def test_a_series_in_parts_is_joined_and_cut_into_hours() -> None:
    """Export splits a long series wherever it likes."""
    other = Block(ONE, 0, A_HOUR + 1, 3)
    frames = {BLOCK: a_frame(), other: a_frame(A_HOUR + 1)}
    by_labels: dict[tuple[tuple[str, str], ...], list[tuple[int, float]]] = {}
    for block, frame in frames.items():
        for line in lines_of(block, frame):
            points = zip(line.timestamps, line.values, strict=True)
            by_labels.setdefault(tuple(line.metric.items()), []).extend(points)
    parts = [
        Line(dict(labels), [value for _, value in points[place]], [at for at, _ in points[place]])
        for labels, points in by_labels.items()
        for place in (slice(100, None), slice(0, 100))
    ]
    found = frames_of(parts, frames)
    assert all(is_same(found[block], frame) for block, frame in frames.items())


def test_points_beyond_the_end_move_back() -> None:
    """Many samples in the last millisecond of an hour."""
    times = [START + HOUR - 5 + n for n in range(5)]
    found = lines(Frame(times, {"cpu": [1.0] * 5}))["cpu", "2"].timestamps
    assert [*found] == [limits(BLOCK)[1] - 4 + n for n in range(5)]
