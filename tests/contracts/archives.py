"""Fixtures: `archive`, an empty one, and `settle`, which waits until it shows what was stored."""

import struct
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.application.history.blocks import Block
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame, Values, is_same
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS, rolled_up
from monitor.domain.times import SECOND
from tests.examples import examples

ONE, TWO = ServerId(1), ServerId(2)
A_HOUR = 475_000
"""In 2024: a real archive takes nothing from the future."""
START = A_HOUR * HOUR
ODD = [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, -1e-9, 2.0**53, 2.0**53 - 1, 123456789.123456789, 1 / 3, 0.0]


def a_frame(hour: int = A_HOUR, count: int = 240) -> Frame:
    """Samples as an agent sends them, with gaps in a column."""
    times = [hour * HOUR + n * 15 * SECOND for n in range(count)]
    return Frame(
        times,
        {
            "cpu": [n % 101 + 0.25 for n in range(count)],
            "memory": [50.1] * count,
            "disk:/": [None if n % 3 else float(n) for n in range(count)],
            DECLARED: [15.0] * count,
        },
    )


@st.composite
def odd_frames(draw: st.DrawFn) -> Frame:
    """Times to the microsecond, some within one millisecond, and values with all their bits."""
    near = st.integers(0, 3000) | st.integers(HOUR - 3000, HOUR - 1) | st.integers(0, HOUR - 1)
    times = sorted(START + at for at in draw(st.sets(near, min_size=1, max_size=12)))
    value = st.sampled_from(ODD) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 100).map(float)
    column = st.lists(st.none() | value, min_size=len(times), max_size=len(times))
    return Frame(times, draw(st.dictionaries(st.sampled_from(["cpu", 'a "b"\\{}', "磁盘", DECLARED]), column)))


class ArchiveContract:
    def test_a_block_is_read_as_it_was_stored(self, archive, settle):
        blocks = {Block(ONE, 0, A_HOUR, 1): a_frame(), Block(ONE, 0, A_HOUR + 1, 1): a_frame(A_HOUR + 1, 3)}
        for width, span in ROLLUP_SPANS.items():
            block = Block(ONE, width, A_HOUR * 3600 // span, 1)
            blocks[block] = rolled_up(a_frame())
        archive.store(blocks)
        settle()
        found = archive.read(list(blocks))
        assert found.keys() == blocks.keys()
        assert all(is_same(found[block], frame) for block, frame in blocks.items())

    def test_columns_are_read_by_name(self, archive, settle):
        """Of unknown ones there is nothing; without names there are still the times."""
        block, frame = Block(ONE, 0, A_HOUR, 1), a_frame()
        archive.store({block: frame})
        settle()
        assert archive.read([block], ())[block].times == frame.times
        found = archive.read([block], ["disk:/", "nothing"])[block]
        assert is_same(found, Frame(frame.times, {"disk:/": frame.columns["disk:/"]}))

    def test_blocks_of_many_servers_are_read_at_once(self, archive, settle):
        blocks = {Block(ServerId(n), 0, A_HOUR, 1 + n % 3): a_frame(count=1 + n % 4) for n in range(1, 450)}
        archive.store(blocks)
        settle()
        found = archive.read(blocks)
        assert found.keys() == blocks.keys()
        assert all(is_same(found[block], frame) for block, frame in blocks.items())

    def test_what_is_not_there_is_missing(self, archive, settle):
        archive.store({Block(ONE, 0, A_HOUR, 1): a_frame()})
        settle()
        others = [Block(ONE, 0, A_HOUR + 1, 1), Block(ONE, 0, A_HOUR, 2), Block(TWO, 0, A_HOUR, 1)]
        assert archive.read([*others, Block(ONE, 600, 20_625, 1)]) == {}
        assert archive.read([]) == {}
        archive.store({})

    def test_storing_again_does_no_harm(self, archive, settle):
        """Also where a part of it was stored before."""
        block, frame = Block(ONE, 0, A_HOUR, 1), a_frame()
        archive.store({block: frame.part(slice(0, 100))})
        settle()
        found = archive.read([block])
        assert not is_same(found[block], frame)
        archive.store({block: frame})
        archive.store({block: frame})
        settle()
        assert is_same(archive.read([block])[block], frame)

    def test_a_generation_replaces_nothing(self, archive, settle):
        frames = {Block(ONE, 0, A_HOUR, n): a_frame(count=10 * n) for n in (1, 2)}
        archive.store(frames)
        settle()
        assert all(is_same(archive.read([block])[block], frame) for block, frame in frames.items())

    def test_a_server_is_forgotten(self, archive, settle):
        blocks = [Block(server, width, A_HOUR, 1) for server in (ONE, TWO) for width in (0, 3600)]
        archive.store({block: a_frame() for block in blocks if block.width == 0})
        archive.store(
            {
                block: Frame([block.period * ROLLUP_SPANS[3600] * SECOND], {"cpu n": [1.0]})
                for block in blocks
                if block.width
            }
        )
        settle()
        archive.forget([ONE, ServerId(9)])
        archive.forget([])
        settle()
        assert {block.server_id for block in archive.read(blocks)} == {TWO}

    def test_it_says_how_long_it_keeps_and_how_large_it_is(self, archive, settle):
        archive.store({Block(ONE, 0, A_HOUR, 1): a_frame()})
        settle()
        assert archive.keeps() is None or archive.keeps() > timedelta(days=36_000)
        assert archive.size() > 0

    @pytest.fixture
    def generations(self):
        """One for each example: the archive is not emptied between them."""
        return iter(range(1, 10_000))

    @settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(frames=st.lists(odd_frames(), min_size=1, max_size=20))
    def test_every_bit_returns(self, archive, settle, generations, frames):
        blocks = {Block(ONE, 0, A_HOUR, next(generations)): frame for frame in frames}
        archive.store(blocks)
        settle()
        found = archive.read(blocks)
        for block, frame in blocks.items():
            assert is_same(found[block], frame)
            for name in found[block].columns:
                assert bits(found[block].column(name)) == bits(frame.column(name))


def bits(values: Values) -> list[bytes | None]:
    return [None if value is None else struct.pack(">d", value) for value in values]
