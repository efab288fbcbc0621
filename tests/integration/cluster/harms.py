"""Ways to hurt the whole product on a cluster, each of which heals it again. One call is one round."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.integration.cli.running import wait_for
from tests.integration.cluster.whole import Whole
from tests.integration.galera import GaleraNode

BetweenHurtAndHealed = Callable[[], object]
"""Called while it hurts: returns once all is written again."""
Harm = Callable[[Whole, int, BetweenHurtAndHealed], None]
"""*number*: of the round, from 0."""

IN_QUICK_SUCCESSION = 0.5


def written(cluster: Whole) -> GaleraNode:
    return next(node for node in cluster.galera.nodes if node.name == cluster.balancer.active)


def kill_a_node(cluster: Whole, number: int, while_hurt: BetweenHurtAndHealed) -> None:
    """Kill the node that is written, and one that is not, by turns."""
    is_other = number % 2
    nodes = sorted(cluster.galera.nodes, key=lambda node: node is not written(cluster))
    nodes[is_other].kill()
    while_hurt()
    _heal(cluster)


def kill_two_nodes(cluster: Whole, number: int, while_hurt: BetweenHurtAndHealed) -> None:
    """Kill the node that is written and, before the others have agreed on that, its successor.

    The one that is left is no majority. Nothing is written until both are started again, as systemd does.
    """
    first = written(cluster)
    second = next(node for node in cluster.galera.nodes if node is not first)
    first.kill()
    time.sleep(IN_QUICK_SUCCESSION)
    second.kill()
    with ThreadPoolExecutor() as pool:
        list(pool.map(GaleraNode.start, (first, second)))
    while_hurt()
    _heal(cluster)


def halt_a_node(cluster: Whole, number: int, while_hurt: BetweenHurtAndHealed, seconds: float = 30.0) -> None:
    """Halt the node that is written: its connections stay open, and nobody answers."""
    until = time.monotonic() + seconds
    written(cluster).pause()
    while_hurt()
    time.sleep(max(0.0, until - time.monotonic()))
    _heal(cluster)


def kill_a_process(cluster: Whole, number: int, while_hurt: BetweenHurtAndHealed) -> None:
    """One after the other."""
    process = cluster.processes[number % len(cluster.processes)]
    process.kill()
    while_hurt()
    process.start()


def reload_haproxy(cluster: Whole, number: int, while_hurt: BetweenHurtAndHealed) -> None:
    """Let it read its configuration again, and then kill the node that is written.

    A worker that was replaced keeps its connections, and must not keep those to a dead node, or to a backup.
    """
    cluster.balancer.reload()
    while_hurt()
    kill_a_node(cluster, 0, while_hurt)


def _heal(cluster: Whole) -> None:
    cluster.galera.heal()
    cluster.balancer.wait_for_first()
    wait_for(lambda: cluster.galera.is_whole, "a whole cluster")
