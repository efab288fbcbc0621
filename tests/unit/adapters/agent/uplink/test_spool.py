"""The spool against a plain list, killed wherever a kill can fall."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from monitor.adapters.agent.uplink.spool import Spool

records = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=2, max_size=40).map(str.encode)


def contents(spool: Spool) -> list[bytes]:
    return list(spool.oldest(10**9, 10**9).records)


def silent(_line: str) -> None:
    """Nothing listens."""


class SpoolMachine(RuleBasedStateMachine):
    """The waiting samples are those appended and neither acknowledged nor retracted, also after a restart."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = str(Path(self.folder.name) / "agent.spool")
        self.spool = Spool(self.path, silent)
        self.model: list[bytes] = []
        self.last_is_waiting = False

    def teardown(self) -> None:
        self.spool.close()
        self.folder.cleanup()

    @rule(record=records)
    def append(self, record: bytes) -> None:
        self.spool.append(record)
        self.model.append(record)
        self.last_is_waiting = True

    @rule(limit=st.integers(1, 5), size=st.integers(1, 200), later=st.lists(records, max_size=3))
    def acknowledge(self, limit: int, size: int, later: list[bytes]) -> None:
        """Samples may arrive between the sending of a chunk and its answer."""
        chunk = self.spool.oldest(limit, size)
        assert list(chunk.records) == self.model[: len(chunk.records)]
        assert len(chunk.records) == 0 if not self.model else 1 <= len(chunk.records) <= limit
        assert sum(map(len, chunk.records)) <= size or len(chunk.records) == 1
        for record in later:
            self.append(record)
        self.spool.acknowledge(chunk)
        del self.model[: len(chunk.records)]
        self.last_is_waiting = self.last_is_waiting and bool(self.model)

    @rule()
    def retract(self) -> None:
        assert self.spool.retract() == self.last_is_waiting
        if self.last_is_waiting:
            self.model.pop()
        self.last_is_waiting = False

    @rule()
    def killed_and_started_again(self) -> None:
        self.spool.close()
        self.spool = Spool(self.path, silent)
        self.last_is_waiting = False

    @precondition(lambda self: not self.model)
    @rule()
    def takes_no_room_when_nothing_waits(self) -> None:
        assert Path(self.path).stat().st_size == 0

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert len(self.spool) == len(self.model)
        assert contents(self.spool) == self.model


TestSpoolMachine = SpoolMachine.TestCase


@given(kept=st.lists(records, min_size=1, max_size=6), acknowledged=st.integers(0, 6), data=st.data())
def test_a_write_torn_at_any_byte_loses_only_that_write(kept, acknowledged, data):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "agent.spool"
        spool = Spool(str(path), silent)
        for record in kept:
            spool.append(record)
        if acknowledged:
            spool.acknowledge(spool.oldest(acknowledged, 10**9))
        before, expected = path.read_bytes(), contents(spool)
        spool.append(data.draw(records))
        spool.close()
        line = path.read_bytes()[len(before) :]
        for cut in range(len(line)):
            path.write_bytes(before + line[:cut])
            reopened = Spool(str(path), silent)
            assert contents(reopened) == expected
            reopened.append(b"next")
            assert contents(reopened) == [*expected, b"next"]
            reopened.close()


@given(kept=st.lists(records, min_size=2, max_size=6), count=st.integers(1, 5))
def test_a_torn_acknowledgement_loses_no_sample(kept, count):
    """Samples are sent twice, and the server recognises them."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "agent.spool"
        spool = Spool(str(path), silent)
        for record in kept:
            spool.append(record)
        whole = path.read_bytes()
        spool.acknowledge(spool.oldest(min(count, len(kept) - 1), 10**9))
        spool.close()
        line = path.read_bytes()[len(whole) :]
        for cut in range(len(line)):
            path.write_bytes(whole + line[:cut])
            reopened = Spool(str(path), silent)
            assert contents(reopened) == kept
            reopened.close()


@example(sizes=[300] * 8, acknowledged=0)
@given(sizes=st.lists(st.integers(1, 300), min_size=1, max_size=60), acknowledged=st.integers(0, 20))
def test_a_full_spool_drops_the_oldest_and_stays_within_its_bound(sizes, acknowledged):
    logged: list[str] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "agent.spool"
        spool = Spool(str(path), logged.append, max_bytes=2_000)
        taken = [b"%d:" % number + b"x" * size for number, size in enumerate(sizes)]
        gone = 0
        for number, record in enumerate(taken):
            spool.append(record)
            if number == len(taken) // 2:
                before = len(spool)
                spool.acknowledge(spool.oldest(acknowledged or 1, 10**9))
                gone = before - len(spool)
            assert path.stat().st_size <= 2_000 + 30  # An acknowledgement may stand beyond it.
        left = contents(spool)
        assert left == taken[len(taken) - len(left) :]
        spool.close()
        reopened = Spool(str(path), silent)
        assert contents(reopened) == left
        reopened.close()
    dropped = sum(int(line.split("the ")[-1].split()[0]) for line in logged)
    assert dropped + gone + len(left) == len(taken)


def test_an_answer_to_dropped_samples_removes_no_others(tmp_path):
    spool = Spool(str(tmp_path / "agent.spool"), silent, max_bytes=1_000)
    for number in range(10):
        spool.append(b"%02d" % number + b"x" * 70)
    chunk = spool.oldest(3, 10**9)
    for number in range(10, 14):
        spool.append(b"%02d" % number + b"x" * 70)
    before = contents(spool)
    spool.acknowledge(chunk)
    assert contents(spool) == [record for record in before if record not in chunk.records]
    spool.close()


def test_only_the_owner_may_read_it(tmp_path):
    """It contains names of processes."""
    path = tmp_path / "agent.spool"
    Spool(str(path), silent).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_rest_of_a_killed_compaction_is_removed(tmp_path):
    (tmp_path / "agent.spool.new").write_bytes(b"half")
    Spool(str(tmp_path / "agent.spool"), silent).close()
    assert not (tmp_path / "agent.spool.new").exists()
