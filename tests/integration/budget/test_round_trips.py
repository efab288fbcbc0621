"""Round trips to MariaDB of a group of samples."""

from contextlib import closing

from monitor.adapters.persistence.store import SqlStore
from tests.budget.counting import Profile
from tests.budget.ledger import ROUND_TRIPS, Ledger
from tests.budget.scene import SERVERS, FleetScene
from tests.fakes.cipher import TransparentCipher
from tests.integration.http.world import World

IDLE, FIRING = f"a group of {SERVERS} samples", "a group with 10 alerts that fire"


def test_round_trips_of_a_group(ready_mariadb_url: str) -> None:
    with closing(World(SqlStore(ready_mariadb_url, pool_size=8, cipher=TransparentCipher("a key")))) as world:
        scene = FleetScene(world)
        samples = scene.next_samples()
        with Profile().on() as profile:
            with profile.round_trips() as idle:
                scene.stored(samples)
            with profile.round_trips() as firing:
                scene.fire(10)
    Ledger().check(ROUND_TRIPS, IDLE, idle)
    Ledger().check(ROUND_TRIPS, FIRING, firing)


def test_no_other_group_has_a_budget_of_round_trips() -> None:
    Ledger().only(ROUND_TRIPS, [IDLE, FIRING])
