"""Processes on one store exchange which samples they stored."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.application.operations.peers import BEAT, KEPT, LARGEST, PATIENCE
from monitor.domain.errors import StorageUnavailable
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.intake.samples import Process, Sample
from tests.unit.application.operations.serving import Serving, all_poll, processes


class TestSeveral:
    def test_a_sample_of_one_is_shown_by_the_other(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id, cpu=42.0, interval=30.0, processes=(Process("db", 1.0, 2.0),))
        all_poll([a, b])
        assert a.core.fleet.live == b.core.fleet.live
        assert b.cpu(server_id) == 42.0
        assert b.core.fleet.live[server_id].status is Status.ONLINE

    def test_live_streams_get_it_and_no_process_sends_it_on(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        b.core.fleet.take_changed()
        a.report(server_id)
        all_poll([a, b])
        before = a.peer_updates
        assert b.core.fleet.take_changed() == {server_id}
        all_poll([b, a], 3)
        assert a.peer_updates == before

    def test_a_new_process_gets_samples_stored_before(self):
        """Also the declared interval, which is stored nowhere else."""
        (a, b), server_id = processes()
        a.report(server_id, cpu=7.0, interval=30.0)
        a.core.fleet.note_clock(server_id, -90)
        all_poll([b, a, b])
        assert b.core.fleet.live == a.core.fleet.live
        assert b.core.fleet.clock_skew == {server_id: -90}

    def test_a_sample_of_a_new_server_is_shown(self):
        (a, b), _ = processes()
        all_poll([a, b], 2)
        made = a.core.server("10.0.0.2").id
        a.report(made, cpu=5.0)
        all_poll([a, b])
        assert b.cpu(made) == 5.0

    def test_a_corrected_clock_is_flagged_by_no_process(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        for skew in (90, None):
            a.core.fleet.note_clock(server_id, skew)
            all_poll([a, b], 2)
            assert b.core.fleet.clock_skew.get(server_id) == skew == a.core.fleet.clock_skew.get(server_id)

    def test_an_older_sample_is_not_shown(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        b.report(server_id, cpu=2.0)
        a.report(server_id, after=-60, cpu=1.0)
        all_poll([a, b], 2)
        assert a.cpu(server_id) == b.cpu(server_id) == 2.0

    def test_a_known_report_does_not_bring_a_host_online(self):
        """It came late from the other process, after the host was found offline."""
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id)
        b.poll()
        a.core.clock.advance(5)
        b.core.store_samples([b.core.sample(server_id)])
        b.core.clock.advance(300)
        assert b.core.detect_offline() == {server_id}
        all_poll([a, b])
        assert b.core.fleet.live[server_id].status is Status.OFFLINE

    def test_three_processes_show_the_same(self):
        serving, server_id = processes(3)
        all_poll(serving, 2)
        for number, each in enumerate(serving):
            each.report(server_id, cpu=float(number))
            all_poll(serving, 2)
            assert [float(number)] * 3 == [other.cpu(server_id) for other in serving]

    def test_many_servers_need_several_peer_updates(self):
        (a, b), server_id = processes()
        ids = [server_id, *(a.core.server(f"10.1.{n // 250}.{n % 250}").id for n in range(LARGEST))]
        all_poll([b, a, b], 2)
        before = a.peer_updates
        a.core.store_samples([a.core.sample(id_) for id_ in ids])
        all_poll([a, b])
        assert a.peer_updates == before + 2
        assert a.core.fleet.live == b.core.fleet.live


class TestAlone:
    def test_stops_writing_and_goes_on_polling(self):
        (a,), server_id = processes(1)
        all_poll([a], PATIENCE + 1)
        before = a.peer_updates
        for _ in range(3 * BEAT):
            a.report(server_id)
            a.poll()
        assert a.peer_updates == before

    def test_is_found_by_a_process_that_starts_later(self):
        (a, b), server_id = processes()
        all_poll([a], PATIENCE + 1)
        a.report(server_id, cpu=3.0)
        all_poll([b, a, b])
        assert b.cpu(server_id) == 3.0
        a.report(server_id, cpu=4.0)
        all_poll([a, b])
        assert b.cpu(server_id) == 4.0

    def test_is_alone_soon_after_the_other_was_killed(self):
        """And sees what that one had stored without a peer update."""
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id, cpu=9.0)
        all_poll([b], PATIENCE)
        assert not b.others
        assert b.cpu(server_id) == 9.0

    def test_is_alone_at_once_when_the_other_leaves(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id, cpu=9.0)
        a.poll.leave()
        b.poll()
        assert not b.others
        assert b.cpu(server_id) == 9.0

    def test_no_running_process_is_taken_as_gone(self):
        (a, b), server_id = processes()
        for number in range(5 * PATIENCE):
            if number > 2 * PATIENCE:
                a.report(server_id)
            all_poll([a, b])
            assert (a.others, b.others) == ({"b"}, {"a"})


class TestTrouble:
    def test_a_process_wrongly_taken_as_gone_comes_back(self):
        """It was paused; both stored samples during that time."""
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        all_poll([b], 3 * PATIENCE)
        a.report(server_id, cpu=1.0)
        b.report(server_id, cpu=2.0)
        all_poll([a, b], 2)
        assert (a.others, b.others) == ({"b"}, {"a"})
        assert a.cpu(server_id) == b.cpu(server_id) == 2.0

    def test_an_update_written_while_its_process_is_taken_as_gone_is_not_lost(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        all_poll([b], PATIENCE - 1)
        b.meanwhile = [lambda: a.report(server_id, cpu=8.0), a.poll]
        b.poll()
        assert not b.others
        all_poll([a, b], BEAT)
        assert b.cpu(server_id) == 8.0

    def test_both_stopped_writing_while_the_other_was_paused(self):
        (a, b), server_id = processes()
        all_poll([a], PATIENCE + 1)
        all_poll([b], PATIENCE + 1)
        a.report(server_id, cpu=1.0)
        all_poll([a, b], 3)
        assert b.cpu(server_id) == 1.0

    def test_a_process_far_behind_reads_everything_again(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        for number in range(2 * KEPT):
            a.report(server_id, cpu=float(number))
            a.poll()
        other = a.core.server("10.0.0.2").id
        a.report(other)
        a.poll()
        all_poll([b])
        assert a.core.fleet.live == b.core.fleet.live

    def test_a_peer_update_that_could_not_be_written(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id, cpu=6.0)
        a.core.faults.append(StorageUnavailable())
        try:
            a.poll()
        except StorageUnavailable:
            all_poll([b, a, b])
        assert b.cpu(server_id) == 6.0

    def test_everything_is_written_once_the_database_is_back(self):
        (a, b), server_id = processes()
        a.report(server_id, interval=30.0)
        b.poll()
        a.core.faults.append(StorageUnavailable())
        try:
            a.poll()
        except StorageUnavailable:
            all_poll([b, a, b])
        assert a.core.fleet.live == b.core.fleet.live


SERVERS = 3
ACTIONS = st.tuples(st.integers(0, 1), st.integers(0, SERVERS - 1), st.integers(-5, 5))
"""Which process, which server, and when: samples come late, early, and to both."""


def _measured(sample: Sample) -> tuple[datetime, float]:
    return sample.recorded_at, sample.cpu


def shown(serving: Serving) -> dict[ServerId, tuple[object, ...]]:
    """Return all but the reception time of samples, which differs for those sent again."""
    return {
        id_: (live.status, live.last_report_at, live.interval, live.sample and _measured(live.sample))
        for id_, live in serving.core.fleet.live.items()
    }


@given(st.lists(st.none() | st.integers(0, 1) | ACTIONS, max_size=40))
def test_both_always_show_the_same_and_what_is_stored(actions):
    """A number is a poll of that process, None a pause of both."""
    serving, first = processes()
    ids = [first, *(serving[0].core.server(f"10.0.1.{n}").id for n in range(1, SERVERS))]
    all_poll(serving, 2)
    for number, action in enumerate(actions):
        if action is None:
            all_poll(serving, PATIENCE + 1)
        elif isinstance(action, int):
            serving[action].poll()
        else:
            process, server, after = action
            second = serving[0].core.clock.now().second + after  # the same time is the same sample, sent again
            serving[process].report(ids[server], after=after, cpu=float(second), interval=15.0 + number)
    all_poll(serving, 2)
    assert shown(serving[0]) == shown(serving[1])
    newest = {each.server_id: _measured(each) for each in serving[0].core.store.queries.samples.latest()}
    assert newest == {id_: sample for id_, (*_, sample) in shown(serving[0]).items() if sample}
