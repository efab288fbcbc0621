from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.errors import AddressTaken
from monitor.domain.fleet.facts import HostFacts
from monitor.domain.fleet.servers import AgentInfo, ServerId, Status
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    NOBODY,
    SECOND,
    a_sample,
    a_server,
    actor_of,
    store_samples,
    stored_key,
    stored_server,
    stored_user,
)
from tests.contracts.threads import at_once, until_no_conflict

UNKNOWN = ServerId(1_000_000)


class ServersContract:
    def test_an_added_server_is_read_back_equal(self, new_uow, queries):
        users = [stored_user(new_uow, name) for name in ("alice", "bob")]
        server = stored_server(
            new_uow,
            "2001:DB8::1",
            name="Web服务器",
            port=65535,
            tags=frozenset({"prod", "eu-west", "gruppe ä"}),
            user_ids=frozenset(user.id for user in users),
        )
        assert server.id > 0
        assert server.ip_address == "2001:db8::1"
        with new_uow() as uow:
            assert uow.servers.get(server.id, changed_by=ADMIN) == server
        assert queries.servers.get(ADMIN, server.id) == server

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_names_and_tags_are_read_back_equal(self, new_uow, text):
        tag = text.replace(";", "").replace(",", "")[:50].strip()
        server = stored_server(new_uow, name=text, tags=frozenset({tag, "plain"}))
        with new_uow() as uow:
            found = uow.servers.get(server.id, changed_by=ADMIN)
            assert found.name == text
            assert found.tags == {tag, "plain"}

    def test_tags_differ_by_case_and_accent(self, new_uow):
        tags = frozenset({"web", "Web", "WEB", "wéb"})
        server = stored_server(new_uow, tags=tags)
        with new_uow() as uow:
            assert uow.servers.get(server.id, changed_by=ADMIN).tags == tags

    def test_the_longest_texts_fit(self, new_uow):
        server = stored_server(new_uow, name="𝒳" * 100, tags=frozenset(f"{n:02}{'𝒳' * 48}" for n in range(20)))
        with new_uow() as uow:
            assert uow.servers.get(server.id, changed_by=ADMIN) == server

    def test_an_address_is_taken_in_every_spelling(self, new_uow):
        stored_server(new_uow, "2001:db8::1")
        with new_uow() as uow, pytest.raises(AddressTaken):
            uow.servers.add(a_server("2001:0DB8:0::0001"))
        with new_uow() as uow:
            uow.servers.add(a_server("192.0.2.9"))
            with pytest.raises(AddressTaken):
                uow.servers.add(a_server("::ffff:192.0.2.9"))

    def test_a_link_to_an_unknown_user_violates_a_constraint(self, new_uow):
        ghost = frozenset({UserId(1_000_000)})
        with pytest.raises(ConstraintViolated):
            stored_server(new_uow, user_ids=ghost)
        server = stored_server(new_uow)
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.servers.save(replace(server, user_ids=ghost))
        with new_uow() as uow:
            assert uow.servers.get(server.id, changed_by=ADMIN) == server

    def test_get_shows_a_user_linked_servers(self, new_uow):
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        with new_uow() as uow:
            assert uow.servers.get(hers.id, changed_by=actor_of(alice)) == hers
            for actor, server_id in [(actor_of(alice), other.id), (NOBODY, hers.id), (ADMIN, UNKNOWN)]:
                with pytest.raises(NotFound):
                    uow.servers.get(server_id, changed_by=actor)

    def test_get_many_is_all_or_nothing(self, new_uow):
        alice = stored_user(new_uow)
        hers = [stored_server(new_uow, f"192.0.2.{n}", user_ids=frozenset({alice.id})) for n in (1, 2)]
        other = stored_server(new_uow, "192.0.2.3")
        ids = [server.id for server in hers]
        with new_uow() as uow:
            assert uow.servers.get_many([*reversed(ids), ids[0]], changed_by=actor_of(alice)) == hers
            assert uow.servers.get_many([], changed_by=NOBODY) == []
            assert uow.servers.get_many([other.id, ids[0]], changed_by=ADMIN) == [hers[0], other]
            for actor, wanted in [(actor_of(alice), [*ids, other.id]), (ADMIN, [*ids, UNKNOWN])]:
                with pytest.raises(NotFound):
                    uow.servers.get_many(wanted, changed_by=actor)

    def test_find_many_leaves_out_what_the_actor_may_not_see(self, new_uow):
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        with new_uow() as uow:
            wanted = [other.id, hers.id, UNKNOWN, hers.id]
            assert uow.servers.find_many(wanted, changed_by=ADMIN) == [hers, other]
            assert uow.servers.find_many(wanted, changed_by=actor_of(alice)) == [hers]
            assert uow.servers.find_many([], changed_by=ADMIN) == []

    def test_by_addresses_finds_those_that_exist_in_id_order(self, new_uow):
        servers = [stored_server(new_uow, address) for address in ("192.0.2.9", "2001:db8::1", "192.0.2.10")]
        with new_uow() as uow:
            wanted = ["2001:db8::1", "192.0.2.10", "192.0.2.9", "192.0.2.1", "192.0.2.9"]
            assert uow.servers.by_addresses(wanted) == servers
            assert uow.servers.by_addresses([]) == []

    def test_save_replaces_what_people_set_and_not_what_reports_set(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        server = stored_server(new_uow, tags=frozenset({"a", "b"}), user_ids=frozenset({alice.id}))
        with new_uow() as uow:
            uow.servers.save_intervals({server.id: 30.0})
            uow.servers.mark_online([server.id])
            uow.commit()
        changed = replace(
            server,
            name="db",
            ip_address="192.0.2.200",
            port=2222,
            tags=frozenset({"b", "c"}),
            user_ids=frozenset({bob.id}),
        )
        with new_uow() as uow:
            uow.servers.save(changed)  # read while it was offline
            uow.commit()
        with new_uow() as uow:
            expected = replace(changed, status=Status.ONLINE, report_interval=30.0)
            assert uow.servers.get(server.id, changed_by=ADMIN) == expected

    def test_many_are_added_in_order_and_saved_together(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        known = stored_server(new_uow, "192.0.2.250", tags=frozenset({"old"}), user_ids=frozenset({alice.id}))
        new = [
            a_server(f"192.0.2.{number}", tags=frozenset({"a", f"t{number}"}), user_ids=frozenset({alice.id}))
            for number in (9, 3, 7)
        ]
        with new_uow() as uow:
            added = uow.servers.add_many(new)
            uow.servers.add_many([])
            uow.servers.save_many([])
            uow.commit()
        assert new == [replace(server, id=ServerId(0)) for server in added]
        assert sorted(server.id for server in added) == [server.id for server in added]
        changed = [
            replace(server, name="new", port=2222, tags=frozenset({"b", "a"}), user_ids=frozenset({bob.id}))
            for server in (known, *added)
        ]
        with new_uow() as uow:
            uow.servers.save_many(changed)
            uow.commit()
        with new_uow() as uow:
            assert changed == uow.servers.get_many([server.id for server in changed], changed_by=ADMIN)
            with pytest.raises(NotFound):
                uow.servers.save_many([changed[0], replace(changed[1], id=UNKNOWN)])

    def test_none_of_many_is_added_if_one_address_is_taken(self, new_uow):
        stored_server(new_uow, "192.0.2.1")
        with pytest.raises(AddressTaken), new_uow() as uow:
            uow.servers.add_many([a_server("192.0.2.2"), a_server("192.0.2.1")])
        with new_uow() as uow:
            assert uow.servers.by_addresses(["192.0.2.2"]) == []

    def test_saving_an_unchanged_server_is_no_error(self, new_uow):
        server = stored_server(new_uow, tags=frozenset({"a"}))
        with new_uow() as uow:
            uow.servers.save(server)
            uow.commit()
        with new_uow() as uow:
            assert uow.servers.get(server.id, changed_by=ADMIN) == server

    def test_save_refuses_a_taken_address_and_an_unknown_server(self, new_uow):
        first, second = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        with new_uow() as uow, pytest.raises(AddressTaken):
            uow.servers.save(replace(second, ip_address=first.ip_address))
        with new_uow() as uow, pytest.raises(NotFound):
            uow.servers.save(a_server("192.0.2.3", id=UNKNOWN))

    def test_an_address_given_up_is_free(self, new_uow):
        first = stored_server(new_uow, "192.0.2.1")
        with new_uow() as uow:
            uow.servers.save(replace(first, ip_address="192.0.2.2"))
            uow.commit()
        second = stored_server(new_uow, "192.0.2.1")
        with new_uow() as uow:
            uow.servers.delete([second.id])
            uow.commit()
        assert stored_server(new_uow, "192.0.2.1").id > second.id

    def test_deletion_removes_samples_links_tags_and_keys(self, new_uow, queries):
        alice = stored_user(new_uow)
        doomed = stored_server(new_uow, "192.0.2.1", tags=frozenset({"a"}), user_ids=frozenset({alice.id}))
        kept = stored_server(new_uow, "192.0.2.2", tags=frozenset({"a"}), user_ids=frozenset({alice.id}))
        stored_key(new_uow, "doomed", server_id=doomed.id)
        keys = [stored_key(new_uow, "kept", server_id=kept.id), stored_key(new_uow, "fleet")]
        store_samples(new_uow, a_sample(doomed.id), a_sample(kept.id))
        with new_uow() as uow:
            uow.servers.delete([doomed.id, UNKNOWN])
            uow.commit()
        with new_uow() as uow:
            assert uow.servers.existing([doomed.id, kept.id]) == {kept.id}
            assert uow.servers.existing([doomed.id, kept.id], keep=True) == {kept.id}
            assert uow.samples.existing([(doomed.id, AT), (kept.id, AT)]) == {(kept.id, AT)}
            assert uow.users.existing([alice.id]) == {alice.id}
        assert queries.api_keys.all(ADMIN) == keys
        assert queries.samples.latest() == [a_sample(kept.id)]
        assert queries.fleet.snapshot().servers == [kept]

    def test_many_are_added_found_and_deleted_at_once(self, new_uow):
        """More than any limit on the variables of a statement."""
        addresses = [f"10.0.{n // 250}.{n % 250 + 1}" for n in range(1_200)]
        with new_uow() as uow:
            servers = [uow.servers.add(a_server(address)) for address in addresses]
            uow.commit()
        ids = [server.id for server in servers]
        with new_uow() as uow:
            assert uow.servers.get_many(ids, changed_by=ADMIN) == servers
            assert uow.servers.by_addresses(addresses) == servers
            uow.servers.save_intervals({server_id: 15.0 + server_id for server_id in ids})
            uow.servers.mark_online(ids)
            uow.servers.mark_offline({server_id: AT + server_id * SECOND for server_id in ids})
            found = uow.servers.get_many(ids, changed_by=ADMIN)
            assert [s.report_interval for s in found] == [15.0 + s.id for s in found]
            assert uow.servers.intervals(ids) == {server_id: 15.0 + server_id for server_id in ids}
            assert [s.last_report_at for s in found] == [AT + s.id * SECOND for s in found]
            uow.servers.delete(ids)
            assert uow.servers.existing(ids) == set()

    def test_liveness_is_kept(self, new_uow, queries):
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        with new_uow() as uow:
            uow.servers.mark_online([server.id])
            uow.servers.save_intervals({server.id: 7.5})
            uow.commit()
        assert queries.servers.get(ADMIN, server.id) == replace(server, status=Status.ONLINE, report_interval=7.5)
        with new_uow() as uow:
            assert uow.servers.intervals([server.id, other.id, UNKNOWN]) == {server.id: 7.5}
            assert uow.servers.intervals([]) == {}
            uow.servers.mark_offline({server.id: AT + timedelta(hours=1)})
            uow.commit()
        offline = replace(server, report_interval=7.5, last_report_at=AT + timedelta(hours=1))
        assert queries.servers.get(ADMIN, server.id) == offline
        assert queries.servers.get(ADMIN, other.id) == other

    def test_what_agents_say_is_kept_and_followed(self, new_uow, queries):
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        revision = queries.fleet.revision()
        said = {server.id: AgentInfo("0.2.0", "Debian GNU/Linux 13 (trixie)"), other.id: AgentInfo("", "")}
        with new_uow() as uow:
            uow.servers.save_agents({**said, UNKNOWN: AgentInfo("1", "x")})
            uow.servers.save_agents({})
            uow.commit()
        found = queries.servers.get(ADMIN, server.id)
        assert found == replace(server, agent_version="0.2.0", agent_os="Debian GNU/Linux 13 (trixie)")
        assert [queries.servers.get(ADMIN, id_).agent for id_ in said] == [*said.values()]
        assert queries.fleet.revision() > revision
        with new_uow() as uow:
            uow.servers.save(replace(found, name="renamed", agent_version=None))
            uow.commit()
        assert queries.servers.get(ADMIN, server.id).agent == said[server.id]

    def test_the_newest_facts_are_kept_until_their_host_is_deleted(self, new_uow, queries):
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        old, new, newest = (HostFacts(at=AT + n * SECOND, booted_at=AT, kernel=f"6.{n} é", cores=n) for n in range(3))
        with new_uow() as uow:
            uow.servers.save_facts({server.id: new, UNKNOWN: new})
            uow.servers.save_facts({server.id: old, other.id: replace(new, disks={"/": 2**53 - 1})})
            uow.servers.save_facts({})
            uow.commit()
        assert queries.servers.facts(ADMIN, server.id) == new
        assert queries.servers.facts(ADMIN, other.id) == replace(new, disks={"/": 2**53 - 1})
        with new_uow() as uow:
            uow.servers.save_facts({server.id: newest})
            uow.servers.delete([other.id])
            uow.commit()
        assert queries.servers.facts(ADMIN, server.id) == newest
        for unseen in (other.id, UNKNOWN):
            with pytest.raises(NotFound):
                queries.servers.facts(ADMIN, unseen)

    def test_facts_are_seen_as_their_host_is(self, new_uow, queries):
        server = stored_server(new_uow)
        assert queries.servers.facts(ADMIN, server.id) is None
        with pytest.raises(NotFound):
            queries.servers.facts(NOBODY, server.id)

    def test_liveness_of_a_deleted_server_is_ignored(self, new_uow):
        server = stored_server(new_uow)
        with new_uow() as uow:
            uow.servers.mark_online([UNKNOWN, server.id])
            uow.servers.save_intervals({UNKNOWN: 15.0})
            uow.servers.mark_offline({UNKNOWN: AT})
            uow.servers.mark_online([])
            uow.servers.mark_offline({})
            uow.servers.save_intervals({})
            uow.commit()
        with new_uow() as uow:
            assert uow.servers.existing([UNKNOWN]) == set()
            assert uow.servers.get(server.id, changed_by=ADMIN).status is Status.ONLINE

    def test_one_of_two_simultaneous_servers_gets_the_address(self, new_uow):
        outcomes: list[str] = []

        def add() -> None:
            try:
                with new_uow() as uow:
                    uow.servers.add(a_server("192.0.2.1"))
                    uow.commit()
                outcomes.append("stored")
            except AddressTaken:
                outcomes.append("taken")

        at_once(*[lambda: until_no_conflict(add)] * 2)
        assert sorted(outcomes) == ["stored", "taken"]

    def test_two_simultaneous_changes_of_a_server_lose_nothing(self, new_uow):
        """get() in a unit of work locks, so that neither writes over the other's links and tags."""
        server = stored_server(new_uow)

        def tag_it(tag: str) -> None:
            with new_uow() as uow:
                present = uow.servers.get(server.id, changed_by=ADMIN)
                uow.servers.save(replace(present, tags=present.tags | {tag}))
                uow.commit()

        def work(prefix: str) -> None:
            for n in range(8):
                until_no_conflict(lambda n=n: tag_it(f"{prefix}{n}"))  # type: ignore[misc]  # a default binds n now

        at_once(lambda: work("a"), lambda: work("b"))
        with new_uow() as uow:
            expected = {f"{prefix}{n}" for prefix in "ab" for n in range(8)}
            assert uow.servers.get(server.id, changed_by=ADMIN).tags == expected
