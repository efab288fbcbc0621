"""A new epoch begins whenever the store may have lost something, however many processes watch it."""

from dataclasses import dataclass, field
from itertools import count

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from monitor.domain.intake.epochs import AHEAD, PATIENCE, EpochMark, Watch

ONE = ("server", "server")


def looked(watch: Watch, found: EpochMark | None, *, times: int = 1, servers: tuple[str, str] = ONE) -> Watch:
    """Return what a process remembers after it has looked at *found*, which nobody changes, so many times."""
    for _ in range(times):
        watch, mark = watch.look(found, servers, "fresh")
        found = mark or found
    return watch


def test_a_new_store_gets_an_epoch_at_once():
    watch, mark = Watch().look(None, ONE, "fresh")
    assert EpochMark("fresh", 1) == mark
    assert watch.is_watching


def test_a_process_that_starts_alone_begins_an_epoch_soon():
    """Whatever happened to the store before: a backup may have been restored."""
    found = EpochMark("before", 7)
    watch = Watch()
    for _ in range(PATIENCE):
        watch, mark = watch.look(found, ONE, "fresh")
        assert mark is None
        assert watch.seen == found
    _, mark = watch.look(found, ONE, "fresh")
    assert EpochMark("fresh", 8) == mark


def test_a_process_that_starts_beside_one_that_watches_takes_its_epoch():
    watch = looked(Watch(), EpochMark("theirs", 7))
    _, mark = watch.look(EpochMark("theirs", 8), ONE, "fresh")
    assert EpochMark("theirs", 9) == mark


def test_while_all_is_well_the_epoch_stays():
    watch = looked(Watch(), None, times=100)
    assert EpochMark("fresh", 100) == watch.seen


def test_a_number_that_fell_begins_an_epoch():
    watch = looked(Watch(), None, times=100)
    _, mark = watch.look(EpochMark("fresh", 60), ONE, "fresher")
    assert EpochMark("fresher", 100 + AHEAD) == mark


def test_another_server_begins_an_epoch_whichever_connection_meets_it():
    watch = looked(Watch(), None)
    assert watch.seen is not None
    for servers in (("other", "server"), ("server", "other")):
        _, mark = watch.look(watch.seen, servers, "fresher")
        assert mark is not None
        assert mark.epoch.startswith("fresher.")


def test_a_connection_that_is_not_there_yet_is_no_other_server():
    watch = looked(Watch(), None, servers=("", "server"))
    for servers in (("server", "server"), ("", "server"), ("server", "server")):
        watch = looked(watch, watch.seen, servers=servers)
        assert watch.seen is not None
        assert "fresh" == watch.seen.epoch
    _, mark = watch.look(watch.seen, ("other", "server"), "fresher")
    assert mark is not None
    assert mark.epoch.startswith("fresher.")


def test_who_moved_in_the_same_way_takes_over_the_epoch_of_another():
    before = EpochMark("before", 7)
    one, other = (looked(Watch(), before, times=PATIENCE + 1, servers=("a", "a")) for _ in range(2))
    assert one.seen is not None
    one, begun = one.look(one.seen, ("a", "b"), "first")
    other, taken = other.look(begun, ("b", "b"), "second")
    assert begun is not None
    assert taken is not None
    assert begun.epoch.startswith("first.")
    assert begun.epoch == taken.epoch
    _, mark = one.look(taken, ("b", "b"), "third")
    assert mark is not None
    assert begun.epoch == mark.epoch, "its other connection was opened anew"


def test_who_moved_in_another_way_begins_one():
    """What was acknowledged there may be lost, too, and the process that did may be gone."""
    watch = looked(Watch(), EpochMark("before", 7), times=PATIENCE + 1, servers=("a", "a"))
    assert watch.seen is not None
    elsewhere = Watch(seen=watch.seen, servers=("c", "c"), is_watching=True)
    _, begun = elsewhere.look(watch.seen, ("b", "b"), "first")
    _, mark = watch.look(begun, ("b", "b"), "second")
    assert mark is not None
    assert mark.epoch.startswith("second.")


def test_a_second_move_begins_a_second_epoch():
    watch = looked(Watch(), None, servers=("a", "a"))
    for number, server in enumerate(("b", "a", "b", "c")):
        assert watch.seen is not None
        watch, mark = watch.look(watch.seen, ("", server), f"epoch-{number}")
        assert mark is not None
        assert mark.epoch.startswith(f"epoch-{number}.")


