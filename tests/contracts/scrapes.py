from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.scrapes import Kept, Scrape, State, packed
from tests.contracts.builders import AT, SECOND, NewUow, stored_server
from tests.contracts.threads import at_once, until_no_conflict

T0 = 1_893_499_200_000


def a_scrape(server_id: ServerId, at: int = T0, source: int = 2**63 - 1, **more: Any) -> Scrape:
    readings = {"node_load1": 0.1 + 0.2, "node_network_up\x1feth0": None, "=backup_age:数据库": 1e300}
    values = {"received_at": AT + timedelta(microseconds=1), "packed": packed(readings), **more}
    return Scrape(server_id=server_id, source=source, at=at, **values)


def save(new_uow: NewUow, *scrapes: Scrape) -> None:
    with new_uow() as uow:
        uow.scrapes.save(scrapes)
        uow.commit()


def around(new_uow: NewUow, *server_ids: ServerId, first: int = 0, last: int = 2 * T0) -> list[Scrape]:
    with new_uow() as uow:
        return uow.scrapes.around(server_ids, first, last)


def prune(new_uow: NewUow, before: datetime, limit: int = 100, *, edges: bool) -> int:
    with new_uow() as uow:
        gone = uow.scrapes.prune(before, limit, edges=edges)
        uow.commit()
    return gone


