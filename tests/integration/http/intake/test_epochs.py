"""The headers that tell an agent when to send its last samples again."""

from datetime import timedelta

from monitor.application.operations.epochs import WatchEpoch
from tests.integration.http.reporting import BATCH, SINGLE, batch
from tests.integration.http.world import World, agent, report

EPOCH, DURABLE = "X-Monitor-Epoch", "X-Monitor-Durable"


def test_each_answer_to_an_agent_names_the_epoch_and_what_is_durable(any_world: World) -> None:
    world = any_world
    key = world.server_key(world.server("192.0.2.1"))
    epochs = set()
    for answer in (
        world.report(key),
        world.report(key),
        batch(world, key, [report(recorded_at="2030-01-01 11:00:00")]),
    ):
        assert 200 == answer.status_code
        assert "0" == answer.headers[DURABLE]
        epochs.add(answer.headers[EPOCH])
    assert 1 == len(epochs)
    assert 20 < len(epochs.pop()) <= 64


def test_it_names_the_epoch_of_the_database(any_world: World) -> None:
    world = any_world
    key = world.server_key(world.server("192.0.2.1"))
    before = world.report(key).headers[EPOCH]
    world.container.get(WatchEpoch)()
    with world.container.uow() as uow:
        mark = uow.epochs.get()
    assert mark is not None
    assert before != mark.epoch == world.report(key).headers[EPOCH]


def test_the_setting_says_how_long_agents_keep_samples() -> None:
    world = World(durable_after=timedelta(minutes=10))
    try:
        key = world.server_key(world.server("192.0.2.1"))
        assert "600" == world.report(key).headers[DURABLE]
    finally:
        world.close()


def test_a_refusal_names_none(any_world: World) -> None:
    world = any_world
    key = world.server_key(world.server("192.0.2.1"))
    for path, body in ((SINGLE, {}), (BATCH, {"samples": 1})):
        refused = world.send("POST", path, agent(key), json=body)
        assert 400 == refused.status_code
        assert EPOCH not in refused.headers


def test_a_batch_of_which_nothing_can_be_stored_names_none(any_world: World) -> None:
    world = any_world
    key = world.server_key(world.server("192.0.2.1"))
    answer = batch(world, key, [report(recorded_at="1999-01-01 00:00:00")])
    assert 200 == answer.status_code
    assert EPOCH not in answer.headers
