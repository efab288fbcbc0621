"""The use cases in every order, against a plain recomputation: alerts, events, and all notifications with times."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.fleet.batches import ChangeServers
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence, EndSilence
from monitor.domain.alerts.alert import Alert, EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.policies.policies import OFFLINE, Policy, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from tests.examples import examples
from tests.unit.application.alerts.alert_invariants import assert_consistent
from tests.unit.application.alerts.alert_world import ROOT, START, World
from tests.unit.application.alerts.oracle import alert_recomputation as plain
from tests.unit.application.alerts.oracle.recomputed import Silenced

SERVERS = {"east": ServerId(1), "west": ServerId(2)}
METRICS = ("cpu", "memory", "load1")
SECONDS = timedelta(seconds=1)
ANSWERS = {
    "sent": SendResult(SendStatus.SENT),
    "delayed": SendResult(SendStatus.RETRY, "451 later"),
    "refused": SendResult(SendStatus.REFUSED, "550 no"),
}

servers = st.sampled_from(list(SERVERS))
# On, just under and just over every threshold and every margin; and what is simply good or bad, to get anywhere.
edges = st.sampled_from([t + d for t in (55, 60, 65, 70, 75, 80, 85) for d in (-0.01, 0.0, 0.01)])
values = st.sampled_from([10.0, 10.0, 72.0, 72.0, 90.0, 90.0]) | edges
rows = st.fixed_dictionaries(
    {"server": servers, "step": st.sampled_from([15, 15, 15, 15, 45, 45.000001, 60]), "cpu": values, "memory": values},
    optional={"load1": values},
)
durations = st.sampled_from([timedelta(0), 15 * SECONDS, 30 * SECONDS])
shapes = st.fixed_dictionaries(
    {
        "warning": st.sampled_from([None, 60.0, 70.0]),
        "critical": st.sampled_from([75.0, 85.0]),
        "clear_margin": st.sampled_from([0.0, 5.0]),
        "sustained_for": durations,
        "clear_for": durations,
    }
)


class Alerts(RuleBasedStateMachine):
    @initialize(shape=shapes)
    def begin(self, shape: dict[str, Any]) -> None:
        self.world = World(is_grouping=False)
        people = {
            "bob": self.world.person("bob", "bob@example.com"),
            "eve": self.world.person("eve", "eve@example.com", Level.CRITICAL),
        }
        self.ids = {name: user.id for name, user in people.items()}
        for n, name in enumerate(SERVERS):
            self.world.server(name, f"10.0.0.{n + 1}", people.values())
        self.plain = plain.World(
            people={"bob": Level.WARNING, "eve": Level.CRITICAL},
            links={name: set(people) for name in SERVERS},
            now=START,
            reminder_after=timedelta(minutes=5),
        )
        self.world.process.get(ChangePreferences)(ROOT, {"reminder_after": 300})
        for metric in METRICS:
            self.add_policy(Policy(metric=metric, **shape))
        self.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
        self.sent: list[Sample] = []
        self.spool: list[Sample] = []

    def add_policy(self, policy: Policy) -> None:
        stored = self.world.process.get(CreatePolicy)(ROOT, policy)
        self.plain.policies[stored.id] = stored

    def pass_time(self, by: timedelta) -> None:
        self.world.clock.advance(by)
        self.plain.now = self.world.now

    def work(self) -> None:
        self.world.background()
        self.plain.background(SERVERS)

    def deliver_samples(self, samples: list[Sample]) -> None:
        """As one request, as the intake receives it."""
        samples = [sample._replace(received_at=self.world.now) for sample in samples]
        known = {(sample.server_id, sample.recorded_at) for sample in self.sent}
        self.world.store_samples(samples)
        names = {server_id: name for name, server_id in SERVERS.items()}
        for sample in sorted(samples, key=lambda each: each.recorded_at):
            if (key := (sample.server_id, sample.recorded_at)) not in known:
                known.add(key)
                self.sent.append(sample)
                measured = {m: v for m in METRICS if (v := sample.metric(m)) is not None}
                self.plain.sample(names[sample.server_id], sample.recorded_at, measured, SERVERS)
        self.plain.reported(names[sample.server_id] for sample in samples)

    def measured(self, row: dict[str, Any]) -> Sample:
        extra = {"load1": row["load1"]} if "load1" in row else None
        now = self.world.now
        return Sample(SERVERS[row["server"]], now, now, row["cpu"], row["memory"], 10.0, extra, 15.0)

    @rule(batch=st.lists(rows, min_size=1, max_size=8))
    def report_one_by_one(self, batch: list[dict[str, Any]]) -> None:
        """After what was kept: late samples have `test_alert_oracle.py` and `test_alert_invariants.py`."""
        if self.spool:
            self.deliver_samples(self.spool)
            self.spool = []
        for row in batch:
            self.pass_time(row["step"] * SECONDS)
            self.deliver_samples([self.measured(row)])
            self.work()

    @rule(server=servers, cpu=values, memory=values, count=st.integers(1, 8))
    def report_the_same_for_a_while(self, server: str, cpu: float, memory: float, count: int) -> None:
        self.report_one_by_one([{"server": server, "step": 15, "cpu": cpu, "memory": memory}] * count)

    @rule(server=servers, cpu=st.lists(values, min_size=2, max_size=2, unique=True), count=st.integers(4, 10))
    def report_to_and_fro(self, server: str, cpu: list[float], count: int) -> None:
        rows = [{"server": server, "step": 15, "cpu": cpu[n % 2], "memory": 10.0} for n in range(count)]
        self.report_one_by_one(rows)

    @rule(batch=st.lists(rows, min_size=1, max_size=8))
    def measure_into_the_spool(self, batch: list[dict[str, Any]]) -> None:
        for row in batch:
            self.pass_time(row["step"] * SECONDS)
            self.spool.append(self.measured(row))

    @precondition(lambda self: self.spool)
    @rule(size=st.integers(1, 9), data=st.data())
    def send_the_spool(self, size: int, data: st.DataObject) -> None:
        """In requests of any size, each with its samples in any order; here and there one is sent twice."""
        for n in range(0, len(self.spool), size):
            request = data.draw(st.permutations(self.spool[n : n + size]))
            self.deliver_samples([*request, *data.draw(st.lists(st.sampled_from(request), max_size=2))])
        self.spool = []
        self.work()

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), count=st.integers(1, 4))
    def send_again(self, data: st.DataObject, count: int) -> None:
        self.deliver_samples(data.draw(st.lists(st.sampled_from(self.sent), min_size=1, max_size=count)))

    @rule(seconds=st.sampled_from([1, 10, 60, 100]), pauses=st.integers(1, 4))
    def wait(self, seconds: int, pauses: int) -> None:
        for _ in range(pauses):
            self.pass_time(seconds * SECONDS)
            self.work()

    @rule(minutes=st.sampled_from([14, 15, 30, 60]))
    def wait_until_held_ones_fall_due(self, minutes: int) -> None:
        self.pass_time(timedelta(minutes=minutes))
        self.work()

    @rule()
    def wait_for_calm(self) -> None:
        for _ in range(4):
            self.pass_time(timedelta(hours=1))
            self.work()

    @rule(server=servers, cpu=st.lists(values, min_size=2, max_size=2, unique=True), hours=st.integers(3, 12))
    def change_each_other_hour(self, server: str, cpu: list[float], hours: int) -> None:
        """For so long that held alerts add up, and a day goes by."""
        rows = [{"server": server, "step": 7200, "cpu": cpu[n % 2], "memory": 10.0} for n in range(hours)]
        self.report_one_by_one(rows)

    @rule()
    def restart(self) -> None:
        self.world.restart()
        self.plain.restart()

    @rule(data=st.data(), shape=shapes)
    def edit_a_policy(self, data: st.DataObject, shape: dict[str, Any]) -> None:
        policy_id = data.draw(st.sampled_from(sorted(self.plain.policies)))
        before = self.plain.policies[policy_id]
        after = self.world.process.get(UpdatePolicy)(ROOT, policy_id, **shape)
        if after != before:
            self.plain.edited(policy_id, after)

    @rule(data=st.data())
    def switch_a_policy(self, data: st.DataObject) -> None:
        policy_id = data.draw(st.sampled_from(sorted(self.plain.policies)))
        enabled = not self.plain.policies[policy_id].enabled
        self.plain.edited(policy_id, self.world.process.get(UpdatePolicy)(ROOT, policy_id, enabled=enabled))

    @rule(shape=shapes, server=servers, metric=st.sampled_from(METRICS))
    def a_server_gets_or_loses_a_policy_of_its_own(self, shape: dict[str, Any], server: str, metric: str) -> None:
        scope = Scope(server_id=SERVERS[server])
        own = [n for n, policy in self.plain.policies.items() if (policy.metric, policy.scope) == (metric, scope)]
        if own:
            self.world.process.get(DeletePolicy)(ROOT, own[0])
            self.plain.edited(own[0], None)
        else:
            self.add_policy(Policy(metric=metric, scope=scope, **shape))

    @rule(server=servers | st.none(), metric=st.sampled_from(METRICS) | st.none(), minutes=st.sampled_from([1, 5]))
    def silence(self, server: str | None, metric: str | None, minutes: int) -> None:
        begin, end = self.world.now, self.world.now + timedelta(minutes=minutes)
        scope = Scope(server_id=SERVERS[server]) if server else Scope()
        silence = Silence(scope=scope, metric=metric, starts_at=begin, ends_at=end, reason="", created_at=begin)
        self.world.process.get(CreateSilence)(ROOT, silence)
        self.plain.silences.append(Silenced(server, metric, begin, end))

    @precondition(lambda self: self.plain.silences and self.plain.silences[-1].end > self.world.now)
    @rule(is_kept=st.booleans())
    def end_the_last_silence(self, is_kept: bool) -> None:
        """It is ended, or deleted: then it covers nothing in the past either."""
        last, silence_id = self.plain.silences[-1], SilenceId(len(self.plain.silences))
        if is_kept and last.begin < self.world.now:
            self.world.process.get(EndSilence)(ROOT, silence_id)
            last.end = self.world.now
        else:
            self.world.process.get(DeleteSilence)(ROOT, silence_id)
            last.end = last.begin

    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        alerts = [n for n, alert in enumerate(self.plain.alerts) if alert.is_open]
        if alerts:
            alert = self.plain.alerts[data.draw(st.sampled_from(alerts))]
            stored = {(self.name(a.server_id), a.metric): a.id for a in self.world.alerts() if a.is_open}
            self.world.process.get(AcknowledgeAlert)(ROOT, stored[alert.key])
            self.plain.acknowledge(alert)

    @rule(who=st.sampled_from(["bob", "eve"]), answer=st.sampled_from(list(ANSWERS)))
    def the_mail_server_answers(self, who: str, answer: str) -> None:
        self.world.mailer.answers[f"{who}@example.com"] = ANSWERS[answer]
        self.plain.answers[who] = answer

    @rule(who=st.sampled_from(["bob", "eve"]), server=servers)
    def link_or_unlink(self, who: str, server: str) -> None:
        change, linked = self.world.process.get(ChangeServers), self.plain.links[server]
        act = change.unlink_users if who in linked else change.link_users
        act(ROOT, [SERVERS[server]], [self.ids[who]])
        linked.symmetric_difference_update({who})

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for _ in range(3):
            self.pass_time(40 * SECONDS)
            self.work()
        assert_consistent(self.world)
        assert self.expected_alerts() == self.alerts()
        assert self.expected_events() == self.events()
        assert self.expected_tellings() == self.tellings()

    def name(self, server_id: ServerId) -> str:
        return next(name for name, known in SERVERS.items() if known == server_id)

    def alerts(self) -> list[Any]:
        found = [
            (a.fired_at, self.name(a.server_id), a.metric, a.level, a.state.value, a.resolved_at, *_marks(a), _peak(a))
            for a in self.world.alerts()
        ]
        return sorted(found, key=lambda row: row[:3])

    def expected_alerts(self) -> list[Any]:
        expected = [
            (
                a.fired_at,
                *a.key,
                a.level,
                a.state,
                a.ended_at,
                a.acknowledged,
                a.late,
                a.due,
                a.last_notified_at,
                None if a.key[1] == OFFLINE else a.peak,
            )
            for a in self.plain.alerts
        ]
        return sorted(expected, key=lambda row: row[:3])

    def events(self) -> list[Any]:
        entries = [(a, entry) for a in self.world.alerts() for entry in self.world.timeline(a)]
        found = [
            (entry.at, (self.name(a.server_id), a.metric), entry.event_kind, entry.level)
            for a, entry in entries
            if entry.event_kind not in (EventKind.NOTIFIED, EventKind.PARKED)
        ]
        return sorted(found, key=repr)

    def expected_events(self) -> list[Any]:
        return sorted(self.plain.happened, key=repr)

    def tellings(self) -> list[Any]:
        return sorted(
            (mail.sent_at, to.split("@")[0], (item.server_name, item.alert.metric), item.event_kind, item.level)
            for to, mail in self.world.mails()
            for item in mail.items
        )

    def expected_tellings(self) -> list[Any]:
        return sorted(self.plain.sent)


def _marks(alert: Alert) -> tuple[bool, bool, datetime | None, datetime | None]:
    return alert.acknowledged_at is not None, alert.late, alert.due_at, alert.last_notified_at


def _peak(alert: Alert) -> tuple[Level, float, datetime] | None:
    """Of a silence see the invariants."""
    return None if alert.metric == OFFLINE else (alert.peak_level, alert.peak_value, alert.peak_at)


TestAlerts = Alerts.TestCase
TestAlerts.settings = settings(
    max_examples=10_000 if settings.get_current_profile_name() == "fuzz" else examples(50), stateful_step_count=30
)


def test_a_silence_ends_while_a_delayed_mail_waits_for_its_retry() -> None:
    state = Alerts()
    at_once = {"sustained_for": timedelta(0), "clear_for": timedelta(0)}
    state.begin({"warning": None, "critical": 75.0, "clear_margin": 0.0} | at_once)
    state.the_mail_server_answers(who="bob", answer="delayed")
    state.report_one_by_one([{"server": "east", "step": 15, "cpu": 10.0, "memory": 10.0}])
    state.wait_for_calm()
    state.the_mail_server_answers(who="bob", answer="sent")
    state.silence(server=None, metric=None, minutes=1)
    state.teardown()
