"""Parents and children in random histories, restarts and two processes: nothing is lost, and nobody is paged twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from monitor.adapters.memory.store import MemoryStore
from monitor.application.alerts.holding import HoldBack
from monitor.application.operations.peers import ExchangePeerUpdates, FollowAlerts
from monitor.application.policies.policies import CreatePolicy, EnsureDefaultPolicies
from monitor.domain.alerts.alert import Alert, EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World

RACK = 12


class Rack:
    """Hosts behind a switch; bob is notified of everything. *others*: hosts that never fail."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bob = world.person("bob", "bob@example.com")
        self.switch = world.server("switch", "10.0.0.1", [self.bob])
        self.hosts = [world.server(f"web-{n}", f"10.0.1.{n}", [self.bob], ["rack-7"]) for n in range(1, RACK)]
        self.others = [world.server(f"db-{n}", f"10.1.{n}.1", [self.bob], [f"rack-{n}"]) for n in range(1, RACK)]
        with world.new_uow() as uow:
            uow.servers.depend({host.id: [self.switch.id] for host in self.hosts})
            uow.commit()
        world.process.get(EnsureDefaultPolicies)()
        world.process.get(CreatePolicy)(ROOT, Policy(metric="load1", warning=5, sustained_for=timedelta(0)))
        world.process.fleet.refresh()

    def report(self, servers: list[Server], load: float = 1.0) -> None:
        self.world.store_samples([self.world.sample(server.id, extra={"load1": load}) for server in servers])

    def messages(self) -> list[set[tuple[ServerId, EventKind]]]:
        return [{(i.alert.server_id, i.event_kind) for i in message.items} for _, message in self.world.mailer.sent]


def lived(seed: int) -> Rack:
    """Let half an hour go by in which the switch and hosts fail and return, and load comes and goes."""
    random = Random(seed)  # noqa: S311 (the same history each time)
    rack = Rack(World())
    silent: dict[ServerId, int] = {}
    loaded: dict[ServerId, int] = {}
    for turn in range(180):
        everything = [rack.switch, *rack.hosts]
        if random.random() < 0.03:
            silent[rack.switch.id] = turn + random.choice([3, 12, 20, 40])
            for host in rack.hosts:
                silent[host.id] = silent[rack.switch.id] + random.choice([-5, 0, 0, 1, 2, 2, 3, 30])
        if random.random() < 0.03:
            silent[random.choice(rack.hosts).id] = turn + random.choice([5, 15])
        if random.random() < 0.05:
            loaded[random.choice(everything).id] = turn + random.choice([1, 10, 40])
        if random.random() < 0.02:
            rack.world.restart()
        present = [each for each in (*everything, *rack.others) if silent.get(each.id, 0) <= turn]
        rack.report([each for each in present if loaded.get(each.id, 0) <= turn])
        rack.report([each for each in present if loaded.get(each.id, 0) > turn], 9.0)
        rack.world.let_pass(10, every=5)
    return rack


@pytest.fixture(scope="module")
def racks() -> list[Rack]:
    return [lived(seed) for seed in range(6)]


def was_covered(rack: Rack, alert: Alert) -> Iterator[Reason | None]:
    """Yield why bob was notified of *alert* or not."""
    for n in rack.world.outbox():
        if n.alert_id == alert.id and n.event_kind not in ENDINGS:
            yield Reason.NOTIFIED if n.delivery is DeliveryState.SENT else n.reason


def test_what_fired_is_in_a_message(racks: list[Rack]) -> None:
    """But for what was held as long as it lasted: by a parent, or by the quiet rule."""
    seen = set[Reason | None]()
    for rack in racks:
        for alert in rack.world.alerts():
            reasons = set(was_covered(rack, alert))
            seen |= reasons
            if Reason.NOTIFIED not in reasons:
                assert alert.due_at or reasons <= {
                    Reason.SUPPRESSED_BY,
                    Reason.PENDING_PARENT,
                    Reason.PENDING,
                    Reason.OK,
                }
    assert {Reason.NOTIFIED, Reason.SUPPRESSED_BY} <= seen


def test_nothing_that_is_over_is_held(racks: list[Rack]) -> None:
    for rack in racks:
        for server in (rack.switch, *rack.hosts):
            rack.report([server])
        for _ in range(30):
            rack.report([rack.switch, *rack.hosts, *rack.others])
            rack.world.let_pass(10, every=5)
        open_ids = {alert.id for alert in rack.world.alerts() if alert.is_open}
        held = [n for n in rack.world.outbox() if n.delivery is DeliveryState.HELD and n.alert_id not in open_ids]
        assert not held


def test_nobody_is_notified_of_one_event_twice(racks: list[Rack]) -> None:
    for rack in racks:
        ids = [n.event_id for n in rack.world.outbox() if n.delivery is DeliveryState.SENT]
        assert len(ids) == len(set(ids))


