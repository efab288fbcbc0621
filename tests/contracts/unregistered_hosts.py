from dataclasses import replace

from monitor.domain.fleet.servers import MAX_UNREGISTERED
from tests.contracts.builders import ADMIN, AT, SECOND, NewUow, a_host


def record(new_uow: NewUow, *hosts) -> None:
    with new_uow() as uow:
        uow.unregistered_hosts.record(hosts)
        uow.commit()


class UnregisteredHostsContract:
    def test_a_recorded_host_is_read_back_equal(self, new_uow, queries):
        host = a_host("2001:db8::1", last_seen_at=AT + SECOND, reports=3, cpu=0.0, memory=33.33, disk=100.0)
        record(new_uow, host)
        assert queries.servers.unregistered(ADMIN) == [host]

    def test_a_known_host_adds_its_reports_and_keeps_its_first_time(self, new_uow, queries):
        record(new_uow, a_host(reports=2))
        later = a_host(
            first_seen_at=AT + SECOND, last_seen_at=AT + 9 * SECOND, reports=3, cpu=50.0, memory=60.0, disk=7.0
        )
        record(new_uow, later)
        assert queries.servers.unregistered(ADMIN) == [replace(later, first_seen_at=AT, reports=5)]

    def test_two_reports_of_a_host_in_one_call_add_up(self, new_uow, queries):
        later = a_host(first_seen_at=AT + SECOND, last_seen_at=AT + SECOND, cpu=3.0)
        record(new_uow, a_host(), later)
        assert queries.servers.unregistered(ADMIN) == [replace(later, first_seen_at=AT, reports=2)]

    def test_those_seen_longest_ago_go_first(self, new_uow, queries):
        hosts = [
            a_host(f"10.0.{n // 250}.{n % 250}", last_seen_at=AT + n * SECOND) for n in range(MAX_UNREGISTERED + 5)
        ]
        record(new_uow, *hosts)
        newest_first = hosts[::-1]
        assert queries.servers.unregistered(ADMIN) == newest_first[:MAX_UNREGISTERED]
        another = a_host("192.0.2.1", last_seen_at=AT + 9_999 * SECOND)
        record(new_uow, another)
        assert queries.servers.unregistered(ADMIN) == [another, *newest_first[: MAX_UNREGISTERED - 1]]

    def test_recorded_hosts_are_known(self, new_uow, queries):
        record(new_uow, a_host("192.0.2.1"), a_host("192.0.2.2"))
        with new_uow() as uow:
            assert uow.unregistered_hosts.known(["192.0.2.1", "192.0.2.3"]) == {"192.0.2.1"}
            assert uow.unregistered_hosts.known([]) == set()

    def test_delete_removes_one_and_ignores_an_unknown_one(self, new_uow, queries):
        record(new_uow, a_host("192.0.2.1"), a_host("192.0.2.2"))
        with new_uow() as uow:
            uow.unregistered_hosts.delete("192.0.2.1")
            uow.unregistered_hosts.delete("192.0.2.3")
            uow.commit()
        assert queries.servers.unregistered(ADMIN) == [a_host("192.0.2.2")]

    def test_nothing_recorded_is_no_error(self, new_uow, queries):
        record(new_uow)
        assert queries.servers.unregistered(ADMIN) == []
