from monitor.domain.intake.epochs import EpochMark
from tests.contracts.builders import NewUow
from tests.contracts.threads import at_once, until_no_conflict


def put(new_uow: NewUow, mark: EpochMark) -> None:
    with new_uow() as uow:
        uow.epochs.put(mark)
        uow.commit()


def found(new_uow: NewUow) -> EpochMark | None:
    with new_uow() as uow:
        return uow.epochs.get()


class EpochsContract:
    def test_a_new_store_has_no_mark(self, new_uow):
        assert found(new_uow) is None

    def test_the_last_mark_is_found(self, new_uow):
        put(new_uow, EpochMark("first", 1))
        put(new_uow, EpochMark("second", 2**40))
        assert EpochMark("second", 2**40) == found(new_uow)

    def test_a_mark_that_was_not_committed_does_not_count(self, new_uow):
        put(new_uow, EpochMark("first", 1))
        with new_uow() as uow:
            uow.epochs.put(EpochMark("second", 2))
        assert EpochMark("first", 1) == found(new_uow)

    def test_processes_that_raise_the_number_at_once_count_each_other(self, new_uow):
        put(new_uow, EpochMark("first", 1))

        def raise_it() -> None:
            with new_uow() as uow:
                mark = uow.epochs.get()
                assert mark is not None
                uow.epochs.put(mark._replace(number=mark.number + 1))
                uow.commit()

        at_once(*(lambda: until_no_conflict(raise_it) for _ in range(3)))
        assert EpochMark("first", 4) == found(new_uow)

    def test_the_server_is_the_same_for_each_unit_of_work(self, new_uow):
        with new_uow() as uow:
            server = uow.epochs.server()
        with new_uow() as uow:
            assert server == uow.epochs.server()
