"""Processes on one store that tell each other what they took."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.application.operations.peers import BEAT, KEPT, LARGEST, PATIENCE
from monitor.domain.errors import StorageUnavailable
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.intake.samples import Process, Sample
from tests.unit.application.operations.serving import Serving, all_poll, processes


class TestInCompany:
    def test_what_one_took_the_other_shows(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id, cpu=42.0, interval=30.0, processes=(Process("db", 1.0, 2.0),))
        all_poll([a, b])
        assert a.core.fleet.live == b.core.fleet.live
        assert b.cpu(server_id) == 42.0
        assert b.core.fleet.live[server_id].status is Status.ONLINE

    def test_the_live_stream_hears_of_it_and_the_others_do_not_hear_it_again(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        b.core.fleet.take_changed()
        a.report(server_id)
        all_poll([a, b])
        told = a.peer_updates
        assert b.core.fleet.take_changed() == {server_id}
        all_poll([b, a], 3)
        assert a.peer_updates == told

    def test_who_appears_is_shown_what_was_taken_before(self):
        """Also what it could not have read at its start: nothing else says what the agent declared."""
        (a, b), server_id = processes()
        a.report(server_id, cpu=7.0, interval=30.0)
        a.core.fleet.note_clock(server_id, -90)
        all_poll([b, a, b])
        assert b.core.fleet.live == a.core.fleet.live
        assert b.core.fleet.clock_skew == {server_id: -90}

    def test_of_a_server_that_was_made_a_moment_ago(self):
        (a, b), _ = processes()
        all_poll([a, b], 2)
        made = a.core.server("10.0.0.2").id
        a.report(made, cpu=5.0)
        all_poll([a, b])
        assert b.cpu(made) == 5.0

    def test_a_clock_that_is_right_again_is_flagged_nowhere(self):
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

    def test_a_report_known_already_is_no_sign_of_life(self):
        """The other told of it late: meanwhile the host was found silent."""
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

    def test_three(self):
        serving, server_id = processes(3)
        all_poll(serving, 2)
        for number, each in enumerate(serving):
            each.report(server_id, cpu=float(number))
            all_poll(serving, 2)
            assert [float(number)] * 3 == [other.cpu(server_id) for other in serving]

    def test_many_servers_take_several_peer_updates(self):
        (a, b), server_id = processes()
        ids = [server_id, *(a.core.server(f"10.1.{n // 250}.{n % 250}").id for n in range(LARGEST))]
        all_poll([b, a, b], 2)
        told = a.peer_updates
        a.core.store_samples([a.core.sample(id_) for id_ in ids])
        all_poll([a, b])
        assert a.peer_updates == told + 2
        assert a.core.fleet.live == b.core.fleet.live


class TestAlone:
    def test_falls_silent_and_goes_on_looking(self):
        (a,), server_id = processes(1)
        all_poll([a], PATIENCE + 1)
        told = a.peer_updates
        for _ in range(3 * BEAT):
            a.report(server_id)
            a.poll()
        assert a.peer_updates == told

    def test_is_found_by_who_comes_later(self):
        (a, b), server_id = processes()
        all_poll([a], PATIENCE + 1)
        a.report(server_id, cpu=3.0)
        all_poll([b, a, b])
        assert b.cpu(server_id) == 3.0
        a.report(server_id, cpu=4.0)
        all_poll([a, b])
        assert b.cpu(server_id) == 4.0

    def test_soon_after_the_other_was_killed(self):
        """And what that one had stored and not told is seen."""
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id, cpu=9.0)
        all_poll([b], PATIENCE)
        assert not b.others
        assert b.cpu(server_id) == 9.0

    def test_at_once_when_the_other_leaves(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id, cpu=9.0)
        a.poll.leave()
        b.poll()
        assert not b.others
        assert b.cpu(server_id) == 9.0

    def test_with_news_or_without_nobody_is_taken_for_gone(self):
        (a, b), server_id = processes()
        for number in range(5 * PATIENCE):
            if number > 2 * PATIENCE:
                a.report(server_id)
            all_poll([a, b])
            assert (a.others, b.others) == ({"b"}, {"a"})


class TestTrouble:
    def test_who_was_taken_for_gone_and_is_not(self):
        """A process that stood still, whatever each of them did meanwhile."""
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        all_poll([b], 3 * PATIENCE)
        a.report(server_id, cpu=1.0)
        b.report(server_id, cpu=2.0)
        all_poll([a, b], 2)
        assert (a.others, b.others) == ({"b"}, {"a"})
        assert a.cpu(server_id) == b.cpu(server_id) == 2.0

    def test_what_it_told_at_the_moment_when_it_was_taken_for_gone(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        all_poll([b], PATIENCE - 1)
        b.meanwhile = [lambda: a.report(server_id, cpu=8.0), a.poll]
        b.poll()
        assert not b.others
        all_poll([a, b], BEAT)
        assert b.cpu(server_id) == 8.0

    def test_both_fell_silent_one_while_the_other_stood_still(self):
        (a, b), server_id = processes()
        all_poll([a], PATIENCE + 1)
        all_poll([b], PATIENCE + 1)
        a.report(server_id, cpu=1.0)
        all_poll([a, b], 3)
        assert b.cpu(server_id) == 1.0

    def test_who_could_not_read_for_long_reads_everything_anew(self):
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

    def test_a_peer_update_that_could_not_be_told(self):
        (a, b), server_id = processes()
        all_poll([a, b], 2)
        a.report(server_id, cpu=6.0)
        a.core.faults.append(StorageUnavailable())
        try:
            a.poll()
        except StorageUnavailable:
            all_poll([b, a, b])
        assert b.cpu(server_id) == 6.0

    def test_everything_is_told_once_it_can_be(self):
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
    """But for when a sample came in that was sent again: there it is another moment."""
    return {
        id_: (live.status, live.last_report_at, live.interval, live.sample and _measured(live.sample))
        for id_, live in serving.core.fleet.live.items()
    }


@given(st.lists(st.none() | st.integers(0, 1) | ACTIONS, max_size=40))
def test_whatever_reaches_whom_both_show_the_same_and_what_is_stored(actions):
    """Numbers are looks of one process, None has both stand still for a while."""
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
