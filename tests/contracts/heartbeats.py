from tests.contracts.builders import NewUow
from tests.contracts.threads import at_once, until_no_conflict


def beaten(new_uow: NewUow, *processes: str) -> None:
    with new_uow() as uow:
        for process in processes:
            uow.heartbeats.beat(process)
        uow.commit()


def numbers(new_uow: NewUow) -> dict[str, int]:
    with new_uow() as uow:
        return uow.heartbeats.numbers()


class HeartbeatsContract:
    def test_a_new_store_has_no_process(self, new_uow):
        assert numbers(new_uow) == {}

    def test_each_beat_raises_the_number_of_its_process(self, new_uow):
        beaten(new_uow, "a", "b", "a")
        beaten(new_uow, "a")
        assert numbers(new_uow) == {"a": 3, "b": 1}

    def test_two_processes_may_begin_at_the_same_time(self, new_uow):
        at_once(*(lambda: until_no_conflict(lambda: beaten(new_uow, "a")) for _ in range(3)))
        assert numbers(new_uow) == {"a": 3}

    def test_a_process_is_ended_only_at_the_seen_number(self, new_uow):
        beaten(new_uow, "a", "a", "b")
        with new_uow() as uow:
            assert not uow.heartbeats.end("a", 1)
            assert not uow.heartbeats.end("nobody", 1)
            assert not uow.heartbeats.end("nobody")
            assert uow.heartbeats.end("a", 2)
            assert not uow.heartbeats.end("a", 2)
            uow.commit()
        assert numbers(new_uow) == {"b": 1}

    def test_a_process_is_ended_at_any_number_if_none_is_given(self, new_uow):
        beaten(new_uow, "a", "a", "b")
        with new_uow() as uow:
            assert uow.heartbeats.end("a")
            uow.commit()
        assert numbers(new_uow) == {"b": 1}

    def test_an_ended_process_begins_again(self, new_uow):
        beaten(new_uow, "a", "a")
        with new_uow() as uow:
            uow.heartbeats.end("a")
            uow.heartbeats.beat("a")
            uow.commit()
        assert numbers(new_uow) == {"a": 1}

    def test_a_beat_that_was_not_committed_does_not_count(self, new_uow):
        beaten(new_uow, "a")
        with new_uow() as uow:
            uow.heartbeats.beat("a")
            uow.heartbeats.beat("b")
        assert numbers(new_uow) == {"a": 1}
