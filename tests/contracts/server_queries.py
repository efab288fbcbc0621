import pytest

from monitor.application.fleet.ports import ServerFilter
from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import Forbidden, NotFound
from monitor.domain.fleet.servers import ServerId, Status
from tests.contracts.builders import ADMIN, AT, NOBODY, SECOND, a_host, actor_of, stored_key, stored_server, stored_user


def names(servers) -> list[str]:
    return [server.name for server in servers]


class ServerQueriesContract:
    def test_servers_are_found_by_id(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        asked = ServerFilter(ids={other.id, hers.id, ServerId(1_000_000)})
        assert queries.servers.find(ADMIN, asked) == [hers, other]
        assert queries.servers.find(actor_of(alice), asked) == [hers]
        assert queries.servers.find(ADMIN, ServerFilter(ids=[])) == []

    def test_find_without_a_filter_gives_all_in_id_order(self, new_uow, queries):
        servers = [stored_server(new_uow, f"192.0.2.{n}", name=f"s{9 - n}") for n in range(1, 6)]
        assert queries.servers.find(ADMIN, ServerFilter()) == servers

    def test_find_shows_a_user_linked_servers(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}), tags=frozenset({"x"}))
        both = stored_server(new_uow, "192.0.2.2", user_ids=frozenset({alice.id, bob.id}), tags=frozenset({"x"}))
        stored_server(new_uow, "192.0.2.3", tags=frozenset({"x"}))
        for wanted in (ServerFilter(), ServerFilter(text="WEB"), ServerFilter(tag="x"), ServerFilter(limit=9)):
            assert queries.servers.find(actor_of(alice), wanted) == [hers, both]
            assert queries.servers.find(actor_of(bob), wanted) == [both]
            assert queries.servers.find(NOBODY, wanted) == []

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("WEB", ["Web-1", "db"]),  # the second by its tag
            ("eb-1", ["Web-1"]),
            ("2001:DB8", ["Web-1"]),
            ("192.0.2", ["db", "Straße 100%_x", "ÉCOLE"]),
            ("strasse", ["Straße 100%_x"]),
            ("STRASSE", ["Straße 100%_x"]),
            ("école", ["ÉCOLE"]),
            ("ecole", []),
            ("%", ["Straße 100%_x"]),
            ("_", ["Straße 100%_x"]),
            ("0%_X", ["Straße 100%_x"]),
            ("d_", []),
            ("\\", []),
            ("'", []),
            ("web db", []),
        ],
    )
    def test_text_is_a_part_of_name_address_or_tag_in_any_case(self, new_uow, queries, text, expected):
        stored_server(new_uow, "2001:db8::1", name="Web-1")
        stored_server(new_uow, "192.0.2.1", name="db", tags=frozenset({"WebTier", "other"}))
        stored_server(new_uow, "192.0.2.2", name="Straße 100%_x")
        stored_server(new_uow, "192.0.2.3", name="ÉCOLE")
        assert names(queries.servers.find(ADMIN, ServerFilter(text=text))) == expected

    def test_a_server_that_matches_in_several_places_is_listed_once(self, new_uow, queries):
        users = [stored_user(new_uow, name).id for name in ("alice", "bob", "carol")]
        server = stored_server(new_uow, name="web", tags=frozenset({"web1", "web2"}), user_ids=frozenset(users))
        assert queries.servers.find(ADMIN, ServerFilter(text="web")) == [server]

    def test_tag_is_matched_whole_and_as_it_is(self, new_uow, queries):
        tagged = stored_server(new_uow, "192.0.2.1", tags=frozenset({"prod", "web"}))
        stored_server(new_uow, "192.0.2.2", tags=frozenset({"prod2", "Prod", "pröd"}))
        assert queries.servers.find(ADMIN, ServerFilter(tag="prod")) == [tagged]
        assert queries.servers.find(ADMIN, ServerFilter(tag="pro")) == []
        assert queries.servers.find(ADMIN, ServerFilter(tag="prod%")) == []

    def test_status_and_the_other_filters_go_together(self, new_uow, queries):
        ids = [stored_server(new_uow, f"192.0.2.{n}", name=f"s{n}", tags=frozenset({f"t{n % 2}"})).id for n in range(6)]
        with new_uow() as uow:
            uow.servers.mark_online(ids[:4])
            uow.commit()
        find = queries.servers.find
        assert names(find(ADMIN, ServerFilter(status=Status.ONLINE))) == ["s0", "s1", "s2", "s3"]
        assert names(find(ADMIN, ServerFilter(status=Status.OFFLINE))) == ["s4", "s5"]
        wanted = ServerFilter(status=Status.ONLINE, tag="t1", text="S")
        assert names(find(ADMIN, wanted)) == ["s1", "s3"]

    def test_pages_have_no_gap_and_no_repeat(self, new_uow, queries):
        alice = stored_user(new_uow)
        linked = {n for n in range(13) if n % 3}
        for n in range(13):
            users = frozenset({alice.id} if n in linked else ())
            stored_server(new_uow, f"192.0.2.{n}", name=f"s{n}", user_ids=users)
        for limit in (1, 2, 4, 8, 9, 99):
            seen: list[str] = []
            after: ServerId | None = None
            while page := queries.servers.find(actor_of(alice), ServerFilter(text="s", after=after, limit=limit)):
                assert len(page) <= limit
                seen += names(page)
                assert len(seen) <= len(linked), "the pages go round in a circle"
                after = page[-1].id
            assert seen == [f"s{n}" for n in sorted(linked)]

    def test_get_is_not_found_where_the_actor_may_not_see_it(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        assert queries.servers.get(actor_of(alice), hers.id) == hers
        assert queries.servers.get(ADMIN, other.id) == other
        for actor, server_id in [(actor_of(alice), other.id), (NOBODY, hers.id), (ADMIN, ServerId(1_000_000))]:
            with pytest.raises(NotFound):
                queries.servers.get(actor, server_id)

    def test_usernames_are_of_those_that_exist(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "Alice"), stored_user(new_uow, "bob")
        asked = {alice.id, bob.id, UserId(1_000_000)}
        assert queries.servers.usernames(asked) == {alice.id: "Alice", bob.id: "bob"}
        assert queries.servers.usernames(set()) == {}

    def test_unregistered_hosts_are_last_seen_first_and_for_admins(self, new_uow, queries):
        hosts = [a_host(f"192.0.2.{n}", last_seen_at=AT + n * SECOND) for n in range(4)]
        together = [a_host(address, last_seen_at=AT - SECOND) for address in ("192.0.2.11", "192.0.2.9", "2001:db8::1")]
        with new_uow() as uow:
            uow.unregistered_hosts.record([together[2], hosts[2], together[0], *hosts[:2], hosts[3], together[1]])
            uow.commit()
        assert queries.servers.unregistered(ADMIN) == hosts[::-1] + together
        with pytest.raises(Forbidden):
            queries.servers.unregistered(NOBODY)

    def test_keys_are_in_id_order_and_of_servers_that_the_actor_sees(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        of_hers = stored_key(new_uow, "b", server_id=hers.id)
        of_other = stored_key(new_uow, "a", server_id=other.id, owner_id=alice.id)
        fleet = stored_key(new_uow, "c", owner_id=alice.id)
        assert queries.api_keys.all(ADMIN) == [of_hers, of_other, fleet]
        assert queries.api_keys.all(ADMIN, limit=2) == [of_hers, of_other]
        assert queries.api_keys.all(ADMIN, after=of_hers.id, limit=1) == [of_other]
        assert queries.api_keys.all(actor_of(alice)) == [of_hers]
        assert queries.api_keys.all(actor_of(alice), after=of_hers.id) == []
        assert queries.api_keys.all(NOBODY) == []
