"""Callbacks hear of each event once, after the commit, and stop nothing."""

import threading
from datetime import timedelta

import pytest

import monitor
from monitor.library import hearing

AT_ONCE = timedelta(0)


@pytest.fixture
def web(core: monitor.Core) -> monitor.Server:
    core.policies.add(monitor.Threshold("cpu", warning=80, critical=95, sustained_for=AT_ONCE, clear_for=AT_ONCE))
    core.users.add("ann", email="ann@example.com")
    return core.servers.add("web-1", "192.0.2.10", users=["ann"])


def play(core: monitor.Core, clock: monitor.FixedClock, web: monitor.Server) -> None:
    for cpu in (90, 99, 99, 10):
        core.record(web, cpu=cpu, memory=2, disk=3)
        clock.advance(15)
        core.tick()


def test_a_callback_hears_each_event_once(core: monitor.Core, clock: monitor.FixedClock, web: monitor.Server) -> None:
    heard: list[monitor.AlertEvent] = []

    @core.on_alert
    def listen(event: monitor.AlertEvent) -> None:
        heard.append(event)
        assert event.alert == core.alerts.get(event.alert)  # after the commit, and it may ask the core

    play(core, clock, web)
    [alert] = core.alerts.list()
    assert [entry.event_kind for entry in core.alerts.timeline(alert)] == [event.kind for event in heard]
    assert ("fired", "web-1", 90.0, ("ann",)) == (
        heard[0].kind,
        heard[0].server.name if heard[0].server else None,
        heard[0].value,
        heard[0].recipients,
    )
    assert {"fired", "escalated", "resolved", "notified"} <= {event.kind for event in heard}


def test_nothing_is_heard_of_what_is_not_committed(core: monitor.Core, web: monitor.Server) -> None:
    heard: list[monitor.AlertEvent] = []
    core.on_alert(heard.append)
    with pytest.raises(monitor.errors.InvalidInput):
        core.record_many([monitor.Reading(web, 99, 2, 3), monitor.Reading(web, 101, 2, 3)])
    assert [] == heard


def test_one_that_raises_stops_nothing(core: monitor.Core, clock: monitor.FixedClock, web: monitor.Server) -> None:
    heard: list[str] = []

    @core.on_alert
    def broken(event: monitor.AlertEvent) -> None:
        raise RuntimeError("broken")

    core.on_alert(lambda event: heard.append(event.kind))
    play(core, clock, web)
    assert "resolved" in heard


def test_one_that_hangs_is_not_waited_for(
    core: monitor.Core, web: monitor.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "PATIENCE", 0.05)
    release, heard = threading.Event(), threading.Event()

    @core.on_alert
    def hanging(event: monitor.AlertEvent) -> None:
        release.wait(30)
        heard.set()

    core.record(web, cpu=99, memory=2, disk=3)
    assert "stored" == core.record(web, cpu=99, memory=2, disk=3, at=core.clock.now() - timedelta(seconds=1))
    assert not heard.is_set()
    release.set()
    assert heard.wait(30)


def test_a_channel_in_code_gets_messages_until_it_takes_them(
    core: monitor.Core, clock: monitor.FixedClock, web: monitor.Server
) -> None:
    taken: list[monitor.SentItem] = []
    attempts: list[int] = []

    def send(items: list[monitor.SentItem]) -> None:
        attempts.append(len(items))
        if len(attempts) == 1:
            raise ConnectionError("away")
        taken.extend(items)

    made = core.channels.add("mine", send=send)
    assert made == core.channels.add("mine", send=send)  # as after a restart of the program
    core.record(web, cpu=99, memory=2, disk=3)
    clock.advance(15)
    core.tick()
    assert ([1], []) == (attempts, taken)
    clock.advance(60)
    core.tick()
    assert [("fired", "web-1", "cpu", "critical")] == [
        (each.kind, each.server, each.metric, each.level) for each in taken
    ]
    core.channels.remove("mine")


def test_a_month_takes_seconds(core: monitor.Core, clock: monitor.FixedClock, web: monitor.Server) -> None:
    heard: list[str] = []
    core.on_alert(lambda event: heard.append(event.kind))
    for hour in range(30 * 24):
        core.record(web, cpu=99 if hour % 24 == 0 else 10, memory=2, disk=3)
        clock.advance(3600)
        core.tick()
    assert 30 == heard.count("fired")
    assert core.series(web, ["cpu"], clock.now() - timedelta(days=30), clock.now()).columns["cpu"].max[0] == 99


def test_work_runs_on_threads(core: monitor.Core, web: monitor.Server) -> None:
    heard = threading.Event()
    core.on_alert(lambda event: heard.set() if event.kind == "notified" else None)
    with monitor.in_memory() as live:
        live.policies.add(monitor.Threshold("cpu", warning=80, sustained_for=AT_ONCE))
        live.channels.add("mine", send=lambda items: heard.set())
        live.servers.add("web-1", "192.0.2.10")
        with live.running():
            live.record("web-1", cpu=99, memory=2, disk=3)
            assert heard.wait(30)
