"""Readers and writers of the fleet in memory, all at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server
from tests.unit.application.core import ROOT, Core

DEADLINE = 30.0


class Hammer:
    """Servers come and go beside a fixed one, samples arrive, and readers look."""

    def __init__(self, core: Core, root: Actor, fixed: Server) -> None:
        self.core, self.root, self.fixed = core, root, fixed

    def come_and_go(self, turn: int) -> None:
        server = self.core.create_server(self.root, name=f"guest {turn}", ip_address=f"10.1.0.{turn}")
        self.core.fleet.refresh()
        assert server.id in self.core.fleet.directory.servers
        self.core.store_samples([self.core.sample(server)])
        self.core.delete_server(self.root, server.id)

    def report(self, turn: int) -> None:
        self.core.store_samples([self.core.sample(self.fixed, turn / 1000)])

    def look(self, _: int) -> None:
        fleet = self.core.fleet
        visible = fleet.visible_to(ROOT)
        listed = {server.ip_address for server in visible.servers}
        assert self.fixed.ip_address in listed
        assert listed == set(visible.directory.by_address)
        assert self.fixed.id in fleet.live

    def follow_changes(self, _: int) -> None:
        for server_id in self.core.fleet.take_changed():
            self.core.fleet.live.get(server_id)

    def watch(self, _: int) -> None:
        self.core.fleet.poll()
        self.core.detect_offline()


def repeat(act: Callable[[int], None], turns: int) -> None:
    for turn in range(turns):
        act(turn)


def test_readers_meet_no_half_loaded_fleet(core: Core, root) -> None:
    fixed = core.server("10.0.0.1", name="fixed")
    hammer = Hammer(core, root, fixed)
    work: list[tuple[Callable[[int], None], int]] = [
        (hammer.come_and_go, 60),
        (hammer.report, 300),
        (hammer.look, 300),
        (hammer.look, 300),
        (hammer.follow_changes, 300),
        (hammer.watch, 100),
    ]
    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(repeat, act, turns) for act, turns in work]:
            done.result(DEADLINE)

    core.fleet.refresh()
    assert [server.name for server in core.fleet.directory.servers.values()] == ["fixed"]
    assert core.fleet.live[fixed.id].sample == core.stored_samples(fixed.id)[-1]
