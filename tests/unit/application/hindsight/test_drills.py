"""A drill goes the way of a real alert, says what it is, ends by itself, and reports who confirmed it."""

from datetime import timedelta

import pytest

from monitor.adapters.notify.wording.digest import chat_text, subject
from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.hindsight.drills import Confirmation, DrillGoesOn, EndDrills, ReadDrill, StartDrill
from monitor.application.hindsight.noise import CountNoise, Wanted
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import Forbidden, InvalidInput, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Rota, RotaId
from monitor.domain.policies.policies import DRILL, Policy, Scope
from tests.unit.application.alerts.alert_world import ROOT, START, World

WEB = ServerId(1)
MINUTE = timedelta(minutes=1)


class Scene:
    """Bob is on call for web, which he does not see; eve is called ten minutes later; ann may change the server."""

    def __init__(self) -> None:
        self.world = World()
        self.ann, self.bob, self.eve = (self.world.person(n, f"{n}@example.com") for n in ("ann", "bob", "eve"))
        self.world.server("web", "10.0.0.1", [self.ann])
        self.world.server("db", "10.0.0.2")
        with self.world.new_uow() as uow:
            self.rota = uow.rotas.add(Rota(name="duty", timezone="UTC", starts_at=START, user_ids=(self.bob.id,)))
            steps = (
                Step(timedelta(0), (Target(TargetKind.ROTA, self.rota.id),)),
                Step(10 * MINUTE, (Target(TargetKind.USER, self.eve.id),)),
            )
            escalation = uow.escalations.add(Escalation(name="nights", steps=steps))
            uow.teams.add(
                Team(
                    name="ops",
                    access=TeamAccess.WRITE,
                    created_at=START,
                    server_ids=frozenset({WEB}),
                    escalation_id=escalation.id,
                )
            )
            uow.commit()
        self.world.process.fleet.refresh()

    def start(self, actor: Actor = ROOT, server_id: ServerId | None = WEB, rota_id: RotaId | None = None) -> Alert:
        return self.world.process.get(StartDrill)(actor, server_id, rota_id)

    def passes(self, minutes: int) -> None:
        end = self.world.process.get(EndDrills)
        for _ in range(minutes):
            self.world.let_pass(60, every=20)
            end()

    def alert(self) -> Alert:
        return self.world.alerts()[-1]

    def people(self, alert: Alert, actor: Actor = ROOT) -> dict[str, Confirmation]:
        drill = self.world.process.get(ReadDrill)(actor, alert.id)
        receivers = [(each.recipient.receiver, each) for each in drill.recipients]
        return {user.username: each for user, each in receivers if isinstance(user, User)}


def actor(user: User) -> Actor:
    return Actor(user_id=user.id, username=user.username, role=Role.USER)


def test_a_drill_goes_up_the_escalation_and_says_what_it_is() -> None:
    scene = Scene()
    scene.start()
    scene.passes(12)
    sent = scene.world.mailer.sent
    assert ["bob@example.com", "eve@example.com"] == [address for address, _ in sent]
    for _, message in sent:
        assert subject(message).startswith("[DRILL] web")
        assert "nothing is broken" in chat_text(message)[0]
    scene.passes(49)
    assert AlertState.RESOLVED is scene.alert().state
    assert "the drill has ended" in subject(scene.world.mailer.sent[-1][1])


def test_an_acknowledgement_ends_it_before_the_next_step() -> None:
    scene = Scene()
    drill = scene.start()
    scene.passes(2)
    scene.world.process.get(AcknowledgeAlert)(actor(scene.ann), drill.id)
    scene.passes(20)
    assert AlertState.RESOLVED is scene.alert().state
    assert "eve@example.com" not in [address for address, _ in scene.world.mailer.sent]


def test_it_reports_who_confirmed_when_and_by_which_way() -> None:
    scene = Scene()
    drill = scene.start()
    scene.passes(2)
    found = scene.people(drill)
    assert {"bob": Reason.NOTIFIED, "eve": Reason.STEP_NOT_DUE} == {
        name: found[name].recipient.answer.reason for name in ("bob", "eve")
    }
    assert (None, None) == (found["bob"].confirmed_at, found["bob"].by)
    at = scene.world.now
    with scene.world.new_uow() as uow:  # as his link does
        uow.ways.confirm(scene.bob.id, None, at)
        uow.commit()
    scene.world.process.get(AcknowledgeAlert)(actor(scene.ann), drill.id)
    scene.passes(2)
    found = scene.people(drill)
    assert (at, "mail") == (found["bob"].confirmed_at, found["bob"].by)
    assert (at, None) == (found["ann"].confirmed_at, found["ann"].by)


