"""What a step of a timeline may say, and what it does: `5:00 web reports cpu 75 for 5m`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from monitor.application.accounts.users import ChangeUser
from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.alerts.links import AcknowledgeByLink
from monitor.application.fleet.batches import ChangeServers
from monitor.application.fleet.leaving import DeleteUser
from monitor.application.fleet.servers import DeleteServer
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy
from monitor.application.policies.silences import CreateSilence, EndSilence
from monitor.domain.levels import Level
from monitor.domain.policies.policies import Policy
from monitor.domain.policies.silences import Silence
from monitor.domain.recurrence import Recurrence
from tests.unit.application.alerts.alert_world import ROOT, START
from tests.unit.application.alerts.timelines import timeline_oncall
from tests.unit.application.alerts.timelines.timeline_scene import (
    Act,
    Scene,
    clock_time,
    duration,
    names,
    policy_fields,
)

Actions = Iterator[tuple[datetime, Act]]
_LEVELS = {"warning": Level.WARNING, "critical": Level.CRITICAL}
_FOREVER = timedelta(days=365)


def steps(scene: Scene, sentence: str) -> Actions:
    """Yield the times and actions of one sentence."""
    at, _, text = sentence.partition(" ")
    for pattern, make in (*_SENTENCES, *timeline_oncall.SENTENCES):
        if found := re.fullmatch(pattern, text):
            words = {name: value for name, value in found.groupdict().items() if value is not None}
            return make(scene, START + clock_time(at), **words)
    raise AssertionError(f"no such step: {sentence!r}")


def _report(scene: Scene, at: datetime, hosts: str, runs: str) -> Actions:
    for name in names(hosts):
        host = scene.hosts[name]
        for sample in scene.samples(host, at, runs):
            yield sample.received_at, partial(scene.send, [sample])


def _catch_up(scene: Scene, at: datetime, host: str, since: str, runs: str, size: str = "1000") -> Actions:
    """What was spooled arrives at once, in requests of *size* samples."""
    spooled = list(scene.samples(scene.hosts[host], START + clock_time(since), runs))
    for n in range(0, len(spooled), int(size)):
        yield at, partial(scene.send, spooled[n : n + int(size)])


def _late(scene: Scene, at: datetime, host: str, recorded: str, runs: str) -> Actions:
    yield at, lambda: scene.send(list(scene.samples(scene.hosts[host], START + clock_time(recorded), runs)))


def _repeat(scene: Scene, at: datetime, host: str) -> Actions:
    yield at, lambda: scene.send(list(scene.hosts[host].sent))


def _restart(scene: Scene, at: datetime) -> Actions:
    yield at, scene.world.restart


def _outage(scene: Scene, at: datetime, lasts: str) -> Actions:
    def end() -> None:
        scene.is_running = True
        scene.world.restart()

    yield at, lambda: setattr(scene, "is_running", False)
    yield at + duration(lasts), end


def _acknowledge(scene: Scene, at: datetime, who: str, host: str, metric: str) -> Actions:
    yield (
        at,
        lambda: scene.world.process.get(AcknowledgeAlert)(scene.actor(who), scene.open_alert(host, metric).id),
    )


def _follow_link(scene: Scene, at: datetime, who: str) -> Actions:
    def follow() -> None:
        address = scene.people[who].email
        links = [i.ack_link for to, mail in scene.world.mails() if to == address for i in mail.items if i.ack_link]
        scene.world.process.get(AcknowledgeByLink)(links[-1].rsplit("/", 1)[1])

    yield at, follow


def _silence(
    scene: Scene,
    at: datetime,
    where: str,
    lasts: str | None = None,
    metric: str | None = None,
    begin: str | None = None,
    end: str | None = None,
    zone: str = "UTC",
) -> Actions:
    def begin_silence() -> None:
        recurrence = None
        if begin is not None and end is not None:
            starts, ends = (datetime.combine(START, time.fromisoformat(text)) for text in (begin, end))
            recurrence = Recurrence(
                weekdays=frozenset(range(7)), starts=starts.time(), lasts=(ends - starts) % timedelta(days=1), zone=zone
            )
        silence = Silence(
            scope=scene.scope(where),
            metric=metric,
            starts_at=at,
            ends_at=at + (duration(lasts) if lasts else _FOREVER),
            reason="planned work",
            created_at=at,
            recurrence=recurrence,
        )
        scene.world.process.get(CreateSilence)(ROOT, silence)

    yield at, begin_silence


def _end_silence(scene: Scene, at: datetime) -> Actions:
    def end() -> None:
        with scene.world.store() as uow:
            silence = uow.silences.all()[-1]
        scene.world.process.get(EndSilence)(ROOT, silence.id)

    yield at, end


def _body(text: str) -> dict[str, str]:
    """`warning 90, sustained 1m`"""
    return dict(part.split(" ") for part in text.split(", "))


def _add_policy(scene: Scene, at: datetime, metric: str, body: str, where: str = "everything") -> Actions:
    def add() -> None:
        policy = Policy(metric=metric, scope=scene.scope(where), **policy_fields(_body(body)))
        scene.world.process.get(CreatePolicy)(ROOT, policy)

    yield at, add


def _edit_policy(scene: Scene, at: datetime, metric: str, body: str, where: str | None = None) -> Actions:
    def edit() -> None:
        changes = policy_fields(_body(body))
        scene.world.process.get(UpdatePolicy)(ROOT, scene.policy(metric, where).id, **changes)

    yield at, edit


def _delete_policy(scene: Scene, at: datetime, metric: str, where: str | None = None) -> Actions:
    yield at, lambda: scene.world.process.get(DeletePolicy)(ROOT, scene.policy(metric, where).id)


def _tag(scene: Scene, at: datetime, verb: str, host: str, tag: str) -> Actions:
    changed = scene.world.process.get(ChangeServers)
    act = {
        "tag": lambda ids: changed.add_tags(ROOT, ids, [tag]),
        "untag": lambda ids: changed.remove_tags(ROOT, ids, [tag]),
    }
    yield at, lambda: act[verb]([scene.hosts[host].server.id])


def _link(scene: Scene, at: datetime, verb: str, who: str, host: str) -> Actions:
    def act() -> None:
        change = scene.world.process.get(ChangeServers)
        ids, people = [scene.hosts[host].server.id], [scene.people[who].id]
        if verb == "link":
            change.link_users(ROOT, ids, people)
        else:
            change.unlink_users(ROOT, ids, people)

    yield at, act


def _delete_server(scene: Scene, at: datetime, host: str) -> Actions:
    yield at, lambda: scene.world.process.get(DeleteServer)(ROOT, scene.hosts[host].server.id)


def _delete_user(scene: Scene, at: datetime, who: str) -> Actions:
    yield at, lambda: scene.world.process.get(DeleteUser)(ROOT, scene.people[who].id)


def _address(scene: Scene, at: datetime, who: str, address: str) -> Actions:
    email = None if address == "none" else address
    yield at, lambda: scene.world.process.get(ChangeUser)(ROOT, scene.people[who].id, email=email)


def _mail_answer(scene: Scene, at: datetime, who: str, answer: str) -> Actions:
    """Of the mail server, or of a channel."""
    sending = {
        "delayed": SendResult(SendStatus.RETRY, "451 try again later"),
        "refused": SendResult(SendStatus.REFUSED, "550 no such mailbox"),
        "delivered": SendResult(SendStatus.SENT),
    }[answer]
    yield at, lambda: scene.world.mailer.answers.__setitem__(scene.people[who].email or "", sending)


def _set(scene: Scene, at: datetime, name: str, value: str) -> Actions:
    def change() -> None:
        values: dict[str, Any] = {
            "never": None,
            **{who: (("user", user.id),) for who, user in scene.people.items()},
        }
        if value not in values:
            values[value] = duration(value).total_seconds()
        scene.world.process.get(ChangePreferences)(ROOT, {name: values[value]})

    yield at, change


def _levels(scene: Scene, at: datetime, who: str, level: str) -> Actions:
    def change() -> None:
        with scene.world.new_uow() as uow:
            uow.users.save(replace(uow.users.get(scene.people[who].id), alert_level=_LEVELS[level]))
            uow.commit()

    yield at, change


_POLICY = r"policy (?P<metric>\S+)(?: on (?P<where>tag \S+|\S+))?"
_SENTENCES: list[tuple[str, Callable[..., Actions]]] = [
    (r"(?P<hosts>\S+) reports (?P<runs>.+)", _report),
    (
        r"(?P<host>\S+) catches up from (?P<since>\S+) with (?P<runs>.+?)"
        r"(?:,? in requests of (?P<size>\d+))?",
        _catch_up,
    ),
    (r"(?P<host>\S+) sends late, of (?P<recorded>\S+), (?P<runs>.+)", _late),
    (r"(?P<host>\S+) sends everything again", _repeat),
    (r"the process restarts", _restart),
    (r"the process is down for (?P<lasts>\S+)", _outage),
    (r"(?P<who>\S+) acknowledges (?P<host>\S+) (?P<metric>\S+)", _acknowledge),
    (r"(?P<who>\S+) follows the link in the mail", _follow_link),
    (r"the silence is ended", _end_silence),
    (
        r"silence (?P<where>tag \S+|\S+)(?: (?P<metric>\S+))?(?: for (?P<lasts>\S+)| daily from (?P<begin>\S+) to"
        r" (?P<end>\S+)(?: in (?P<zone>\S+))?)",
        _silence,
    ),
    (rf"add {_POLICY} to (?P<body>.*)", _add_policy),
    (rf"edit {_POLICY} to (?P<body>.*)", _edit_policy),
    (rf"delete {_POLICY}", _delete_policy),
    (r"(?P<verb>tag|untag) (?P<host>\S+) (?P<tag>\S+)", _tag),
    (r"(?P<verb>link|unlink) (?P<who>\S+) (?:to|from) (?P<host>\S+)", _link),
    (r"delete server (?P<host>\S+)", _delete_server),
    (r"delete user (?P<who>\S+)", _delete_user),
    (r"the address of (?P<who>\S+) becomes (?P<address>\S+)", _address),
    (r"mail to (?P<who>\S+) is (?P<answer>delayed|refused|delivered)", _mail_answer),
    (r"(?P<who>\S+) wants (?P<level>warning|critical)", _levels),
    (r"set (?P<name>\w+) to (?P<value>\S+)", _set),
]
