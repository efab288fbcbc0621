"""What a program of somebody else's does with a core, by its groups."""

from datetime import datetime, timedelta

import pytest

import monitor
from monitor.errors import Closed, Conflict, Forbidden, InvalidInput, NotFound
from tests.unit.application.checks.test_runs import Probing

AT_ONCE = timedelta(0)


def a_policy(core: monitor.Core, **given: object) -> monitor.Policy:
    watch = monitor.Threshold("cpu", warning=80, critical=95, sustained_for=AT_ONCE, clear_for=AT_ONCE, **given)  # type: ignore[arg-type]
    return core.policies.add(watch)


def test_a_host_with_a_sample_is_online_until_its_report_timeout(core: monitor.Core, clock: monitor.FixedClock) -> None:
    core.policies.add(monitor.Offline())
    web = core.servers.add("web-1", "192.0.2.10", tags=["web"])
    assert "offline" == core.servers.live(web).status
    assert "stored" == core.record("web-1", cpu=1.005, memory=2, disk=3)
    assert "duplicate" == core.record(web.id, cpu=1.005, memory=2, disk=3)
    assert "online" == core.servers.live("web-1").status
    clock.advance(3601)
    core.tick()
    assert "offline" == core.servers.live(web).status
    assert ["offline"] == [alert.metric for alert in core.alerts.list("firing", web)]


def test_an_alert_is_acknowledged_explained_and_resolved(core: monitor.Core, clock: monitor.FixedClock) -> None:
    ann = core.users.add("ann", email="ann@example.com")
    a_policy(core, tags=["web"])
    web = core.servers.add("web-1", "192.0.2.10", tags=["web"], users=["ann"])
    core.record(web, cpu=90, memory=2, disk=3)
    [alert] = core.alerts.list(state="firing")
    assert ("cpu", monitor.Level.WARNING) == (alert.metric, alert.level)
    clock.advance(20)
    core.tick()
    assert "told" == core.alerts.explain(alert, ann).reason
    assert ["fired", "notified"] == [entry.event_kind for entry in core.alerts.timeline(alert)]
    assert core.alerts.acknowledge(alert).acknowledged_by == core.actor.user_id
    [incident] = core.incidents.list()
    assert [alert.id] == [member.id for member in incident.members]
    assert [] == [*core.incidents.acknowledge(incident)]
    clock.advance(60)
    core.record(web, cpu=10, memory=2, disk=3)
    assert [] == core.alerts.list(state="firing")
    assert "resolved" == core.alerts.get(alert.id).state


def test_a_person_sees_and_changes_only_what_is_theirs(core: monitor.Core) -> None:
    core.users.add("ann")
    own = core.servers.add("web-1", "192.0.2.10", users=["ann"])
    core.servers.add("db-1", "192.0.2.11")
    ann = core.acting_as("ann")
    assert [own] == ann.servers.list()
    assert ["ann"] == [user.username for user in ann.users.list()]
    assert "stored" == ann.record("web-1", cpu=1, memory=2, disk=3)
    for refused in (
        lambda: ann.servers.get("db-1"),
        lambda: ann.record("db-1", cpu=1, memory=2, disk=3),
        lambda: ann.users.get("admin"),
    ):
        with pytest.raises(NotFound):
            refused()
    for forbidden in (lambda: a_policy(ann), lambda: ann.users.add("eve"), lambda: ann.channels.list()):
        with pytest.raises(Forbidden):
            forbidden()


def test_many_readings_are_stored_or_none(core: monitor.Core, clock: monitor.FixedClock) -> None:
    for number in (1, 2):
        core.servers.add(f"web-{number}", f"192.0.2.{number}")
    good = [monitor.Reading(f"web-{number}", cpu=1, memory=2, disk=3, extra={"load1": 0.5}) for number in (1, 2)]
    for wrong, error in (
        (good[0]._replace(cpu=101), InvalidInput),
        (good[0]._replace(at=datetime(2030, 1, 1)), InvalidInput),  # noqa: DTZ001 (what is refused)
        (good[0]._replace(at=clock.now() + timedelta(hours=1)), InvalidInput),
        (good[0]._replace(server="web-3"), NotFound),
        (good[0]._replace(server=99), NotFound),
    ):
        with pytest.raises(error):
            core.record_many([*good, wrong])
        assert all(core.servers.live(server).sample is None for server in core.servers.list())
    assert ["stored", "stored"] == core.record_many(good)
    assert [] == core.record_many([])
    clock.advance(1)
    assert [0.5] == core.series("web-1", ["load1"]).columns["load1"].avg


