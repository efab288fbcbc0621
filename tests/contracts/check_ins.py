"""Storage of check-ins and of their pings."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.checks.check_ins import MAX_PING_BODY, MAX_PINGS_KEPT, CheckIn, CheckInState, Ping, PingKind
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, Server, ServerId
from tests.contracts.builders import AT, HOSTILE, SECOND, NewUow, a_server, stored_server
from tests.contracts.threads import at_once, until_no_conflict

MINUTE = timedelta(minutes=1)


def a_ping(number: int = 1, kind: PingKind = PingKind.SUCCESS, **changes: object) -> Ping:
    ping = Ping(at=AT + number * SECOND, kind=kind, address="192.0.2.9", number=number)
    return replace(ping, **changes)  # type: ignore[arg-type]  # whatever a test names


def stored_check_in(new_uow: NewUow, key: str = "a", host: Server | None = None, **changes: object) -> CheckIn:
    check_in = CheckIn(name="backup", period=60.0, grace=5.0, created_at=AT, ping_key=key)
    check_in = replace(check_in, host_id=None if host is None else host.id, **changes)  # type: ignore[arg-type]
    with new_uow() as uow:
        row = a_server(f"100::{ord(key):x}", name=check_in.name, kind=Kind.CHECK_IN, host_id=check_in.host_id)
        check_in = replace(check_in, id=uow.servers.add(row).id)
        uow.check_ins.add(check_in)
        uow.commit()
    return check_in


def saved(new_uow: NewUow, check_in: CheckIn, **changes: object) -> CheckIn:
    check_in = replace(check_in, **changes)  # type: ignore[arg-type]
    with new_uow() as uow:
        uow.check_ins.save([check_in])
        uow.commit()
    return check_in


class CheckInsContract:
    def test_it_is_kept_as_it_was_given(self, new_uow, queries):
        host = stored_server(new_uow)
        plain = stored_check_in(new_uow, "a")
        whole = stored_check_in(
            new_uow,
            "b",
            host,
            name=HOSTILE[0],
            period=None,
            schedule="*/5 2 * * MON-FRI",
            timezone="America/Argentina/ComodRivadavia",
            state=CheckInState.UP,
            pings=7,
            last_ping_at=AT,
            last_duration=0.25,
            started_at=AT + SECOND / 1000,
            due_at=AT + MINUTE,
            down_at=AT + 2 * MINUTE,
            excused_at=AT + 3 * MINUTE,
            failure_is_new=True,
        )
        assert queries.check_ins.of([whole.id, plain.id, host.id, ServerId(4711)]) == [plain, whole]
        with new_uow() as uow:
            assert uow.check_ins.get(whole.id) == whole
            assert uow.check_ins.by_keys({"b", "a", "c"}) == {"a": plain, "b": whole}
            assert uow.check_ins.get_many([whole.id, plain.id, ServerId(4711)]) == [plain, whole]
            assert uow.check_ins.count() == 2
            with pytest.raises(NotFound):
                uow.check_ins.get(host.id)

    def test_a_secret_is_compared_exactly(self, new_uow):
        stored_check_in(new_uow, "a")
        with new_uow() as uow:
            assert uow.check_ins.by_keys({"A", "a ", " a", "", "á"}) == {}
            assert uow.check_ins.by_keys(set()) == {}

    def test_the_secrets_of_all(self, new_uow, queries):
        assert queries.check_ins.ping_keys() == []
        made = [stored_check_in(new_uow, key) for key in "ab"]
        assert sorted(queries.check_ins.ping_keys()) == ["a", "b"]
        with new_uow() as uow:
            uow.servers.delete([made[0].id])
            uow.commit()
        assert queries.check_ins.ping_keys() == ["b"]

    def test_saving_leaves_name_server_and_secret(self, new_uow, queries):
        host = stored_server(new_uow)
        before = stored_check_in(new_uow, "a")
        changed = saved(new_uow, before, state=CheckInState.UP, down_at=AT, period=None, schedule="0 2 * * *")
        saved(new_uow, changed, name="other", host_id=host.id, ping_key="b")
        assert queries.check_ins.of([before.id]) == [changed]
        saved(new_uow, replace(before, id=ServerId(4711)))
        assert queries.check_ins.of([ServerId(4711)]) == []

    def test_a_new_name_and_server_are_a_change_of_the_fleet(self, new_uow, queries, fleet_changes):
        host = stored_server(new_uow)
        check_in = stored_check_in(new_uow)
        revision = queries.fleet.revision()
        saved(new_uow, check_in, pings=1)
        assert queries.fleet.revision() == revision
        with new_uow() as uow:
            uow.check_ins.rename(replace(check_in, name="dump", host_id=host.id))
            uow.commit()
        changes = queries.fleet.changes(revision, 100)
        assert changes is not None
        row = changes.servers[check_in.id]
        assert row is not None
        assert (row.name, row.host_id, row.kind) == ("dump", host.id, Kind.CHECK_IN)
        [found] = queries.check_ins.of([check_in.id])
        assert (found.name, found.host_id) == ("dump", host.id)

    def test_those_that_are_overdue_or_down(self, new_uow, queries):
        states = (CheckInState.UP, CheckInState.UP, CheckInState.DOWN, CheckInState.PAUSED, CheckInState.NEW)
        times = (AT, AT + SECOND, AT, None, None)
        made = [
            stored_check_in(new_uow, key, state=state, due_at=at, down_at=at)
            for key, state, at in zip("abcde", states, times, strict=True)
        ]
        assert queries.check_ins.overdue(AT - SECOND / 1000) == {}
        assert queries.check_ins.overdue(AT) == {made[0].id: AT}
        assert queries.check_ins.overdue(AT + SECOND) == {made[0].id: AT, made[1].id: AT + SECOND}
        assert queries.check_ins.down() == {made[2].id: False}

    def test_those_with_a_new_failure(self, new_uow, queries):
        down = stored_check_in(new_uow, "a", state=CheckInState.DOWN)
        failed = stored_check_in(new_uow, "b", failure_is_new=True)
        assert queries.check_ins.down() == {down.id: False, failed.id: True}
        saved(new_uow, failed.followed())
        assert queries.check_ins.down() == {down.id: False}

    def test_pings_are_read_newest_first_and_by_pages(self, new_uow, queries):
        check_in, other = stored_check_in(new_uow, "a"), stored_check_in(new_uow, "b")
        pings = [
            a_ping(1, PingKind.START),
            a_ping(2, PingKind.FAIL, status=255, duration=1.5, body=bytes(range(256)) * 39),
            a_ping(3, body=b"x" * MAX_PING_BODY, address="2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ]
        with new_uow() as uow:
            uow.check_ins.note([*((check_in.id, ping) for ping in pings), (other.id, a_ping())])
            uow.check_ins.note([])
            uow.commit()
        read = queries.check_ins.pings
        assert read(check_in.id, before=None, limit=10) == pings[::-1]
        assert read(check_in.id, before=None, limit=2) == pings[:0:-1]
        assert read(check_in.id, before=2, limit=2) == pings[:1]
        assert read(ServerId(4711), before=None, limit=2) == []

    def test_the_last_failure(self, new_uow):
        check_in = stored_check_in(new_uow)
        with new_uow() as uow:
            assert uow.check_ins.last_failure(check_in.id) is None
            fail = PingKind.FAIL
            pings = (a_ping(1, fail), a_ping(2, fail), a_ping(3), a_ping(4, PingKind.START))
            uow.check_ins.note([(check_in.id, ping) for ping in pings])
            found = uow.check_ins.last_failure(check_in.id)
            assert found is not None
            assert found.number == 2

    def test_the_last_pings_stay(self, new_uow, queries):
        check_in = stored_check_in(new_uow)
        last = 2 * MAX_PINGS_KEPT + 5
        for first in range(1, last + 1, 50):
            with new_uow() as uow:
                numbers = range(first, min(first + 50, last + 1))
                uow.check_ins.note([(check_in.id, a_ping(number)) for number in numbers])
                uow.commit()
        kept = [ping.number for ping in queries.check_ins.pings(check_in.id, before=None, limit=1000)]
        assert kept == [*range(last, last - len(kept), -1)]
        assert MAX_PINGS_KEPT <= len(kept) <= MAX_PINGS_KEPT + 10

    def test_it_is_deleted_with_its_row_among_the_servers_and_stays_without_its_host(self, new_uow, queries):
        host = stored_server(new_uow)
        check_in = stored_check_in(new_uow, "a", host)
        with new_uow() as uow:
            uow.check_ins.note([(check_in.id, a_ping())])
            uow.servers.delete([host.id])
            uow.commit()
        assert [each.host_id for each in queries.check_ins.of([check_in.id])] == [None]
        with new_uow() as uow:
            uow.servers.delete([check_in.id])
            uow.commit()
        assert queries.check_ins.of([check_in.id]) == []
        assert queries.check_ins.pings(check_in.id, before=None, limit=10) == []
        with new_uow() as uow:
            assert uow.check_ins.count() == 0
            assert uow.check_ins.by_keys({"a"}) == {}

    def test_those_that_count_before_they_add_pass_no_limit(self, new_uow):
        def add(key: str) -> None:
            with new_uow() as uow:
                if uow.check_ins.count() < 3:
                    row = a_server(f"100::{ord(key):x}", kind=Kind.CHECK_IN)
                    new = CheckIn(name="dump", period=60.0, grace=5.0, created_at=AT, ping_key=key)
                    uow.check_ins.add(replace(new, id=uow.servers.add(row).id))
                uow.commit()

        at_once(*(lambda key=key: until_no_conflict(lambda: add(key)) for key in "abcdefgh"))
        with new_uow() as uow:
            assert uow.check_ins.count() == 3

    def test_pings_at_once_are_all_noted_one_after_the_other(self, new_uow, queries):
        stored_check_in(new_uow, "a")

        def ping() -> None:
            with new_uow() as uow:
                after, noted = uow.check_ins.by_keys({"a"})["a"].pinged(a_ping(), lambda at: at + MINUTE)
                uow.check_ins.note([(after.id, noted)])
                uow.check_ins.save([after])
                uow.commit()

        at_once(*(lambda: until_no_conflict(ping) for _ in range(8)))
        with new_uow() as uow:
            found = uow.check_ins.by_keys({"a"})["a"]
        assert found.pings == 8
        numbers = [each.number for each in queries.check_ins.pings(found.id, before=None, limit=100)]
        assert numbers == [8, 7, 6, 5, 4, 3, 2, 1]
