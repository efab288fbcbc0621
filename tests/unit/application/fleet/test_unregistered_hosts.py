"""Hosts that report and are not registered yet."""

import pytest

from monitor.domain.errors import InvalidInput, StorageUnavailable
from monitor.domain.fleet.errors import HostReports
from tests.unit.application.core import Core


def addresses(core: Core) -> set[str]:
    return {host.ip_address for host in core.unregistered()}


def test_each_is_kept_with_its_last_report(core: Core, root) -> None:
    first = core.clock.now()
    core.store_samples([], [core.unregistered_host()])
    core.clock.advance(15)
    core.store_samples([], [core.unregistered_host(), core.unregistered_host("10.9.9.8")])
    newest = {host.ip_address: host for host in core.store.queries.servers.unregistered(root)}
    assert set(newest) == {"10.9.9.9", "10.9.9.8"}
    known = newest["10.9.9.9"]
    assert (known.first_seen_at, known.last_seen_at, known.reports) == (first, core.clock.now(), 2)


def test_it_vanishes_once_it_is_registered(core: Core, root) -> None:
    core.store_samples(
        [], [core.unregistered_host("10.9.9.8"), core.unregistered_host("10.9.9.9"), core.unregistered_host("10.9.9.7")]
    )
    core.create_server(root, name="new", ip_address="10.9.9.9")
    assert addresses(core) == {"10.9.9.8", "10.9.9.7"}
    other = core.server("10.0.0.1")
    core.update_server(root, other.id, ip_address="10.9.9.8")
    assert addresses(core) == {"10.9.9.7"}
    core.import_servers(root, "server_name,ip_address\nx,10.9.9.7\n", dry_run=False)
    assert addresses(core) == set()


def test_one_that_was_registered_while_its_report_waited_does_not_come_back(core: Core, root) -> None:
    waiting = [core.unregistered_host("10.9.9.9"), core.unregistered_host("10.9.9.8")]
    core.create_server(root, name="new", ip_address="10.9.9.9")
    core.store_samples([], waiting)
    assert addresses(core) == {"10.9.9.8"}


def test_it_is_stored_together_with_the_samples_or_not_at_all(core: Core, root) -> None:
    server = core.server()
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.store_samples([core.sample(server)], [core.unregistered_host()])
    assert (core.stored_samples(), addresses(core)) == ([], set())
    core.store_samples([core.sample(server)], [core.unregistered_host()])
    assert (len(core.stored_samples()), addresses(core)) == (1, {"10.9.9.9"})


def test_only_an_admin_registers_it(core: Core, root, ann) -> None:
    """An admin's fleet key would deliver its samples to any server with the address."""
    core.store_samples([], [core.unregistered_host("10.9.9.9")])
    server = core.server("10.0.0.1", [ann])
    with pytest.raises(HostReports):
        core.create_server(ann, name="mine", ip_address="10.9.9.9")
    with pytest.raises(HostReports):
        core.update_server(ann, server.id, ip_address="::ffff:10.9.9.9")
    with pytest.raises(InvalidInput) as refusal:
        core.import_servers(ann, "server_name,ip_address\na,10.9.9.8\nx,10.9.9.9\n", dry_run=True)
    assert {problem.code for problem in refusal.value.problems.values()} == {"unregistered_host"}
    assert addresses(core) == {"10.9.9.9"}

    registered = core.create_server(root, name="theirs", ip_address="10.9.9.9", user_ids=[ann.user_id])
    core.update_server(ann, registered.id, name="ours")


def test_any_user_registers_an_address_without_reports(core: Core, ann) -> None:
    core.store_samples([], [core.unregistered_host("10.9.9.9")])
    server = core.create_server(ann, name="mine", ip_address="10.9.9.8")
    core.update_server(ann, server.id, ip_address="10.9.9.7")
    core.import_servers(ann, "server_name,ip_address\nx,10.9.9.6\n", dry_run=False)
    assert addresses(core) == {"10.9.9.9"}
