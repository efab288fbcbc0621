"""A history in memory grows without a copy, and what readers hold never changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from monitor.adapters.memory.log import Log


class LogMachine(RuleBasedStateMachine):
    """Compare every version with a plain list of what it held when it was made."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: list[tuple[Log[int], list[int]]] = [(Log(), [])]

    @rule(rows=st.lists(st.integers(), max_size=4), data=st.data())
    def append(self, rows: list[int], data: st.DataObject) -> None:
        """Append to any version: after a rollback an older one is continued."""
        log, plain = data.draw(st.sampled_from(self.versions))
        self.versions.append((log.appended(rows), plain + rows))

    @invariant()
    def every_version_is_as_it_was(self) -> None:
        for log, plain in self.versions:
            assert len(log) == len(plain)
            assert list(log) == plain
            assert list(reversed(log)) == plain[::-1]


TestLog = LogMachine.TestCase


@given(st.lists(st.integers(), max_size=8), st.lists(st.integers(), max_size=3), st.slices(8))
def test_a_part_is_that_of_the_version_it_is_taken_from(rows, more, part):
    log = Log(rows)
    log.appended(more)
    assert log[part] == rows[part]
    for index in range(-len(rows), len(rows)):
        assert log[index] == rows[index]
    for index in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError):
            log[index]


def test_an_append_copies_nothing():
    log = Log(range(1_000))
    assert log.appended([1])._rows is log._rows
