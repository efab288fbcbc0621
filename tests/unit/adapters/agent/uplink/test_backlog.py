"""The backlog when the disk cannot be written."""

import errno

from monitor.adapters.agent.uplink.backlog import Backlog
from monitor.adapters.agent.uplink.spool import Chunk, Spool


class MoodySpool(Spool):
    """A spool on a disk that is full while *full* is set."""

    full = False

    def append(self, record: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().append(record)


def quiet(_line: str) -> None:
    """Nothing listens."""


def everything(backlog: Backlog) -> list[bytes]:
    waiting: list[bytes] = []
    while (chunk := backlog.oldest(2, 10**6)).records:
        waiting += chunk.records
        backlog.acknowledge(chunk)
    return waiting


def test_a_full_disk_is_logged_once_and_loses_nothing(tmp_path):
    logged: list[str] = []
    spool = MoodySpool(str(tmp_path / "s"), logged.append)
    backlog = Backlog(spool, logged.append)
    backlog.add(b"1")
    spool.full = True
    backlog.add(b"2")
    backlog.add(b"3")
    assert len(backlog) == 3
    spool.full = False
    backlog.add(b"4")
    assert everything(backlog) == [b"1", b"2", b"3", b"4"]
    assert logged == [
        "the spool cannot be written (No space left on device); samples are kept in memory",
        "the spool can be written again",
    ]
    backlog.close()


def test_memory_alone_keeps_the_newest_within_its_bound():
    logged: list[str] = []
    backlog = Backlog(None, logged.append, memory_bytes=100)
    for number in range(50):
        backlog.add(b"%010d" % number)
    assert everything(backlog) == [b"%010d" % number for number in range(40, 50)]
    assert logged == ["more than 100 bytes wait in memory: the oldest samples are dropped"]


def test_only_the_last_sample_can_be_retracted(tmp_path):
    for backlog in (Backlog(None, quiet), Backlog(Spool(str(tmp_path / "s"), quiet), quiet)):
        first, second = backlog.add(b"1"), backlog.add(b"2")
        backlog.retract(first)
        assert len(backlog) == 2
        backlog.retract(second)
        backlog.retract(second)
        assert everything(backlog) == [b"1"]


def test_a_sample_can_be_retracted_after_those_before_it_were_acknowledged(tmp_path):
    """It was taken while a batch was in flight, and then sent by itself."""
    for backlog in (Backlog(None, quiet), Backlog(Spool(str(tmp_path / "s"), quiet), quiet)):
        for number in range(5):
            backlog.add(b"%d" % number)
        chunk = backlog.oldest(3, 10**6)
        live = backlog.add(b"live")
        backlog.acknowledge(chunk)
        backlog.retract(live)
        assert everything(backlog) == [b"3", b"4"]


def test_an_answer_to_samples_dropped_from_memory_removes_no_others():
    backlog = Backlog(None, lambda _line: None, memory_bytes=40)
    for number in range(4):
        backlog.add(b"%010d" % number)
    chunk = backlog.oldest(2, 10**6)
    backlog.add(b"%010d" % 4)
    backlog.acknowledge(chunk)
    assert everything(backlog) == [b"%010d" % number for number in (2, 3, 4)]


def test_an_empty_backlog_has_nothing():
    assert Backlog(None, quiet).oldest(5, 100).records == ()
    Backlog(None, quiet).acknowledge(Chunk((), -1))
