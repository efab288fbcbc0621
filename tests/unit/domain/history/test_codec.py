"""Chunks restore values to the last bit."""

import struct
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.domain.history.codec import BrokenChunk, decode, encode
from monitor.domain.history.frames import DECLARED, Frame
from tests.unit.domain.history.frames import frames


def bits(frame: Frame) -> tuple[list[int], dict[str, list[bytes | None]]]:
    """Return a value that is equal only if every bit is: -0.0 == 0.0."""
    columns = {
        name: [None if value is None else struct.pack("d", value) for value in values]
        for name, values in frame.columns.items()
    }
    return list(frame.times), columns


@given(frame=frames(), split=st.booleans())
@example(frame=Frame([], {}), split=True)
@example(frame=Frame([7], {"cpu": [0.0], "gone": [None]}), split=True)
def test_a_decoded_frame_equals_the_encoded_one(frame: Frame, split: bool) -> None:
    assert bits(decode(encode(frame, split=split))) == bits(frame)


@given(frame=frames(), wanted=st.sets(st.integers(0, 3)))
def test_some_columns_are_read_without_the_others(frame: Frame, wanted: set[int]) -> None:
    names = [name for place, name in enumerate(frame.columns) if place in wanted]
    expected = Frame(frame.times, {name: frame.columns[name] for name in names})
    assert bits(decode(encode(frame), names)) == bits(expected)


@given(frame=frames(), data=st.data())
def test_truncated_bytes_are_refused(frame: Frame, data: st.DataObject) -> None:
    whole = encode(frame)
    with pytest.raises(BrokenChunk):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_another_version_is_refused() -> None:
    with pytest.raises(BrokenChunk, match="version 03"):
        decode(b"\3" + encode(Frame())[1:])


def test_bytes_of_version_1_stay_readable() -> None:
    """Bytes on disks must stay readable for years."""
    frame = Frame(
        [1_700_000_000_000_000 + n * 15_000_000 + n % 3 * 1000 for n in range(8)],
        {"cpu": [12.5, 13.25, 11.0, 99.99, 12.0, 12.75, 0.0, 12.5], "load1": [0.7, None, 0.1 + 0.2, None, 1, 2, 3, 4]},
    )
    kept = bytes.fromhex(
        "0178bb345c17bf7313606a58b0fadfcfa44daf18199858181858d8920b4a055898448e0873e5e427a618f2c83130fc6560f8cbc0c0f09fe33fc33f86f569260c0c0c0c69c6f8c867973f307008d8dbdb3b383800004ec617fa0004bdaa2df3819c7800"
    )
    assert decode(kept) == frame


def test_bytes_of_version_2_stay_readable() -> None:
    frame = Frame(
        [1_700_000_000_000_000 + n * 15_000_000 for n in range(4)],
        {"cpu": [12.5, 13.25, 11.0, 99.99], "load1": [0.7, None, 0.1 + 0.2, 4], DECLARED: [15.0] * 4},
    )
    kept = bytes.fromhex(
        "0278bbcc8425998be260683832ff2a8f1c031303031b5b724129070b93d82d1188696c7208e51c0c0c72ff19feb370a79930a419a3a0679705eced1d00df1613b40f6a0038f9e2"
    )
    assert decode(kept) == frame


def test_a_constant_interval_takes_few_bytes() -> None:
    """For an hour at 15 seconds, 240 samples."""
    times, random = [n * 15_000_000 for n in range(240)], Random(1)  # noqa: S311 (not for secrets)
    columns = {name: [random.randrange(1000) / 10 for _ in times] for name in ("cpu", "memory", "disk")}
    declared = Frame(times, columns | {DECLARED: [15.0] * 240})
    assert len(encode(declared)) - len(encode(Frame(times, columns))) <= 6
    assert decode(encode(declared), ["cpu", DECLARED]).columns == {"cpu": columns["cpu"], DECLARED: [15.0] * 240}


def test_a_quiet_hour_of_three_values_takes_sixty_bytes() -> None:
    """Regular times and constant values compress to almost nothing."""
    times = [1_700_000_000_000_000 + n * 15_000_000 for n in range(240)]
    frame = Frame(times, {name: [20.0] * 240 for name in ("cpu", "memory", "disk")})
    assert len(encode(frame)) < 60


def test_values_of_one_decimal_take_less_than_those_of_two() -> None:
    """Agents send one: a second decimal that is always 0 would take three bits each."""
    draw = Random(1)  # noqa: S311 (no secret: an hour of noise)
    times = [1_700_000_000_000_000 + n * 15_000_000 for n in range(240)]
    values = [draw.uniform(20, 60) for _ in times]
    one, two = (len(encode(Frame(times, {"cpu": [round(value, n) for value in values]}))) for n in (1, 2))
    assert two - one > 240 * 3 / 8
