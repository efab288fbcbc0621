"""Simple second implementation of alerts and their notifications, as the documentation words the rules.

It computes everything from the whole history at each step, and keeps no state.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor

from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.anew import looks_back
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.intervals import TIMES_NEEDED
from monitor.domain.levels import Level
from monitor.domain.policies.policies import OFFLINE, Policy, PolicyId
from monitor.domain.times import UNSET_TIME, microseconds, moment
from tests.unit.alert_oracle import Host, Oracle, Report
from tests.unit.application.alerts.oracle.plain_quiet import PlainQuiet
from tests.unit.application.alerts.oracle.recomputed import Key, PlainAlert, Row, Silenced, Watched

DIGEST_WAIT = timedelta(seconds=10)
OFFLINE_AFTER = timedelta(seconds=90)
DAY = timedelta(days=1)
LEASE = timedelta(seconds=30)
ENDINGS = (EventKind.RESOLVED, EventKind.CANCELLED)
OPENINGS = (EventKind.FIRED, EventKind.ESCALATED, EventKind.DUE, EventKind.FOUND, EventKind.STEP)
ACK_LASTS = timedelta(hours=4)


@dataclass(eq=False)
class World:
    """*people*: the lowest level of which each user is notified. *links*: the servers of each user."""

    people: dict[str, Level]
    links: dict[str, set[str]]
    now: datetime
    reminder_after: timedelta
    policies: dict[PolicyId, Policy] = field(default_factory=dict)
    watched: dict[Key, Watched] = field(default_factory=dict)
    alerts: list[PlainAlert] = field(default_factory=list)
    silences: list[Silenced] = field(default_factory=list)
    quiets: dict[Key, PlainQuiet] = field(default_factory=lambda: defaultdict(PlainQuiet))
    happened: list[tuple[datetime, Key, EventKind, Level]] = field(default_factory=list)
    sent: list[tuple[datetime, str, Key, EventKind, Level]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    last_report: dict[str, datetime] = field(default_factory=dict)
    offline: set[str] = field(default_factory=set)
    stored: dict[str, dict[datetime, dict[str, float]]] = field(default_factory=dict)
    edits: dict[Key, None] = field(default_factory=dict)
    """What is evaluated anew with the next background work, and not before."""
    listening_since: datetime = field(init=False)
    leased_until: datetime = field(init=False)
    holder: int = 0
    process: int = 0

    def __post_init__(self) -> None:
        self.listening_since = self.leased_until = self.now

    def restart(self) -> None:
        self.listening_since = self.now
        self.process += 1

    def policy(self, server: str, metric: str, servers: Mapping[str, ServerId]) -> tuple[PolicyId, Policy] | None:
        """Return the policy of the server, else that of everything; None if it is disabled."""
        own = [(n, p) for n, p in self.policies.items() if p.metric == metric and p.scope.server_id == servers[server]]
        general = [(n, p) for n, p in self.policies.items() if p.metric == metric and p.scope.server_id is None]
        chosen = next(iter([*own, *general]), None)
        return chosen if chosen is not None and chosen[1].enabled else None

    def sample(self, server: str, at: datetime, values: dict[str, float], servers: Mapping[str, ServerId]) -> None:
        """One that was not stored before."""
        if not self.hosts.setdefault(server, Host()).takes(Report(microseconds(at), None)):
            return
        self.stored.setdefault(server, {})[at] = values
        for metric, value in values.items():
            if (server, metric) not in self.edits or (server, metric) not in self.watched:
                self._value((server, metric), at, value, self.policy(server, metric, servers))

    def _value(self, key: Key, at: datetime, value: float, policy: tuple[PolicyId, Policy] | None) -> None:
        if policy is None:
            return
        watched = self.watched.get(key)
        if watched is None or watched.policy_id != policy[0]:
            if watched is not None and watched.alert is not None:
                self._cancel(watched.alert)
            watched = self.watched[key] = Watched(policy[0], Oracle(policy[1], self.hosts[key[0]]))
        changed = watched.oracle.judges(Report(microseconds(at), value))
        if watched.alert is not None and value > watched.alert.peak[1]:
            watched.alert.peak = watched.alert.peak[0], value, at
        if changed is None:
            return
        change, level = EventKind(changed[0]), Level[watched.oracle.level.upper()]
        if watched.alert is None:
            watched.alert = self._fire(key, level, at, value, moment(watched.oracle.began))
            return
        self._change(watched.alert, change, level, at)
        if change is EventKind.RESOLVED:
            watched.alert = None

    def reported(self, servers: Iterable[str]) -> None:
        """After the samples of one request: hosts that were offline are online again."""
        for server in sorted(set(servers)):
            self.last_report[server] = self.now
            if server in self.offline:
                self.offline.discard(server)
                alert = self._open((server, OFFLINE))
                if alert is not None:
                    self._change(alert, EventKind.RESOLVED, Level.OK, self.now)

    def edited(self, policy_id: PolicyId, policy: Policy | None) -> None:
        """Replace the policy (None: deleted). If it is in force, evaluate anew what fires or is pending."""
        if policy is None:
            del self.policies[policy_id]
        else:
            self.policies[policy_id] = policy
        for key in [key for key, watched in self.watched.items() if watched.policy_id == policy_id]:
            watched = self.watched[key]
            if policy is not None and policy.enabled and (watched.alert is not None or watched.oracle.is_breached):
                self.edits.setdefault(key)
                continue
            del self.watched[key]
            self.edits.pop(key, None)
            if watched.alert is not None:
                self._cancel(watched.alert)

    def _evaluate_anew(self, servers: Mapping[str, ServerId]) -> None:
        """Look through the run that made an alert fire, and what is stored since, by the changed policy."""
        for key in list(self.edits):
            del self.edits[key]
            watched, policy = self.watched.get(key), self.policy(*key, servers)
            if watched is None or policy is None or policy[0] != watched.policy_id:
                continue
            oracle = watched.oracle = Oracle(policy[1], self.hosts[key[0]])
            for at, values in sorted(self.stored[key[0]].items()):
                if key[1] in values and at >= self._looked_at_from(key[0], watched.alert, policy[1]):
                    oracle.judges(Report(microseconds(at), values[key[1]]))
            level = Level[oracle.level.upper()]
            if watched.alert is None:
                oracle.level = "ok"  # the next report fires it
            elif not level:
                self._change(watched.alert, EventKind.RESOLVED, Level.OK, self.now)
                watched.alert = None
            elif level is not watched.alert.level:
                rises = level > watched.alert.level
                self._change(watched.alert, EventKind.ESCALATED if rises else EventKind.DEESCALATED, level, self.now)

    def _looked_at_from(self, server: str, alert: PlainAlert | None, policy: Policy) -> datetime:
        """Before it the policy may have had other alerts. A day more where a host reports too seldom to know a gap."""
        if alert is None:
            return UNSET_TIME
        first = alert.started_at - looks_back([policy])
        known = [each for each in self.hosts[server].reports if first <= moment(each.at) < alert.started_at]
        return first - DAY if len(known) < TIMES_NEEDED else first

    def acknowledge(self, alert: PlainAlert) -> None:
        alert.acknowledged, alert.acknowledged_at, alert.due = True, self.now, None
        self.quiets[alert.key].acknowledged(self.now)
        self.happened.append((self.now, alert.key, EventKind.ACKNOWLEDGED, alert.level))

    def background(self, servers: Mapping[str, ServerId]) -> None:
        self._find_offline()
        if self.process == self.holder or self.now >= self.leased_until:
            self.holder, self.leased_until = self.process, self.now + LEASE
            self._remind()
            self._release()
            self._fall_due()
            self._expire()
            self._evaluate_anew(servers)
            self._reconcile(servers)
        self._deliver()

    def _find_offline(self) -> None:
        for server, last in sorted(self.last_report.items()):
            allowed = max(OFFLINE_AFTER, self._longest_silence(server))
            if server not in self.offline and self.now - max(last, self.listening_since) > allowed:
                self.offline.add(server)
                self._fire((server, OFFLINE), Level.CRITICAL, self.now, 0.0)

    def _longest_gap(self, server: str, at: datetime) -> timedelta:
        # Down: a median may end in half a microsecond, and timedelta would round every other one up.
        return timedelta(microseconds=floor(self.hosts[server].longest_gap(microseconds(at))))

    def _longest_silence(self, server: str) -> timedelta:
        return timedelta(microseconds=floor(self.hosts[server].longest_silence(microseconds(self.now))))

    def _remind(self) -> None:
        for alert in self.alerts:
            if not alert.is_open or alert.acknowledged or alert.due is not None:
                continue
            if alert.last_notified_at is not None:
                is_due = self.now - alert.last_notified_at >= self.reminder_after
            else:
                states = {row.state for row in alert.rows}
                waits = "parked" in states and self.now - alert.fired_at < self.reminder_after
                is_due = states <= {"dropped", "parked"} and not waits and bool(self._concerned(alert))
            if is_due and not self._is_hidden(alert):
                self.quiets[alert.key].reminded()
                alert.last_notified_at = self.now
                self._note(alert, EventKind.REMINDED, self.now)
                self._notify(alert, EventKind.REMINDED, self._concerned(alert))

    def _fall_due(self) -> None:
        for alert in self.alerts:
            if alert.due is not None and alert.due <= self.now and not self._is_hidden(alert):
                self._end_wait(alert, self.now)

    def _expire(self) -> None:
        """An acknowledgement that nobody ended in time ends, and the alert is as if it began."""
        for alert in self.alerts:
            is_over = alert.is_open and alert.acknowledged and self.now - alert.acknowledged_at >= ACK_LASTS
            if is_over and not self._is_hidden(alert):
                alert.acknowledged = False
                if alert.last_notified_at is not None:  # a reminder is not due as well
                    alert.last_notified_at = self.now
                self.quiets[alert.key].falls_due(self.now)
                self._note(alert, EventKind.ACK_EXPIRED, self.now)
                self._notify(alert, EventKind.STEP, self._concerned(alert))

    def _end_wait(self, alert: PlainAlert, at: datetime) -> None:
        alert.due = None
        self.quiets[alert.key].falls_due(at)
        self._note(alert, EventKind.DUE, at)
        self._notify(alert, EventKind.DUE, self._concerned(alert))

    def _is_hidden(self, alert: PlainAlert) -> bool:
        return (alert.key[1] != OFFLINE and alert.key[0] in self.offline) or self._silent(alert)

    def _release(self) -> None:
        """What a silence held back is judged as if it happened when the silence ends."""
        for alert in self.alerts:
            held = [row for row in alert.rows if row.state == "held"]
            if not held or self._silent(alert):
                continue
            story = self.quiets[alert.key].story
            is_known = story is not None and story.reached(alert.level)
            is_wanted = alert.is_open and (is_known or self._is_heard(alert, self.now))
            for row in held:
                is_newest = row is [other for other in held if other.person == row.person][-1]
                if is_newest and (is_wanted if alert.is_open else row.event_kind in ENDINGS):
                    row.state, row.due = "pending", self.now
                else:
                    row.state = "dropped"

    def _is_heard(self, alert: PlainAlert, at: datetime, *, is_new: bool = False) -> bool:
        quiet = self.quiets[alert.key]
        is_heard = quiet.reaches(alert.level, at, self.reminder_after, is_new=is_new)
        alert.due = quiet.story.due if quiet.story is not None else None
        return is_heard

    def _reconcile(self, servers: Mapping[str, ServerId]) -> None:
        for key, watched in list(self.watched.items()):
            policy = self.policy(*key, servers)
            if policy is None or policy[0] != watched.policy_id:
                del self.watched[key]
                if watched.alert is not None:
                    self._cancel(watched.alert)

    def _fire(
        self, key: Key, level: Level, at: datetime, value: float, started_at: datetime | None = None
    ) -> PlainAlert:
        alert = PlainAlert(key=key, level=level, started_at=started_at or at, fired_at=at, peak=(level, value, at))
        self.alerts.append(alert)
        self._rise(alert, EventKind.FIRED, at)
        return alert

    def _rise(self, alert: PlainAlert, event_kind: EventKind, at: datetime) -> None:
        self._note(alert, event_kind, at)
        if self._silent(alert):
            self._notify(alert, event_kind, self._concerned(alert), state="held")
        elif self._is_heard(alert, at, is_new=event_kind is EventKind.FIRED):
            self._notify(alert, event_kind, self._concerned(alert))

    def _find(self, alert: PlainAlert) -> None:
        """What was over when it was found is sent once, to those concerned by its highest level."""
        level, people = (
            alert.peak[0],
            {person for person in self.links[alert.key[0]] if alert.peak[0] >= self.people[person]},
        )
        self.happened.append((self.now, alert.key, EventKind.FOUND, level))
        if any(silence.covers(alert.key, alert.ended_at or self.now) for silence in self.silences):
            people = set()
        due = self.now + DIGEST_WAIT
        alert.rows += [Row(person, EventKind.FOUND, alert, level, due, self.now) for person in people]

    def _change(self, alert: PlainAlert, event_kind: EventKind, level: Level, at: datetime) -> None:
        was_held = alert.due is not None
        if alert.due is not None and alert.due < at and not self._silent(alert):
            self._end_wait(alert, alert.due)
        alert.level = level or alert.level
        alert.peak = max(alert.peak[0], alert.level), *alert.peak[1:]
        quiet = self.quiets[alert.key]
        if event_kind is EventKind.ESCALATED:
            alert.acknowledged = False
            self._rise(alert, event_kind, at)
            return
        self._note(alert, event_kind, at)
        if event_kind is EventKind.DEESCALATED:
            quiet.falls_back(level, at)
            alert.due = quiet.story.due if quiet.story is not None else None
            return
        is_late = self.now - at > self._longest_gap(alert.key[0], at) and not was_held
        alert.state, alert.ended_at, alert.due = "resolved", at, None
        if is_late and all(row.state == "pending" and not row.attempts for row in alert.rows):
            alert.late = True
            for row in alert.rows:
                row.state = "dropped"
        quiet.ends(at, is_heard=not alert.late)
        self._notify(alert, event_kind, set() if alert.late else alert.knowing())
        if alert.late:
            self._find(alert)

    def _cancel(self, alert: PlainAlert) -> None:
        alert.state, alert.ended_at, alert.due = "cancelled", self.now, None
        self._note(alert, EventKind.CANCELLED, self.now)
        unsent = [row for row in alert.rows if row.state in ("pending", "held")]
        for row in unsent:
            row.state = "dropped"
        self.quiets[alert.key].ends(self.now, is_heard=bool(alert.knowing()) or not unsent)
        self._notify(alert, EventKind.CANCELLED, alert.knowing() & self.links[alert.key[0]])

    def _note(self, alert: PlainAlert, event_kind: EventKind, at: datetime) -> None:
        self.happened.append((at, alert.key, event_kind, alert.level))

    def _notify(self, alert: PlainAlert, event_kind: EventKind, people: set[str], state: str = "pending") -> None:
        alert.rows += [
            Row(person, event_kind, alert, alert.level, self.now + DIGEST_WAIT, self.now, state) for person in people
        ]

    def _concerned(self, alert: PlainAlert) -> set[str]:
        return {person for person in self.links[alert.key[0]] if alert.level >= self.people[person]}

    def _silent(self, alert: PlainAlert) -> bool:
        return any(silence.covers(alert.key, self.now) for silence in self.silences)

    def _open(self, key: Key) -> PlainAlert | None:
        return next((alert for alert in self.alerts if alert.key == key and alert.is_open), None)

    def _deliver(self) -> None:
        for person in self.people:
            waiting = [row for alert in self.alerts for row in alert.rows if row.person == person]
            waiting = [row for row in waiting if row.state == "pending"]
            if any(row.due <= self.now for row in waiting):
                self._send(person, waiting)

    def _send(self, person: str, rows: list[Row]) -> None:
        """Send all due notifications of one recipient together, without those dropped or held."""
        known = {row.alert for row in rows if self._knows(person, row.alert)}
        begun = {r.alert for r in rows if r.event_kind in OPENINGS and self._fate(r, r.alert in known, False) == "send"}
        fates = {row: self._fate(row, row.alert in known, row.alert in begun) for row in rows}
        answer = self.answers.get(person, "sent")
        for row, fate in fates.items():
            if fate != "send":
                row.state = fate
            elif answer == "delayed" and not self._is_given_up(row):
                row.due = self.now + _pause_after(row.attempts)
                row.attempts += 1
            elif answer in ("delayed", "refused"):
                row.state, row.attempts = "parked", row.attempts + 1
            else:
                row.state, row.alert.last_notified_at = "sent", self.now
                self.sent.append((self.now, person, row.alert.key, _as_read(row, known), row.level))
                known |= set() if row.event_kind in ENDINGS else {row.alert}

    def _is_given_up(self, row: Row) -> bool:
        """After a day, and a day's worth of tries."""
        tried = sum((_pause_after(n) for n in range(row.attempts)), timedelta(0))
        return self.now - row.created_at >= DAY and tried >= DAY

    def _knows(self, person: str, alert: PlainAlert) -> bool:
        return any(r.state == "sent" and r.person == person and r.event_kind not in ENDINGS for r in alert.rows)

    def _fate(self, row: Row, knows: bool, hears_now: bool) -> str:
        alert, is_end = row.alert, row.event_kind in ENDINGS
        if row.person not in self.links[alert.key[0]] or not (is_end or row.level >= self.people[row.person]):
            return "dropped"
        silent = self._silent(alert)
        if is_end:
            if not (knows or hears_now) or (silent and not knows):
                return "dropped"
            return "held" if silent else "send"
        if row.event_kind is EventKind.REMINDED:
            return "send" if alert.is_open and not alert.acknowledged and not silent else "dropped"
        if row.event_kind is EventKind.STEP and (alert.acknowledged or not alert.is_open):
            return "dropped"
        if silent:
            return "held" if alert.is_open else "dropped"
        return "send"


def _as_read(row: Row, known: set[PlainAlert]) -> EventKind:
    """Nobody is reminded of what they have not heard of."""
    if row.event_kind in (EventKind.REMINDED, EventKind.STEP):
        return EventKind.REMINDED if row.alert in known else EventKind.DUE
    if row.event_kind is EventKind.DUE and row.alert in known:
        return EventKind.ESCALATED
    return row.event_kind


def _pause_after(attempts: int) -> timedelta:
    return min(timedelta(seconds=30) * (1 << min(attempts, 6)), timedelta(minutes=30))
