"""Small versions of `make drills DRILLS=cluster`: the whole product is hurt under load, and loses nothing."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.integration.alerts.mail_server import mail_server
from tests.integration.cluster import harms
from tests.integration.cluster.hurting import SETTINGS, Hurt, Scene, load_on
from tests.integration.cluster.old_history import lose_victoria
from tests.integration.cluster.whole import product_on
from tests.integration.galera import Galera
from tests.integration.haproxy import HaProxy

pytestmark = pytest.mark.nightly

HOSTS = 40
CYCLE = 20.0
LONGEST_WAIT = 5.0
OFFLINE_SOON = {"MONITOR_OFFLINE_AFTER": "30"}
"""Seconds. Agents that had no answer for so long would pause for longer, and count as offline with reason."""


@pytest.fixture(scope="module")
def under_load(galera: Galera, balancer: HaProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("whole")
    with (
        mail_server() as mails,
        product_on(
            galera, balancer, galera.create_database(), home, **SETTINGS, **OFFLINE_SOON, **mails.settings
        ) as cluster,
        load_on(cluster, mails, HOSTS, CYCLE) as scene,
    ):
        yield scene


def check(hurt: Hurt) -> None:
    assert hurt.findings.are_clean, hurt
    assert hurt.wait <= LONGEST_WAIT, hurt


def test_two_nodes_are_killed_in_quick_succession(under_load: Scene):
    check(under_load.hurt(harms.kill_two_nodes, 1))


def test_a_node_stands_still(under_load: Scene):
    check(under_load.hurt(partial(harms.halt_a_node, seconds=10.0), 1))


def test_processes_are_killed(under_load: Scene):
    check(under_load.hurt(harms.kill_a_process, 3))


def test_haproxy_is_reloaded_before_a_node_is_killed(under_load: Scene):
    check(under_load.hurt(harms.reload_haproxy, 1))


def test_victoria_is_away(under_load: Scene):
    check(under_load.hurt(partial(lose_victoria, old=under_load.old, seconds=5.0), 1))