def test_servers_are_changed_and_removed(core: monitor.Core) -> None:
    web, switch = core.servers.add("web-1", "192.0.2.10"), core.servers.add("switch", "192.0.2.1")
    core.users.add("ann")
    changed = core.servers.change("web-1", name="web-2", tags=["prod"], users=["ann"], depends_on=["switch"])
    assert ("web-2", frozenset({"prod"})) == (changed.name, changed.tags)
    assert frozenset({switch.id}) == core.servers.get(web).depends_on
    assert [changed.id] == [each.id for each in core.servers.list(tag="prod")]
    child = core.servers.add("web-3", "192.0.2.12", depends_on=[switch])
    assert frozenset({switch.id}) == child.depends_on
    core.servers.remove("web-2")
    with pytest.raises(NotFound):
        core.servers.get(web)
    with pytest.raises(Conflict):
        core.servers.add("again", "192.0.2.1")


def test_a_name_of_several_is_refused(core: monitor.Core) -> None:
    core.servers.add("web", "192.0.2.1")
    core.servers.add("web", "192.0.2.2")
    with pytest.raises(Conflict):
        core.servers.get("web")


def test_policies_of_all_kinds(core: monitor.Core) -> None:
    web = core.servers.add("web-1", "192.0.2.10")
    made = [
        core.policies.add(each)
        for each in (
            monitor.Threshold("disk", critical=5, below=True, server=web),
            monitor.Forecast("disk", warning=100, within=timedelta(days=3)),
            monitor.Range("load1", days=14, beyond=0.5),
            monitor.Offline(server="web-1"),
        )
    ]
    assert ["threshold", "forecast", "range", "threshold"] == [each.kind.name for each in made]
    assert "below" == made[0].direction
    assert made == core.policies.list()
    assert 90 == core.policies.change(made[1], warning=90).warning
    core.policies.remove(made[0])
    with pytest.raises(NotFound):
        core.policies.get(made[0])
    with pytest.raises(InvalidInput):
        core.policies.add(monitor.Threshold("cpu", warning=1, tags=["a", "b"]))


def test_silences_hold_back_until_they_end(core: monitor.Core, clock: monitor.FixedClock) -> None:
    core.users.add("ann", email="ann@example.com")
    a_policy(core)
    web = core.servers.add("web-1", "192.0.2.10", users=["ann"])
    silence = core.silences.add(clock.now() + timedelta(hours=1), server=web, reason="work")
    with pytest.raises(InvalidInput):
        core.silences.add(datetime(2040, 1, 1))  # noqa: DTZ001 (what is refused)
    core.record(web, cpu=99, memory=2, disk=3)
    [alert] = core.alerts.list("firing")
    clock.advance(60)
    core.tick()
    assert "silenced" == core.alerts.explain(alert, "ann").reason
    core.silences.end(silence)
    clock.advance(20)
    core.tick()
    assert "told" == core.alerts.explain(alert, "ann").reason
    core.silences.remove(core.silences.list()[0])
    assert [] == core.silences.list()


def test_rotas_say_who_is_on_call(core: monitor.Core, clock: monitor.FixedClock) -> None:
    people = [core.users.add(name) for name in ("ann", "ben")]
    begun = clock.now() - timedelta(days=1)
    rota = core.rotas.add("nights", people, starts_at=begun)
    assert {"nights": people[0]} == core.rotas.on_call()
    assert {"nights": people[1]} == core.rotas.on_call(begun + timedelta(days=8))
    assert {"nights": None} == core.rotas.on_call(begun - timedelta(days=8))
    core.rotas.remove(rota)
    assert [] == core.rotas.list()


def test_checks_run_when_asked_and_when_due(clock: monitor.FixedClock) -> None:
    prober = Probing()
    with monitor.in_memory(clock=clock, prober=prober) as core:
        check = core.checks.add("shop", "http", "https://shop.example.com", attempts=1)
        assert "up" == core.checks.run(check).status.state
        prober.failing = {"shop"}
        for _ in range(3):
            clock.advance(61)
            core.tick()
        assert ["up"] == [alert.metric for alert in core.alerts.list("firing", "shop")]
        assert 0.0 in core.series("shop", ["up"]).columns["up"].avg
        with pytest.raises(InvalidInput):
            core.checks.add("x", "telepathy", "x")
        core.checks.remove("shop")
        assert [] == core.checks.list()


def test_a_closed_core_says_so(core: monitor.Core) -> None:
    core.close()
    core.close()
    for use in (core.servers.list, core.tick, lambda: core.record("x", cpu=1, memory=1, disk=1), core.users.list):
        with pytest.raises(Closed):
            use()


def test_cores_share_nothing(core: monitor.Core) -> None:
    with monitor.in_memory() as other:
        core.servers.add("web-1", "192.0.2.10")
        assert [] == other.servers.list()


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = monitor.nothing


def test_every_promised_name_is_there_and_documented() -> None:
    for name in monitor.__all__:
        assert getattr(monitor, name).__doc__, name
    assert sorted(monitor.__all__) == monitor.__all__
