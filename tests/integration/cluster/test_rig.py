"""That the cluster of these tests is one: what is said of it below would mean little otherwise."""

import pymysql
import pytest
from sqlalchemy import text

from monitor.adapters.persistence.engine.engine import create_engine
from tests.integration.cli.running import wait_for
from tests.integration.cluster.conftest import Database
from tests.integration.galera import Galera
from tests.integration.haproxy import HaProxy

pytestmark = pytest.mark.nightly


def rows(database: Database) -> list[list[tuple[int]]]:
    """Of each node."""
    return [node.rows("SELECT v FROM t ORDER BY v", database.name) for node in database.galera.nodes]


def test_what_one_node_takes_all_have_even_one_that_was_killed(galera: Galera, database: Database):
    first, second, third = galera.nodes
    first.execute("CREATE TABLE t (v INT PRIMARY KEY)", database.name)
    second.execute("INSERT INTO t VALUES (1)", database.name)
    third.kill()
    first.execute("INSERT INTO t VALUES (2)", database.name)
    galera.heal()
    assert [[(1,), (2,)]] * 3 == rows(database)


def test_the_load_balancer_goes_to_another_node_and_back(galera: Galera, balancer: HaProxy, database: Database):
    engine = create_engine(database.url)

    def node() -> str:
        with engine.connect() as connection:
            return str(connection.execute(text("SELECT @@wsrep_node_name")).scalar_one())

    assert "node1" == node()
    galera.nodes[0].kill()
    wait_for(lambda: balancer.active == "node2", "the next node")
    assert "node2" == node()
    assert balancer.is_ready
    galera.heal()
    wait_for(lambda: balancer.active == "node1", "the first node")
    assert "node1" == node(), "connections to the other were not closed"
    engine.dispose()


def test_the_load_balancer_uses_no_node_without_a_quorum(galera: Galera, balancer: HaProxy, database: Database):
    """`mysql-check` would: such a node accepts connections."""
    first, second, third = galera.nodes
    second.pause()
    third.pause()
    wait_for(lambda: first.status().get("wsrep_ready") == "OFF", "the lost quorum")
    with pytest.raises(pymysql.err.OperationalError):
        first.execute("CREATE TABLE t (v INT PRIMARY KEY)", database.name)
    wait_for(lambda: balancer.active is None, "the balancer to notice")
    assert not balancer.is_ready
