"""What the access test's requests about alerts name: each is made when a path first asks for it."""

from datetime import timedelta
from string import Formatter
from typing import Any

from monitor.application.accounts.passkey_login import BeginPasskeyLogin
from monitor.application.accounts.passkeys import AddPasskey, BeginPasskey
from monitor.application.accounts.personal_tokens import CreateToken
from monitor.application.accounts.sessions import Origin
from monitor.application.checks.check_ins import CreateCheckIn
from monitor.application.checks.checks import CreateCheck
from monitor.application.configuration.edited import RosterEdit
from monitor.application.configuration.planning import Plans
from monitor.application.hindsight.backtest import Backtests
from monitor.application.hindsight.drills import StartDrill
from monitor.application.notifications.channels import ManageChannels
from monitor.application.notifications.ways import ManageWays
from monitor.application.oncall.escalations import ManageEscalations
from monitor.application.oncall.rotas import ManageRotas
from monitor.application.policies.policies import CreatePolicy
from monitor.application.policies.silences import CreateSilence
from monitor.domain.accounts.passkeys import Site
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, TimelineEntry
from monitor.domain.checks import kinds
from monitor.domain.checks.check_ins import CheckIn
from monitor.domain.checks.checks import Check
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.incidents.incidents import Incident
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.notifications.outbox import DeliveryState, Target
from monitor.domain.oncall.escalations import Escalation, Step, TargetKind
from monitor.domain.oncall.escalations import Target as StepTarget
from monitor.domain.oncall.rotas import Override, Rota
from monitor.domain.oncall.ways import MAIL, Way
from monitor.domain.policies.policies import Policy, Scope
from monitor.domain.policies.silences import Silence
from tests.contracts.builders import a_notification, stored_passkey
from tests.fakes.device import Device
from tests.integration.http.world import Json, Person, World

TAG = "nobody has it"


def named_in(path: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(path) if name]


def scope_of(variant: str, server_id: int) -> Json:
    scopes: dict[str, Json] = {"of_server": {"server_id": server_id}, "of_tag": {"tag": TAG}}
    return scopes.get(variant, {})


