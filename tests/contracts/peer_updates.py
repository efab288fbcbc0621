from monitor.application.operations.ports import PeerUpdate
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import LiveUpdate
from monitor.domain.intake.samples import Process
from tests.contracts.builders import AT, MICROSECOND, SECOND, NewUow, a_sample

ONE = ServerId(1)
HEARD = (
    LiveUpdate(
        ONE,
        a_sample(
            ONE,
            AT + MICROSECOND,
            received_at=AT + SECOND,
            extra={"load1": 0.7, "disk:/var": 81.0},
            interval=15.0,
            processes=(Process("数据库 'x'", 12.5, 3.0),),
        ),
        AT + SECOND,
        interval=15.0,
        clock_skew=-90,
    ),
    LiveUpdate(ServerId(2), a_sample(ServerId(2)), AT),
    LiveUpdate(ServerId(3), None, None),
)


def write_updates(new_uow: NewUow, process: str, *numbers: int) -> None:
    with new_uow() as uow:
        for number in numbers:
            uow.peer_updates.add(process, PeerUpdate(number, HEARD))
        uow.commit()


def removed(new_uow: NewUow, process: str, before: int | None = None) -> None:
    with new_uow() as uow:
        uow.peer_updates.remove(process, before)
        uow.commit()


class PeerUpdatesContract:
    def test_a_process_without_updates_is_unknown(self, new_uow, queries):
        assert queries.peer_updates.newest(but="a") == {}
        assert queries.peer_updates.between("a", 0, 10) == []

    def test_newest_returns_the_last_number_of_the_other_processes(self, new_uow, queries):
        write_updates(new_uow, "a", 1, 2)
        write_updates(new_uow, "b", 2**40, 7)
        assert queries.peer_updates.newest(but="c") == {"a": 2, "b": 2**40}
        assert queries.peer_updates.newest(but="a") == {"b": 2**40}

    def test_updates_are_read_as_they_were_written(self, new_uow, queries):
        write_updates(new_uow, "a", 1)
        (peer_update,) = queries.peer_updates.between("a", 0, 1)
        assert (peer_update.number, tuple(peer_update.heard)) == (1, HEARD)

    def test_an_update_may_be_empty(self, new_uow, queries):
        with new_uow() as uow:
            uow.peer_updates.add("a", PeerUpdate(1, []))
            uow.commit()
        (peer_update,) = queries.peer_updates.between("a", 0, 1)
        assert list(peer_update.heard) == []

    def test_between_returns_updates_in_order(self, new_uow, queries):
        write_updates(new_uow, "a", 5, 3, 1, 2)
        write_updates(new_uow, "b", 4)
        assert [peer_update.number for peer_update in queries.peer_updates.between("a", 1, 4)] == [2, 3]

    def test_updates_are_removed_before_a_number_or_all(self, new_uow, queries):
        write_updates(new_uow, "a", 1, 2, 3)
        write_updates(new_uow, "b", 1)
        removed(new_uow, "a", before=3)
        assert [peer_update.number for peer_update in queries.peer_updates.between("a", 0, 9)] == [3]
        removed(new_uow, "a")
        removed(new_uow, "a")
        assert queries.peer_updates.newest(but="c") == {"b": 1}

    def test_an_update_that_was_not_committed_is_not_read(self, new_uow, queries):
        with new_uow() as uow:
            uow.peer_updates.add("a", PeerUpdate(1, HEARD))
        assert queries.peer_updates.newest(but="b") == {}
