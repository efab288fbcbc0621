from datetime import timedelta

import pytest

from monitor.application.history.ports import SampleFilter
from monitor.domain.errors import ConstraintViolated
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Process
from tests.contracts.builders import ADMIN, AT, MICROSECOND, SECOND, a_sample, raw_samples, store_samples, stored_server

UNKNOWN = ServerId(1_000_000)


class SamplesContract:
    @pytest.mark.parametrize("value", [0.0, 0.01, 0.1 + 0.2, 33.33, 99.99, 100.0])
    def test_a_sample_is_read_back_equal_to_the_microsecond(self, new_uow, queries, value):
        """Percentages have two decimals; times keep every digit."""
        server = stored_server(new_uow)
        percent = round(value, 2)
        sample = a_sample(
            server.id,
            AT.replace(microsecond=123456),
            received_at=AT.replace(microsecond=999999),
            cpu=percent,
            memory=percent,
            disk=percent,
        )
        store_samples(new_uow, sample)
        assert queries.samples.latest() == [sample]

    @pytest.mark.parametrize(
        "extra",
        [
            {"load1": 0.7, "disk:/var": 81.25, "net.rx-bytes_total": 1e15},
            {"tiny": 5e-324, "huge": -1.7976931348623157e308, "odd": 0.1 + 0.2, "zero": 0.0},
            {"m" * 64: 1.0} | {f"metric/{n}": n + 0.5 for n in range(63)},
        ],
    )
    def test_extras_lose_no_digit(self, new_uow, queries, extra):
        server = stored_server(new_uow)
        store_samples(new_uow, a_sample(server.id, extra=extra))
        assert dict(queries.samples.latest()[0].extra) == extra

    def test_no_extras_are_read_back_as_none(self, new_uow, queries):
        server = stored_server(new_uow)
        store_samples(new_uow, a_sample(server.id, extra={}))
        assert queries.samples.latest()[0].extra is None

    def test_processes_are_not_kept(self, new_uow, queries):
        server = stored_server(new_uow)
        processes = (Process(name="postgres", cpu=12.5, memory=30.0),)
        store_samples(new_uow, a_sample(server.id, processes=processes))
        assert queries.samples.latest() == [a_sample(server.id)]

    @pytest.mark.parametrize("interval", [None, 15.0, 0.1 + 0.2, 1 / 3, 86400.0, 5e-324])
    def test_the_interval_is_kept_to_the_last_digit(self, new_uow, queries, interval):
        server = stored_server(new_uow)
        samples = [a_sample(server.id, AT, interval=60.0), a_sample(server.id, AT + SECOND, interval=interval)]
        store_samples(new_uow, *samples)
        assert raw_samples(queries, server.id) == samples
        assert queries.samples.latest() == samples[1:]
        assert [row.sample for row in queries.samples.newest(ADMIN, SampleFilter())] == samples[::-1]

    def test_a_sample_is_stored_once(self, new_uow, queries):
        server = stored_server(new_uow)
        store_samples(new_uow, a_sample(server.id, cpu=1.0))
        with pytest.raises(ConstraintViolated):
            store_samples(new_uow, a_sample(server.id, AT + SECOND), a_sample(server.id, cpu=2.0))
        assert raw_samples(queries, server.id) == [a_sample(server.id, cpu=1.0)]

    def test_a_sample_twice_in_one_call_is_refused(self, new_uow, queries):
        server = stored_server(new_uow)
        with pytest.raises(ConstraintViolated):
            store_samples(new_uow, a_sample(server.id, cpu=1.0), a_sample(server.id, cpu=2.0))
        assert queries.samples.latest() == []

    def test_a_microsecond_later_is_another_sample(self, new_uow, queries):
        server = stored_server(new_uow)
        samples = [a_sample(server.id, AT + n * MICROSECOND) for n in range(3)]
        store_samples(new_uow, *samples)
        assert raw_samples(queries, server.id) == samples

    def test_one_time_on_two_servers_is_two_samples(self, new_uow):
        servers = [stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2)]
        store_samples(new_uow, *(a_sample(server.id) for server in servers))
        with new_uow() as uow:
            keys = {(server.id, AT) for server in servers}
            assert uow.samples.existing(keys) == keys

    def test_a_deleted_server_gets_no_samples(self, new_uow, queries):
        server = stored_server(new_uow)
        with pytest.raises(ConstraintViolated):
            store_samples(new_uow, a_sample(server.id), a_sample(UNKNOWN))
        assert queries.samples.latest() == []

    def test_a_thousand_are_stored_at_once_in_any_order(self, new_uow, queries):
        server = stored_server(new_uow)
        samples = [a_sample(server.id, AT + n * SECOND, cpu=n % 100 + 0.25) for n in range(1_500)]
        store_samples(new_uow, *samples[1::2], *samples[::2])
        assert raw_samples(queries, server.id) == samples

    def test_nothing_added_is_no_error(self, new_uow, queries):
        store_samples(new_uow)
        assert queries.samples.latest() == []

    def test_existing_has_only_stored_samples(self, new_uow):
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        store_samples(new_uow, a_sample(server.id), a_sample(server.id, AT + SECOND))
        with new_uow() as uow:
            uow.samples.add([a_sample(server.id, AT + 2 * SECOND)])
            asked = [(server.id, AT + n * SECOND) for n in (0, 2, 3)] + [(other.id, AT), (UNKNOWN, AT)]
            asked.append((server.id, AT + MICROSECOND))
            assert uow.samples.existing(asked) == {(server.id, AT), (server.id, AT + 2 * SECOND)}
            assert uow.samples.existing([]) == set()
            many = [(server.id, AT + n * SECOND) for n in range(3_000)]
            assert uow.samples.existing(many) == set(many[:3])

    def test_last_received_belongs_to_the_newest_time(self, new_uow):
        """Not the latest receipt: a backlog arrives late and is old."""
        server, empty = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        received = AT + timedelta(seconds=7, microseconds=654321)
        store_samples(
            new_uow,
            a_sample(server.id, AT + 5 * SECOND, received_at=received),
            a_sample(server.id, AT, received_at=AT + timedelta(hours=1)),
        )
        with new_uow() as uow:
            assert uow.samples.last_received([server.id, empty.id, UNKNOWN]) == {server.id: received}
            assert uow.samples.last_received([]) == {}
            backlog = a_sample(server.id, AT + SECOND, received_at=AT + timedelta(hours=2))
            uow.samples.add([a_sample(empty.id), backlog])
            expected = {server.id: received, empty.id: AT}
            assert uow.samples.last_received([server.id, empty.id]) == expected

    def test_later_samples_are_those_after_each_servers_time(self, new_uow):
        one, other = (stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2))
        times = [AT + n * SECOND for n in range(4)]
        store_samples(new_uow, *(a_sample(server.id, at) for server in (one, other) for at in times))
        with new_uow() as uow:
            uow.samples.add([a_sample(one.id, AT + 9 * SECOND)])
            wanted = [(one.id, times[2]), (other.id, times[3] - MICROSECOND), (UNKNOWN, AT)]
            later = uow.samples.later(wanted)
            assert {(one.id, times[3]), (one.id, AT + 9 * SECOND), (other.id, times[3])} == later
            assert set() == uow.samples.later([(other.id, times[3])]) == uow.samples.later([])

    def test_recent_times_are_the_last_ones_oldest_first(self, new_uow):
        """At or before the given time, of that server only."""
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        times = [AT + n * SECOND + n * MICROSECOND for n in range(6)]
        store_samples(new_uow, *(a_sample(server.id, at) for at in (*times[3:], *times[:3])))
        store_samples(new_uow, *(a_sample(other.id, AT + n * SECOND / 2) for n in range(20)))
        with new_uow() as uow:
            assert uow.samples.recent_times([server.id], times[4], 3) == {server.id: times[2:5]}
            assert uow.samples.recent_times([server.id], times[4] - MICROSECOND, 3) == {server.id: times[1:4]}
            assert uow.samples.recent_times([server.id], times[5] + timedelta(days=1), 11) == {server.id: times}
            assert uow.samples.recent_times([server.id], times[0], 11) == {server.id: times[:1]}
            assert uow.samples.recent_times([server.id], times[0] - MICROSECOND, 11) == {}
            assert uow.samples.recent_times([server.id], times[5], 0) == {}
            assert uow.samples.recent_times([UNKNOWN], times[5], 11) == {}

    def test_recent_times_of_many_servers(self, new_uow):
        """More than one statement asks for."""
        some = [stored_server(new_uow, f"192.0.2.{n}") for n in range(60)]
        store_samples(new_uow, *(a_sample(server.id, AT + n * SECOND) for server in some[1:] for n in range(3)))
        with new_uow() as uow:
            found = uow.samples.recent_times([*(server.id for server in some), UNKNOWN], AT + 5 * SECOND, 2)
        assert found == {server.id: [AT + SECOND, AT + 2 * SECOND] for server in some[1:]}

    def test_recent_times_include_what_was_just_added(self, new_uow):
        server = stored_server(new_uow)
        store_samples(new_uow, a_sample(server.id), a_sample(server.id, AT + 4 * SECOND))
        with new_uow() as uow:
            uow.samples.add([a_sample(server.id, AT + n * SECOND) for n in (2, 6)])
            expected = [AT + n * SECOND for n in (2, 4)]
            assert uow.samples.recent_times([server.id], AT + 5 * SECOND, 2) == {server.id: expected}

    def test_a_late_sample_is_sorted_in(self, new_uow, queries):
        server = stored_server(new_uow)
        samples = [a_sample(server.id, AT + n * SECOND) for n in range(4)]
        for sample in (samples[1], samples[3], samples[0], samples[2]):
            store_samples(new_uow, sample)
        assert raw_samples(queries, server.id) == samples
        assert queries.samples.latest() == samples[-1:]

    def test_an_amended_sample_has_other_values_and_is_else_the_same(self, new_uow, queries):
        one, other = stored_server(new_uow), stored_server(new_uow, ip_address="192.0.2.2", name="other")
        at = AT.replace(microsecond=123_000)
        first = a_sample(one.id, at, received_at=AT + SECOND, extra={"load1": 1.0}, interval=15.0)
        rest = [a_sample(one.id, at + SECOND), a_sample(other.id, at)]
        store_samples(new_uow, first, *rest)
        amended = first._replace(cpu=1.25, memory=2.5, disk=3.75, extra={"load1": 0.1 + 0.2, "disk:/": 80.0})
        unknown = a_sample(other.id, at + SECOND)
        with new_uow() as uow:
            uow.samples.amend([amended._replace(received_at=AT + 9 * SECOND, interval=None), unknown])
            uow.commit()
        assert raw_samples(queries, one.id) == [amended, rest[0]]
        assert raw_samples(queries, other.id) == [rest[1]]

    def test_a_sample_can_be_amended_in_the_transaction_that_adds_it(self, new_uow, queries):
        server = stored_server(new_uow)
        sample = a_sample(server.id, AT, extra={"load1": 1.0})
        with new_uow() as uow:
            uow.samples.add([sample])
            uow.samples.amend([sample._replace(cpu=1.0, extra=None)])
            uow.samples.amend([])
            uow.commit()
        assert raw_samples(queries, server.id) == [sample._replace(cpu=1.0, extra=None)]