class Subjects:
    """Things on *server_id*, a tag, or everything; the backtest is that of *owner*."""

    def __init__(self, world: World, server_id: ServerId, owner: Person) -> None:
        self._world = world
        self._server_id = server_id
        self._owner = owner
        self._made: dict[tuple[str, str], Any] = {}

    def id_of(self, name: str, variant: str) -> Any:
        if (name, variant) not in self._made:
            make = {
                "alert_id": self._alert,
                "called_rota_id": self._called_rota,
                "channel_id": self._channel,
                "check_id": self._check,
                "check_in_id": lambda _: self._check_in().id,
                "drill_id": self._drill,
                "escalation_id": self._escalation,
                "event": lambda _: "start",
                "incident_id": self._incident,
                "job_id": self._job,
                "notification_id": self._notification,
                "passkey_id": self._passkey,
                "ping_key": lambda _: self._check_in().ping_key,
                "plan_id": self._plan,
                "policy_id": self._policy,
                "rehearsal_id": self._rehearsal,
                "rota_id": self._rota,
                "silence_id": self._silence,
                "token_id": self._token,
                "way_id": self._way,
            }[name]
            self._made[name, variant] = make(Scope(**scope_of(variant, self._server_id)))
        return self._made[name, variant]

    def _alert(self, _: Scope) -> int:
        now = self._world.clock.now()
        alert = Alert(
            server_id=self._server_id,
            metric="cpu",
            level=Level.WARNING,
            value=81.0,
            threshold=80.0,
            started_at=now,
            fired_at=now,
            policy_id=self._made.get(("policy_id", "of_server")),
        )
        with self._world.container.uow() as uow:
            alert = uow.alerts.add(alert)
            uow.commit()
        return alert.id

    def _incident(self, _: Scope) -> int:
        alert_id = AlertId(self._alert(Scope()))
        with self._world.container.uow() as uow:
            begun = Incident(started_at=self._world.clock.now(), hosts=frozenset({self._server_id}))
            [incident_id] = uow.incidents.save([(begun, [alert_id])])
            uow.commit()
        return incident_id

    def _channel(self, _: Scope) -> int:
        channel = Channel(
            name="team",
            kind=ChannelKind("email"),
            settings={"address": f"team-{len(self._made)}@example.com"},
            created_at=self._world.clock.now(),
        )
        return self._world.container.get(ManageChannels).create(self._world.admin.actor, channel).id

    def _check(self, _: Scope) -> int:
        check = Check(
            name="shop",
            kind=kinds.TCP,
            target="192.0.2.1:443",
            created_at=self._world.clock.now(),
            host_id=self._server_id,
        )
        return self._world.container.get(CreateCheck)(self._world.admin.actor, check).check.id

    def _check_in(self) -> CheckIn:
        now = self._world.clock.now()
        check_in = CheckIn(name="backup", period=60.0, grace=5.0, created_at=now, host_id=self._server_id)
        return self._world.container.get(CreateCheckIn)(self._world.admin.actor, check_in)

    def _notification(self, scope: Scope) -> int:
        now = self._world.clock.now()
        alert_id = AlertId(self._alert(scope))
        with self._world.container.uow() as uow:
            fired = TimelineEntry(alert_id=alert_id, at=now, event_kind=EventKind.FIRED)
            [event] = uow.alerts.add_to_timeline([fired])
            refused = a_notification(
                event,
                Target(user_id=self._owner.id),
                server_id=self._server_id,
                created_at=now,
                delivery=DeliveryState.PARKED,
            )
            uow.notifications.add([refused])
            [stored] = uow.notifications.of_alerts([alert_id])
            uow.commit()
        return stored.id

    @property
    def site(self) -> Site:
        """Tests reach the server by plain HTTP, where passkeys work on localhost alone."""
        return Site(origin="http://localhost")

    def new_passkey(self, caller: object) -> Json:
        """The answer of a device that makes a passkey; that of the owner for a caller who is nobody."""
        person = caller if isinstance(caller, Person) else self._owner
        device = Device(origin=self.site.origin)
        return device.create(self._world.container.get(BeginPasskey)(person.actor, self.site))

    def signature(self) -> Json:
        """The answer of a device with a passkey of the owner."""
        container, device = self._world.container, Device(origin=self.site.origin)
        made = device.create(container.get(BeginPasskey)(self._owner.actor, self.site))
        container.get(AddPasskey)(self._world.in_session(self._owner), self.site, name="laptop", answer=made)
        return device.sign(container.get(BeginPasskeyLogin)(self.site, Origin(address="203.0.113.9")))

    def _passkey(self, _: Scope) -> int:
        return stored_passkey(self._world.container.uow, self._owner.id).id

    def _policy(self, scope: Scope) -> int:
        policy = Policy(metric="cpu", warning=80, scope=scope)
        return self._world.container.get(CreatePolicy)(self._world.admin.actor, policy).id

    def _rota(self, _: Scope) -> int:
        """Make one in which it is the owner's turn, who has given an hour of it to the administrator."""
        now, members = self._world.clock.now(), (self._owner.id, self._world.admin.id)
        override = Override(members[1], now + timedelta(hours=1), now + timedelta(hours=2))
        rota = Rota(name="web", timezone="UTC", starts_at=now, user_ids=members, overrides=(override,))
        return self._world.container.get(ManageRotas).create(self._world.admin.actor, rota).id

    def _called_rota(self, _: Scope) -> int:
        """Have a team of the server call the rota."""
        rota_id = self.id_of("rota_id", "")
        self._world.container.fleet.refresh()
        step = Step(timedelta(0), (StepTarget(TargetKind.ROTA, rota_id),))
        manage = self._world.container.get(ManageEscalations)
        escalation = manage.create(self._world.admin.actor, Escalation(name="called", steps=(step,)))
        team = Team(
            name="called",
            access=TeamAccess.READ,
            created_at=self._world.clock.now(),
            server_ids=frozenset({self._server_id}),
            escalation_id=escalation.id,
        )
        with self._world.container.uow() as uow:
            uow.teams.add(team)
            uow.commit()
        return int(rota_id)

    def _drill(self, _: Scope) -> int:
        return self._world.container.get(StartDrill)(self._world.admin.actor, self._server_id, None).id

    def _rehearsal(self, _: Scope) -> str:
        """Start one of the owner."""
        plans = self._world.container.get(Plans)
        plans.rehearse(self._owner.actor, RosterEdit(), days=1)
        return next(iter(plans.ids_of(self._owner.actor)))

    def _escalation(self, _: Scope) -> int:
        step = Step(timedelta(0), (StepTarget(TargetKind.LINKED),))
        manage = self._world.container.get(ManageEscalations)
        return manage.create(self._world.admin.actor, Escalation(name="night", steps=(step,))).id

    def _silence(self, scope: Scope) -> int:
        now = self._world.clock.now()
        minute = timedelta(minutes=1)
        silence = Silence(
            scope=scope, starts_at=now - minute, ends_at=now + minute, reason="a repair", created_at=now - minute
        )
        return self._world.container.get(CreateSilence)(self._world.admin.actor, silence).id

    def _token(self, _: Scope) -> int:
        return self._world.container.get(CreateToken)(self._owner.actor, name="script", scope=TokenScope.READ)[0].id

    def _way(self, _: Scope) -> int:
        mail = Way(user_id=self._owner.id, kind=MAIL)
        return self._world.container.get(ManageWays).choose(self._owner.actor, [mail])[0].id

    def _plan(self, _: Scope) -> str:
        """Start a plan of the administrator that goes on."""
        plans, admin = self._world.container.get(Plans), self._world.admin.actor
        plans.start(admin, "silences: []", days=1)
        return next(iter(plans.ids_of(admin)))

    def _job(self, _: Scope) -> str:
        policy = Policy(metric="cpu", warning=80, scope=Scope(server_id=self._server_id))
        return str(self._world.container.get(Backtests).start(self._owner.actor, policy, days=60))