class ScrapesContract:
    def test_a_scrape_is_read_back_equal(self, new_uow):
        server = stored_server(new_uow)
        scrapes = [
            a_scrape(server.id, T0 + number, state=state, is_edge=edge)
            for number, (state, edge) in enumerate((state, edge) for state in State for edge in (False, True))
        ]
        save(new_uow, *scrapes)
        found = around(new_uow, server.id)
        assert scrapes == found
        assert [each.readings for each in scrapes] == [each.readings for each in found]

    def test_a_scrape_is_replaced_but_for_when_it_came(self, new_uow):
        server = stored_server(new_uow)
        save(new_uow, a_scrape(server.id))
        changed = a_scrape(server.id, state=State.STORED, is_edge=False, packed=packed({"node_load1": 1.0}))
        save(new_uow, changed)
        assert [changed] == around(new_uow, server.id)

    def test_of_those_with_both_neighbours_only_that_is_saved(self, new_uow):
        server = stored_server(new_uow)
        edges = [a_scrape(server.id, T0 + n, is_edge=True, state=State.STORED) for n in range(4)]
        save(new_uow, *edges)
        with new_uow() as uow:
            uow.scrapes.save_inner([replace(each, packed=b"", state=State.WAITING) for each in edges[1:3]])
            uow.scrapes.save_inner([])
            uow.commit()
        inner = [replace(each, is_edge=False) for each in edges[1:3]]
        assert [edges[0], *inner, edges[3]] == around(new_uow, server.id)

    def test_the_newest_of_each_server_is_found(self, new_uow, queries):
        one, other = stored_server(new_uow), stored_server(new_uow, ip_address="192.0.2.2", name="other")
        third = stored_server(new_uow, ip_address="192.0.2.3", name="third")
        save(new_uow, a_scrape(one.id, T0 + 1, 5), a_scrape(one.id, T0 + 2, 4), a_scrape(other.id), a_scrape(third.id))
        assert {one.id: T0 + 2, other.id: T0} == queries.scrapes.newest([one.id, other.id, ServerId(1_000_000)])

    def test_only_those_of_the_servers_and_the_time_are_found(self, new_uow):
        one, other = stored_server(new_uow), stored_server(new_uow, ip_address="192.0.2.2", name="other")
        scrapes = [a_scrape(id_, T0 + at, source) for id_ in (one.id, other.id) for source in (1, 2) for at in range(4)]
        save(new_uow, *reversed(scrapes))
        assert scrapes == around(new_uow, one.id, other.id)
        chosen = [each for each in scrapes if each.server_id == other.id and T0 < each.at <= T0 + 2]
        assert chosen == around(new_uow, other.id, first=T0 + 1, last=T0 + 2)
        assert [] == around(new_uow)

    def test_of_an_unknown_server_nothing_is_kept(self, new_uow):
        with pytest.raises(ConstraintViolated):
            save(new_uow, a_scrape(ServerId(1_000_000)))

    def test_they_go_with_their_server(self, new_uow):
        server = stored_server(new_uow)
        save(new_uow, a_scrape(server.id))
        with new_uow() as uow:
            uow.servers.delete([server.id])
            uow.commit()
        assert [] == around(new_uow, server.id)

    @pytest.mark.parametrize("edges", [False, True])
    def test_old_ones_are_deleted_in_parts(self, new_uow, edges):
        server = stored_server(new_uow)
        times = [AT, AT + SECOND, AT + 2 * SECOND, AT + 3 * SECOND]
        old = [a_scrape(server.id, T0 + n, received_at=at, is_edge=edges) for n, at in enumerate(times)]
        others = [replace(each, source=5, is_edge=not edges) for each in old]
        save(new_uow, *old, *others)
        counts = [prune(new_uow, AT + 3 * SECOND, 2, edges=edges) for _ in range(3)]
        assert [2, 1, 0] == counts
        assert [*others, old[-1]] == around(new_uow, server.id)

    def test_what_is_committed_is_found_with_the_number_of_the_last_turn(self, new_uow, queries):
        server = stored_server(new_uow)
        first = queries.scrapes.turn()
        for number in (1, 2):
            with new_uow() as uow:
                assert first + number == uow.scrapes.take_turn(first)
                uow.scrapes.save([a_scrape(server.id, T0 + number)])
                uow.commit()
        with new_uow() as uow:
            uow.scrapes.take_turn(0)
        assert first + 2 == queries.scrapes.turn()
        assert [a_scrape(server.id, T0 + 2)] == queries.scrapes.around([server.id], T0 + 2, T0 + 3)

    def test_with_a_turn_that_another_took_meanwhile_nothing_is_stored(self, new_uow, queries):
        server = stored_server(new_uow)
        first = queries.scrapes.turn()

        def add(at: int) -> None:
            with new_uow() as uow:
                if uow.scrapes.take_turn(first, is_sure=True) == first + 1:
                    uow.scrapes.save([a_scrape(server.id, at)])
                    uow.commit()

        with new_uow() as uow:
            uow.scrapes.take_turn(first)
            uow.commit()
        with suppress(TransactionConflict):
            add(T0)
        assert [] == around(new_uow, server.id)
        first += 1
        add(T0 + 1)
        assert [T0 + 1] == [each.at for each in around(new_uow, server.id)]
        assert first + 1 == queries.scrapes.turn()

    def test_all_of_a_server_are_listed_newest_first_and_some_deleted(self, new_uow, queries):
        server, other = stored_server(new_uow), stored_server(new_uow, "192.0.2.2", name="other")
        scrapes = [
            a_scrape(server.id, T0 + n, received_at=AT - n * SECOND, is_edge=bool(n % 2), packed=b"x" * n)
            for n in range(1, 4)
        ]
        save(new_uow, *reversed(scrapes), a_scrape(other.id))
        assert [Kept(each.key, each.is_edge, len(each.packed)) for each in scrapes] == queries.scrapes.kept(server.id)
        with new_uow() as uow:
            uow.scrapes.delete(server.id, [scrapes[0].key, scrapes[2].key, (5, 5)])
            uow.commit()
        assert [scrapes[1]] == around(new_uow, server.id)
        assert [a_scrape(other.id)] == around(new_uow, other.id)

    def test_turns_are_taken_one_after_the_other(self, new_uow):
        """Each reads what the one before wrote."""
        server = stored_server(new_uow)

        def add() -> None:
            with new_uow() as uow:
                uow.scrapes.take_turn(0)
                count = len(uow.scrapes.around([server.id], 0, 2 * T0))
                uow.scrapes.save([a_scrape(server.id, T0 + count)])
                uow.commit()

        at_once(*(lambda: until_no_conflict(add) for _ in range(4)))
        assert [T0, T0 + 1, T0 + 2, T0 + 3] == [each.at for each in around(new_uow, server.id)]
