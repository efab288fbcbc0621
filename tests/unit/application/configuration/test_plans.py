"""A plan replays the past of the whole fleet, and reads it once."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from monitor.application.configuration.current import ReadConfiguration
from monitor.application.configuration.pages import PredictPages
from monitor.application.history.sealing import SealHistory
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, World

DAYS = 3
POLICIES = [
    Policy(metric="cpu", warning=70, critical=85),
    Policy(metric="memory", warning=70),
    Policy(metric="disk", kind=FORECAST, warning=100),
    Policy(metric=OFFLINE),
]


def test_each_hour_is_read_once_for_all_policies_now_and_with_the_file(monkeypatch):
    world, asked = World(), Counter[tuple[int, int]]()
    servers = [
        world.server(f"web-{n}", f"10.0.0.{n}", [world.person(f"person-{n}", f"{n}@example.com")]) for n in (1, 2)
    ]
    start = world.now - timedelta(days=DAYS)
    for server in servers:
        with world.new_uow() as uow:
            times = [start + n * timedelta(minutes=5) for n in range(DAYS * 288)]
            value = [90.0 if at.hour in (3, 4) else 95.0 * (at - start) / timedelta(days=DAYS) for at in times]
            uow.samples.add(
                [Sample(server.id, at, at, cpu, cpu, cpu, None, 300.0) for at, cpu in zip(times, value, strict=True)]
            )
            uow.commit()
    for policy in POLICIES:
        world.process.get(CreatePolicy)(ROOT, policy)
    world.process.fleet.refresh()
    list(world.process.get(SealHistory)(world.now, in_turn=False))
    history = world.store.queries.history
    read = history.chunks_at

    def chunks_at(server_id, hours):
        asked.update((server_id, hour) for hour in hours)
        return read(server_id, hours)

    monkeypatch.setattr(history, "chunks_at", chunks_at)
    current = world.process.get(ReadConfiguration)(ROOT)
    edited = tuple(replace(each, sustained_for=timedelta(hours=3)) for each in current.configuration.policies)
    wanted = replace(current.configuration, policies=edited)
    progress: list[float] = []
    pages = world.process.get(PredictPages)(current, wanted, 2, progress.append)
    assert pages.before > pages.after > 0
    assert pages.people.keys() == {"person-1", "person-2"}
    assert {*asked.values()} == {1}
    assert progress == sorted(progress)
    assert progress[-1] == 1