def test_a_rack_behind_a_switch_is_one_page_with_two_processes() -> None:
    """One takes the reports, the other maintains and delivers as well."""
    rack = Rack(World())
    world = rack.world
    other = World(store=world.store, mailer=world.mailer, clock=world.clock, secrets=world.secrets)
    peers = [(each.process.get(ExchangePeerUpdates), each.process.get(FollowAlerts)) for each in (world, other)]

    def let_pass(seconds: int) -> None:
        for turn in range(seconds // 5):
            world.clock.advance(timedelta(seconds=5))
            rack.report(rack.others)
            for exchange, follow in peers:
                exchange()
                follow()
            for each in (world, other) if turn % 2 else (other, world):
                each.background()

    rack.report([rack.switch, *rack.hosts])
    let_pass(240)
    assert [{(rack.switch.id, EventKind.FIRED)}] == rack.messages()
    rack.report([rack.switch])
    let_pass(20)
    rack.report(rack.hosts)
    let_pass(60)
    assert [{(rack.switch.id, EventKind.FIRED)}, {(rack.switch.id, EventKind.RESOLVED)}] == rack.messages()
    assert {alert.is_open for alert in world.alerts()} == {False}


def names(rack: Rack, server: Server) -> list[set[EventKind]]:
    """Return what each message that names *server* says of it."""
    found = [{kind for named, kind in message if named == server.id} for message in rack.messages()]
    return [each for each in found if each]


@pytest.mark.parametrize("is_called", [False, True])
def test_what_outlasts_its_parent_is_in_one_message_however_many_there_were(is_called: bool) -> None:
    """The switch is in the first message, in the second what else web-1 needs; web-2 has more time to recover.
    *is_called*: bob by an escalation, which begins when the parent is back; until then he knows of nothing else."""
    rack = Rack(World())
    fast, slow, pdu = *rack.hosts[:2], rack.world.server("pdu", "10.0.2.1", [rack.bob])
    with rack.world.new_uow() as uow:
        uow.servers.depend({fast.id: [rack.switch.id, pdu.id]})
        if is_called:
            step = Step(timedelta(0), (Target(TargetKind.USER, rack.bob.id),))
            escalation_id = uow.escalations.add(Escalation(name="ops", steps=(step,))).id
            ids = frozenset({rack.switch.id, fast.id, slow.id, pdu.id})
            team = Team(name="ops", access=TeamAccess.WRITE, created_at=rack.world.now, server_ids=ids)
            uow.teams.add(replace(team, escalation_id=escalation_id))
        uow.commit()
    rack.world.process.fleet.refresh()
    silent = {rack.switch.id: range(10), fast.id: range(30), slow.id: range(30), pdu.id: range(2, 9)}
    rack.world.store_samples([rack.world.sample(slow.id, interval=180)])
    rack.report([rack.switch, fast, pdu])
    for turn in range(180):
        everything = [rack.switch, pdu, *rack.hosts, *rack.others]
        rack.report([each for each in everything if turn // 6 not in silent.get(each.id, ())])
        rack.world.let_pass(10, every=5)
    begun = EventKind.DUE if is_called else EventKind.FIRED
    fired, released = ({(each.id, EventKind.FIRED)} for each in (rack.switch, pdu)), (fast, slow)
    ended = [{(each.id, EventKind.RESOLVED) for each in (rack.switch, pdu)}] if is_called else []
    assert [*fired, *ended, *({(each.id, begun)} for each in released)] == rack.messages()


def test_the_database_is_asked_for_parents_once_a_turn_and_without_any_never() -> None:
    world = World(store=MemoryStore())
    host = world.server("web", "10.0.0.1")
    asked = list[object]()

    class Counted(type(world.store.queries.alerts)):  # type: ignore[misc]  # the class of whatever store it is
        def outages(self, *given: object) -> object:
            asked.append(given)
            return super().outages(*given)

    world.store.queries.alerts.__class__ = Counted
    hold_back = world.process.get(HoldBack)
    hold_back()
    assert not asked
    parent = world.server("switch", "10.0.0.2")
    with world.new_uow() as uow:
        uow.servers.depend({host.id: [parent.id]})
        uow.commit()
    world.process.fleet.refresh()
    holding = hold_back()
    for _ in range(100):
        holding(host.id, "cpu", world.now)
    assert 1 == len(asked)


@pytest.mark.parametrize("is_called", [False, True])
def test_a_parent_that_nobody_is_notified_of_holds_nothing_back(is_called: bool) -> None:
    """Neither people, channels nor escalations: else its children would be down, and nobody would know."""
    world = World()
    bob = world.person("bob", "bob@example.com")
    switch, web = world.server("switch", "10.0.0.1"), world.server("web", "10.0.1.1", [bob])
    others = [world.server(f"db-{n}", f"10.1.{n}.1") for n in range(20)]
    with world.new_uow() as uow:
        uow.servers.depend({web.id: [switch.id]})
        if is_called:
            night = uow.escalations.add(
                Escalation(name="night", steps=(Step(timedelta(0), (Target(TargetKind.USER, bob.id),)),))
            )
            uow.teams.add(
                Team(
                    name="net",
                    access=TeamAccess.WRITE,
                    created_at=world.now,
                    server_ids=frozenset({switch.id}),
                    escalation_id=night.id,
                )
            )
        uow.commit()
    world.process.get(EnsureDefaultPolicies)()
    world.process.fleet.refresh()
    for turn in range(30):
        reporting = others if turn > 2 else [*others, switch, web]
        world.store_samples([world.sample(each.id) for each in reporting])
        world.let_pass(10, every=5)
    mailed = {item.alert.server_id for _, message in world.mailer.sent for item in message.items}
    assert mailed == ({switch.id} if is_called else {web.id})