def test_a_server_has_one_drill_at_a_time() -> None:
    scene = Scene()
    scene.start()
    with pytest.raises(DrillGoesOn):
        scene.start()
    scene.passes(61)
    assert scene.start().is_open


def test_the_quiet_rule_holds_none_back() -> None:
    scene = Scene()
    for _ in range(4):
        assert scene.start().due_at is None
        scene.passes(61)
    fired = [message for address, message in scene.world.mailer.sent if address == "bob@example.com"]
    assert 8 == len(fired), "each begins and ends"


def test_who_may_change_the_server_starts_it() -> None:
    scene = Scene()
    assert scene.start(actor(scene.ann)).is_drill
    with pytest.raises(NotFound):
        scene.start(actor(scene.bob))
    with pytest.raises(Forbidden):
        scene.start(actor(scene.ann), None, scene.rota.id)


def test_a_rota_is_tried_on_a_server_whose_team_calls_it() -> None:
    scene = Scene()
    with scene.world.new_uow() as uow:
        unused = uow.rotas.add(Rota(name="other", timezone="UTC", starts_at=START, user_ids=(scene.ann.id,)))
        uow.commit()
    with pytest.raises(InvalidInput) as refused:
        scene.start(ROOT, None, unused.id)
    assert ["rota_id"] == [*refused.value.problems]
    with pytest.raises(NotFound):
        scene.start(ROOT, None, RotaId(99))
    assert WEB == scene.start(ROOT, None, scene.rota.id).server_id


def test_a_rota_that_only_a_policy_calls_is_tried_on_a_server_of_that_policy() -> None:
    """The team's escalation runs too: a drill goes up all that alerts of the server may take."""
    scene = Scene()
    carol = scene.world.person("carol", "carol@example.com")
    with scene.world.new_uow() as uow:
        rota = uow.rotas.add(Rota(name="disks", timezone="UTC", starts_at=START, user_ids=(carol.id,)))
        steps = (Step(timedelta(0), (Target(TargetKind.ROTA, rota.id),)),)
        own = uow.escalations.add(Escalation(name="disks", steps=steps))
        uow.commit()
    scene.world.process.fleet.refresh()
    with pytest.raises(InvalidInput):
        scene.start(ROOT, None, rota.id)
    policy = Policy(metric="disk", warning=80, scope=Scope(server_id=WEB), escalation_id=own.id)
    scene.world.process.get(CreatePolicy)(ROOT, policy)
    drill = scene.start(ROOT, None, rota.id)
    assert WEB == drill.server_id
    scene.passes(2)
    assert {"bob@example.com", "carol@example.com"} == {address for address, _ in scene.world.mailer.sent}
    reasons = {name: each.recipient.answer.reason for name, each in scene.people(drill).items()}
    assert (Reason.NOTIFIED, Reason.STEP_NOT_DUE) == (reasons["carol"], reasons["eve"])
    scene.passes(11)
    assert "eve@example.com" in [address for address, _ in scene.world.mailer.sent]
    assert {"step 2 of nights"} == {
        each.note for each in scene.world.timeline(drill) if each.event_kind is EventKind.STEP
    }


def test_it_counts_as_no_noise_and_is_audited() -> None:
    scene = Scene()
    drill = scene.start()
    scene.passes(5)
    assert [] == scene.world.process.get(CountNoise)(ROOT, Wanted(days=1, limit=10))
    [entry] = [each for each in scene.world.timeline(drill) if each.event_kind is EventKind.FIRED]
    assert (DRILL, None) == (drill.metric, drill.policy_id)
    assert entry.at == drill.fired_at


def test_an_unknown_alert_is_no_drill() -> None:
    with pytest.raises(NotFound):
        Scene().world.process.get(ReadDrill)(ROOT, AlertId(99))