@given(
    processes=st.integers(1, 5),
    lag=st.integers(0, 3),
    order=st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=20, max_size=60),
)
def test_one_fail_over_begins_one_epoch(processes: int, lag: int, order: list[tuple[int, bool]]):
    """However many processes move, in whatever order their connections do, and how far behind the new server is.

    As long as none of them looks at the old one any more.
    """
    fresh, mark, copies = count(), EpochMark("before", 7), [EpochMark("before", 7)]
    watches = [looked(Watch(), mark, times=PATIENCE + 1, servers=("a", "a")) for _ in range(processes)]
    intakes = ["a"] * processes
    for place in [*range(processes)] * 3:
        watches[place], written = watches[place].look(mark, ("a", "a"), f"early-{next(fresh)}")
        copies.append(mark := written or mark)
    agreed = mark.epoch
    assert {agreed} == {watch.seen.epoch for watch in watches if watch.seen is not None}
    mark = copies[-1 - lag]
    seen = {agreed}
    for place, reports in [*order, *((place, True) for place in [*range(processes)] * 3)]:
        if place >= processes:
            continue
        if reports:
            intakes[place] = "b"
        before = watches[place].seen
        watches[place], written = watches[place].look(mark, (intakes[place], "b"), f"epoch-{next(fresh)}")
        assert written is not None
        if before is not None and before.epoch != written.epoch:
            intakes[place] = ""
        seen.add(written.epoch)
        mark = written
    assert 2 == len(seen)


@dataclass(slots=True)
class Process:
    """*epoch*: what it answers with. *intake*, *poll*: the servers of its connections."""

    epoch: str
    watch: Watch = field(default_factory=Watch)
    intake: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    mark: EpochMark | None
    samples: frozenset[int]


class Installation(RuleBasedStateMachine):
    """Processes on one database that loses samples in each way that there is."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count()
        self.server = "server-0"
        self.mark: EpochMark | None = None
        self.samples: dict[int, str] = {}
        """Stored ones, and the epoch that each was acknowledged with."""
        self.lost: list[str] = []
        """The epochs that lost samples were acknowledged with."""
        self.copies: list[Copy] = []
        self.processes: list[Process] = []

    def fresh(self) -> str:
        return f"epoch-{next(self.numbers)}"

    @precondition(lambda self: len(self.processes) < 3)
    @rule(looks=st.booleans())
    def start(self, looks: bool) -> None:
        self.processes.append(process := Process(self.fresh()))
        if looks:
            self.look(process)

    @precondition(lambda self: self.processes)
    @rule(place=st.integers(0, 2))
    def kill(self, place: int) -> None:
        del self.processes[place % len(self.processes)]

    @precondition(lambda self: self.processes)
    @rule(place=st.integers(0, 2), times=st.integers(1, 4))
    def look_at_it(self, place: int, times: int) -> None:
        for _ in range(times):
            self.look(self.processes[place % len(self.processes)])

    def look(self, process: Process) -> None:
        servers = process.intake, self.server
        process.watch, mark = process.watch.look(self.mark, servers, self.fresh())
        self.mark = mark or self.mark
        assert process.watch.seen is not None
        if process.epoch != process.watch.seen.epoch:
            process.intake = ""  # opened anew
        process.epoch = process.watch.seen.epoch

    @precondition(lambda self: self.processes)
    @rule(place=st.integers(0, 2))
    def acknowledge(self, place: int) -> None:
        process = self.processes[place % len(self.processes)]
        self.samples[next(self.numbers)] = process.epoch
        process.intake = self.server

    @precondition(lambda self: self.processes)
    @rule(place=st.integers(0, 2))
    def acknowledge_on_a_connection_to_a_server_that_was_left(self, place: int) -> None:
        process = self.processes[place % len(self.processes)]
        if process.intake not in ("", self.server):
            self.lost.append(process.epoch)

    @rule()
    def copy(self) -> None:
        self.copies.append(Copy(self.mark, frozenset(self.samples)))

    @precondition(lambda self: self.copies)
    @rule(place=st.integers(0, 20))
    def restore_while_all_are_stopped(self, place: int) -> None:
        self.processes.clear()
        self.become(self.copies[place % len(self.copies)])

    @precondition(lambda self: self.copies)
    @rule(place=st.integers(0, 20))
    def restore_while_they_run(self, place: int) -> None:
        copy = self.copies[place % len(self.copies)]
        number = 0 if copy.mark is None else copy.mark.number
        # Each process has looked since the copy was made. Where none watches, there is no such hurry.
        if all(
            number < process.watch.seen.number + (not process.watch.is_watching)
            for process in self.processes
            if process.watch.seen is not None
        ):
            self.become(copy)

    @precondition(lambda self: self.copies)
    @rule(place=st.integers(0, 20))
    def fail_over(self, place: int) -> None:
        """To a server that is some commits behind."""
        self.server = f"server-{next(self.numbers)}"
        self.become(self.copies[place % len(self.copies)])

    @rule()
    def fail_over_to_one_that_lacks_the_last_samples(self) -> None:
        self.server = f"server-{next(self.numbers)}"
        self.become(Copy(self.mark, frozenset(list(self.samples)[:-2])))

    def become(self, copy: Copy) -> None:
        self.lost += [epoch for sample, epoch in self.samples.items() if sample not in copy.samples]
        self.samples = {sample: epoch for sample, epoch in self.samples.items() if sample in copy.samples}
        self.mark = copy.mark

    @rule()
    def after_some_seconds_no_process_answers_with_an_epoch_that_lost_something(self) -> None:
        for _ in range(PATIENCE + 2):
            for process in self.processes:
                self.look(process)
        assert {process.epoch for process in self.processes}.isdisjoint(self.lost)
        assert len({process.epoch for process in self.processes}) <= 1


TestInstallation = Installation.TestCase
