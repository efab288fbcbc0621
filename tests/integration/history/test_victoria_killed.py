"""VictoriaMetrics answers before it writes: what it had only in memory when it is killed is gone."""

from datetime import timedelta

from monitor.application.history.archiving import ArchiveHistory
from tests.contracts.archived_history import KEPT, World, world
from tests.integration.victoria import Victoria

__all__ = ["world"]


def test_what_a_kill_took_never_left_the_database(world: World, victoria: Victoria) -> None:
    before = world.view(), world.view(world.two)
    written = 0
    for step in ArchiveHistory(world.new_uow, world.archive, world.clock, "this")(KEPT):
        written += step.written
        if step.waits:  # all is written, and nothing is on the disk
            victoria.stop(kill=True)
            break
    assert written == 10
    assert (world.view(), world.view(world.two)) == before
    victoria.start()
    world.clock.advance(timedelta(minutes=1))
    for _ in range(2):  # what came back in part is refused, and offered again under another name
        world.move()
    assert world.counts() == [(0, 4), (0, 2), (0, 2), (0, 2)]
    assert (world.view(), world.view(world.two)) == before


def test_a_kill_between_the_write_and_the_proof_is_noticed(world: World, victoria: Victoria) -> None:
    """The proof reads what the new process has."""
    before = world.view()
    refused = 0
    for step in ArchiveHistory(world.new_uow, world.archive, world.clock, "this")(KEPT):
        refused += step.refused
        if step.waits:
            victoria.stop(kill=True)
            victoria.start()
            world.clock.advance(world.archive.settles_after)
    assert refused == 10
    assert world.view() == before
    world.move()
    assert world.view() == before
    assert world.counts() == [(0, 4), (0, 2), (0, 2), (0, 2)]
