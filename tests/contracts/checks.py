"""Checks as they are stored, claimed and run."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.checks.ports import CheckFilter
from monitor.application.notifications.ports import NotifiedCheck
from monitor.domain.checks import kinds
from monitor.domain.checks.checks import (
    Check,
    CheckState,
    CheckStatus,
    Result,
    StoredCheck,
)
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.requests import Header, Request
from monitor.domain.checks.schedule import MISSED_AFTER, after_run, leased_until, next_due
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.fleet.teams import TeamAccess
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    MICROSECOND,
    NOBODY,
    SECOND,
    NewUow,
    actor_of,
    stored_server,
    stored_team,
    stored_user,
)
from tests.contracts.threads import at_once, until_no_conflict


def a_check(**changes: Any) -> Check:
    return replace(Check(name="shop", kind=kinds.TCP, target="shop.example.com:443", created_at=AT), **changes)


def stored_check(new_uow: NewUow, number: int = 1, due_at: Any = AT, **changes: Any) -> Check:
    with new_uow() as uow:
        check = uow.checks.add(a_check(**changes), f"100::{number}", due_at)
        uow.commit()
    return check


def claimed(new_uow: NewUow, at: Any = AT, holder: str = "a", most: int = 10, most_failing: int = 10) -> list[Check]:
    """As committed."""
    with new_uow() as uow:
        found = uow.checks.claim(at, holder, most=most, most_failing=most_failing)
        uow.commit()
    return [stored.check for stored in found]


def recorded(new_uow: NewUow, check: Check, result: Result, holder: str = "a") -> list[Check]:
    with new_uow() as uow:
        found = uow.checks.record([(check, result)], holder)
        uow.commit()
    return [check for check, _ in found]


UP = Result(at=AT + MICROSECOND, up=True, ms=12.5, cert_days=-0.25, figures={"monitor_queue_samples": 3.0})
DOWN = Result(at=AT + SECOND, up=False, ms=0.5, error="connection refused")


class ChecksContract:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_it_is_read_back_equal(self, new_uow, queries, name):
        host = stored_server(new_uow)
        checks = [
            stored_check(new_uow, name=name, host_id=host.id, interval=10.5, timeout=1.5, attempts=7),
            stored_check(
                new_uow,
                2,
                kind=kinds.HTTP,
                target="https://a:b@example.com/x",
                expect=Expectation(status=204, text=name),
            ),
            stored_check(new_uow, 3, kind=kinds.DNS, target="a@[2001:db8::1]:53", expect=Expectation(record="::1")),
        ]
        expected = [StoredCheck(check=check, due_at=AT) for check in checks]
        assert queries.checks.find(ADMIN, CheckFilter()) == expected
        with new_uow() as uow:
            assert [uow.checks.get(check.id) for check in checks] == expected
            assert uow.checks.count() == 3
        servers = {server.id: server for server in queries.fleet.snapshot().servers}
        assert servers[checks[0].id] == checks[0].as_server("100::1")

    def test_it_is_replaced_with_its_row_among_the_servers(self, new_uow, queries):
        host, before = stored_server(new_uow), stored_check(new_uow)
        claimed(new_uow)
        recorded(new_uow, before, UP)
        after = replace(before, name="b", kind=kinds.PING, target="b", interval=30, host_id=host.id, attempts=3)
        revision = queries.fleet.revision()
        with new_uow() as uow:
            uow.checks.save(uow.checks.get(before.id).changed(after, AT + SECOND))
            uow.commit()
        assert queries.checks.get(ADMIN, before.id) == StoredCheck(check=after, due_at=AT + SECOND)
        changes = queries.fleet.changes(revision, 100)
        assert changes is not None
        assert changes.servers == {after.id: after.as_server("100::1")}

    def test_an_unknown_one_is_not_found(self, new_uow, queries):
        host = stored_server(new_uow)
        for unknown in (host.id, ServerId(4711)):
            with new_uow() as uow:
                with pytest.raises(NotFound):
                    uow.checks.get(unknown)
                with pytest.raises(NotFound):
                    uow.checks.save(StoredCheck(check=a_check(id=unknown), due_at=AT))
                with pytest.raises(NotFound):
                    uow.checks.claim_one(unknown, AT, "a")
            with pytest.raises(NotFound):
                queries.checks.get(ADMIN, unknown)
            assert queries.checks.for_message([unknown]) == {}

    def test_it_is_deleted_as_a_server(self, new_uow, queries):
        check = stored_check(new_uow)
        with new_uow() as uow:
            uow.servers.delete([check.id])
            uow.commit()
        assert queries.checks.find(ADMIN, CheckFilter()) == []
        assert claimed(new_uow) == []
        assert recorded(new_uow, check, UP) == []

    def test_it_loses_a_deleted_host(self, new_uow, queries):
        host = stored_server(new_uow)
        check = stored_check(new_uow, host_id=host.id)
        with new_uow() as uow:
            uow.servers.delete([host.id])
            uow.commit()
        assert queries.checks.get(ADMIN, check.id).check == replace(check, host_id=None)

    def test_how_it_asks_is_read_back_equal(self, new_uow, queries):
        secret = Header(name="X-Key", value="s3cret", secret=True)
        request = Request(method="POST", headers=(secret,), body='{"ä": 1}\n', redirects=2, ca="-----BEGIN CERT")
        expect = Expectation(statuses="200-299,401", pattern="a+", json_path="a[0].b", json_value="")
        check = stored_check(new_uow, kind=kinds.HTTP, target="https://a.example", request=request, expect=expect)
        assert queries.checks.get(ADMIN, check.id).check == replace(a_check(id=check.id), **_own(check))
        with new_uow() as uow:
            uow.checks.reencrypt()
            uow.commit()
        assert claimed(new_uow) == [check]
        with new_uow() as uow:
            uow.checks.save(StoredCheck(check=replace(check, request=Request()), due_at=AT))
            uow.commit()
        assert queries.checks.get(ADMIN, check.id).check.request == Request()


def _own(check: Check) -> dict[str, Any]:
    return {name: getattr(check, name) for name in ("kind", "target", "request", "expect")}


class CheckClaimsContract:
    def test_a_paused_one_is_not_due(self, new_uow, queries):
        check = stored_check(new_uow, attempts=1)
        claimed(new_uow)
        recorded(new_uow, check, DOWN)
        with new_uow() as uow:
            uow.checks.save(uow.checks.get(check.id).with_pause(AT, paused=True))
            uow.commit()
        [paused] = queries.checks.find(ADMIN, CheckFilter(state=CheckState.PAUSED))
        assert (paused.state, paused.check.paused, paused.status.failures) == (CheckState.PAUSED, True, 0)
        assert claimed(new_uow) == queries.checks.find(ADMIN, CheckFilter(state=CheckState.NEW)) == []
        [server] = queries.fleet.snapshot().servers
        assert server.paused
        with new_uow() as uow:
            uow.checks.save(uow.checks.get(check.id).with_pause(AT, paused=False))
            uow.commit()
        assert claimed(new_uow) == [check]

    def test_each_due_one_is_claimed_once(self, new_uow, queries):
        early, late = stored_check(new_uow, due_at=AT - SECOND), stored_check(new_uow, 2, due_at=AT)
        stored_check(new_uow, 3, due_at=AT + MICROSECOND)
        assert claimed(new_uow, most=1) == [early]
        assert claimed(new_uow, most=0) == []
        assert claimed(new_uow) == [late]
        assert claimed(new_uow) == []
        assert queries.checks.get(ADMIN, early.id).due_at == after_run(early.id, early.interval, AT)

    def test_one_of_several_processes_gets_it(self, new_uow):
        checks = [stored_check(new_uow, number) for number in range(1, 21)]
        found: list[Check] = []

        def claim(holder: str) -> None:
            for _ in range(10):
                until_no_conflict(lambda: found.extend(claimed(new_uow, holder=holder, most=3)))

        at_once(*(lambda holder=holder: claim(holder) for holder in "abcd"))
        assert sorted(check.id for check in found) == [check.id for check in checks]

    def test_a_lease_ends_with_the_result_or_by_itself(self, new_uow, queries):
        check = stored_check(new_uow)
        assert claimed(new_uow) == [check]
        due_at = queries.checks.get(ADMIN, check.id).due_at
        end = leased_until(AT, check.timeout)
        with new_uow() as uow:
            assert not uow.checks.claim_one(check.id, end - MICROSECOND, "b")
            assert uow.checks.claim_one(check.id, end, "b")
        assert recorded(new_uow, check, UP, holder="b") == []
        assert recorded(new_uow, check, UP) == [check]
        assert claimed(new_uow, due_at) == [check]

    def test_a_check_that_still_runs_is_not_due(self, new_uow, queries):
        check = stored_check(new_uow, interval=10, timeout=9)
        with new_uow() as uow:
            assert uow.checks.claim_one(check.id, AT, "b")
            uow.commit()
        due_at = queries.checks.get(ADMIN, check.id).due_at
        assert claimed(new_uow, due_at) == []
        with new_uow() as uow:
            uow.checks.free("a")
            uow.commit()
        assert claimed(new_uow, due_at) == []
        with new_uow() as uow:
            uow.checks.free("b")
            uow.commit()
        assert claimed(new_uow, due_at) == [check]

    def test_a_changed_one_runs_at_once_and_the_run_before_does_not_count(self, new_uow, queries):
        before = stored_check(new_uow)
        claimed(new_uow)
        after = replace(before, target="example.com:80")
        with new_uow() as uow:
            uow.checks.save(uow.checks.get(before.id).changed(after, AT + SECOND))
            uow.commit()
        assert recorded(new_uow, before, DOWN) == []
        assert claimed(new_uow, AT + SECOND) == [after]
        with new_uow() as uow:
            assert uow.checks.record([(before, DOWN), (after, UP), (before, DOWN)], "a") == [(after, UP)]
            uow.commit()
        assert queries.checks.get(ADMIN, after.id).status == CheckStatus().after(UP, after.attempts, after.interval)

    def test_a_run_out_of_turn_takes_the_place_of_the_next(self, new_uow, queries):
        check = stored_check(new_uow)
        with new_uow() as uow:
            assert uow.checks.claim_one(check.id, AT, "a")
            uow.commit()
        recorded(new_uow, check, UP)
        assert claimed(new_uow, AT + 20 * SECOND) == []
        assert queries.checks.get(ADMIN, check.id).due_at == after_run(check.id, check.interval, AT)

    def test_missed_runs_are_not_caught_up(self, new_uow, queries):
        checks = [stored_check(new_uow, number, due_at=AT - MISSED_AFTER - MICROSECOND) for number in range(1, 30)]
        assert claimed(new_uow) == []
        due = [stored.due_at for stored in queries.checks.find(ADMIN, CheckFilter())]
        assert due == [next_due(check.id, check.interval, AT) for check in checks]

    def test_what_a_clock_set_too_far_ahead_is_brought_back(self, new_uow, queries):
        ahead = AT + timedelta(days=2)
        lost, left = stored_check(new_uow, due_at=ahead), stored_check(new_uow, 2, due_at=AT + 60 * SECOND)
        daily = stored_check(new_uow, 3, due_at=AT + timedelta(days=1), interval=86_400)
        with new_uow() as uow:
            uow.checks.bring_forward(AT)
            uow.commit()
        due = {stored.check.id: stored.due_at for stored in queries.checks.find(ADMIN, CheckFilter())}
        assert due == {
            lost.id: next_due(lost.id, lost.interval, AT),
            left.id: AT + 60 * SECOND,
            daily.id: AT + timedelta(days=1),
        }

    def test_a_lease_of_a_clock_set_too_far_ahead_does_not_count(self, new_uow):
        check = stored_check(new_uow)
        with new_uow() as uow:
            assert uow.checks.claim_one(check.id, AT + timedelta(hours=1), "a")
            uow.commit()
        with new_uow() as uow:
            assert uow.checks.claim_one(check.id, AT, "b")

    def test_only_some_may_be_failing(self, new_uow):
        checks = [stored_check(new_uow, number) for number in range(1, 5)]
        claimed(new_uow)
        for check in checks[:3]:
            recorded(new_uow, check, DOWN)
        recorded(new_uow, checks[3], UP)
        with new_uow() as uow:
            for check in checks:
                uow.checks.save(replace(uow.checks.get(check.id), due_at=AT))
            uow.commit()
        assert claimed(new_uow, most_failing=2) == [checks[0], checks[1], checks[3]]

    def test_the_status_follows_the_results(self, new_uow, queries):
        check = stored_check(new_uow)
        status = CheckStatus()
        for number, result in enumerate((DOWN, UP, DOWN, DOWN, replace(DOWN, error="x" * 500), UP)):
            with new_uow() as uow:
                assert uow.checks.claim_one(check.id, AT, "a")
                uow.commit()
            result = replace(result, at=AT + number * SECOND)
            assert recorded(new_uow, check, result) == [check]
            status = status.after(result, check.attempts, check.interval)
            assert queries.checks.get(ADMIN, check.id).status == status
        assert (status.state, queries.checks.for_message([check.id])[check.id].failure) == (CheckState.UP, "x" * 500)

    def test_messages_tell_no_secrets_of_its_target(self, new_uow, queries):
        check = stored_check(new_uow, kind=kinds.HTTP, target="https://ben:word@shop.example/token")
        assert queries.checks.for_message([check.id]) == {check.id: NotifiedCheck("https://***@shop.example/***", "")}


class CheckQueriesContract:
    def test_they_are_seen_like_their_hosts(self, new_uow, queries):
        ann, ben = stored_user(new_uow), stored_user(new_uow, "ben")
        host, other = stored_server(new_uow, user_ids=frozenset({ann.id})), stored_server(new_uow, "192.0.2.2")
        stored_team(new_uow, server_ids=frozenset({host.id}), user_ids=frozenset({ben.id}), access=TeamAccess.READ)
        own, foreign, alone = (
            stored_check(new_uow, number, host_id=host_id)
            for number, host_id in enumerate((host.id, other.id, None), 1)
        )
        for actor in (actor_of(ann), actor_of(ben)):
            assert [stored.check for stored in queries.checks.find(actor, CheckFilter())] == [own]
            assert queries.checks.get(actor, own.id).check == own
            for hidden in (foreign, alone):
                with pytest.raises(NotFound):
                    queries.checks.get(actor, hidden.id)
        assert queries.checks.find(NOBODY, CheckFilter()) == []
        assert [stored.check for stored in queries.checks.find(ADMIN, CheckFilter())] == [own, foreign, alone]

    def test_they_are_chosen(self, new_uow, queries):
        host = stored_server(new_uow)
        shop = stored_check(new_uow, name="Shop ÄÖ", host_id=host.id)
        down = stored_check(new_uow, 2, name="down", attempts=1)
        ping = stored_check(new_uow, 3, name="gate", kind=kinds.PING, target="Gate.example.com")
        claimed(new_uow, most=2)
        recorded(new_uow, shop, UP)
        recorded(new_uow, down, DOWN)
        wanted: dict[Any, list[Check]] = {
            CheckFilter(host_id=host.id): [shop],
            CheckFilter(kind=kinds.PING): [ping],
            CheckFilter(state=CheckState.NEW): [ping],
            CheckFilter(state=CheckState.DOWN): [down],
            CheckFilter(up=True): [shop],
            CheckFilter(up=False): [down],
            CheckFilter(text="äö"): [shop],
            CheckFilter(text="EXAMPLE.com"): [shop, down, ping],
            CheckFilter(text="EXAMPLE.com", after=(0, shop.id), limit=1): [down],
            CheckFilter(after=(0, down.id)): [ping],
            CheckFilter(down_first=True): [down, shop, ping],
            CheckFilter(down_first=True, after=(0, down.id)): [shop, ping],
            CheckFilter(down_first=True, after=(1, shop.id)): [ping],
            CheckFilter(state=CheckState.PAUSED): [],
            CheckFilter(limit=2): [shop, down],
        }
        for chosen, expected in wanted.items():
            assert [stored.check for stored in queries.checks.find(ADMIN, chosen)] == expected, chosen

    def test_others_are_no_checks(self, new_uow, queries):
        check_in = stored_server(new_uow, "100::9", kind=Kind.CHECK_IN)
        assert queries.checks.find(ADMIN, CheckFilter()) == []
        with pytest.raises(NotFound):
            queries.checks.get(ADMIN, check_in.id)
