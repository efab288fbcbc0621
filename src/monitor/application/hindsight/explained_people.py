"""Why each person and channel was notified of an alert at a moment, or was not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.application.fleet.directory import Directory
from monitor.application.notifications.called import no_step
from monitor.application.notifications.recipients import audience
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.explanation import Answer, Facts, UsedWay, answered, used_ways
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall.escalations import Escalation
from monitor.domain.oncall.ways import MAIL, WayId

MOST_OTHERS = 100
"""Users listed who do not see the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """*ways*: that messages took, each with its kind: `mail`, or that of a channel; "" if the way is gone."""

    receiver: User | Channel
    answer: Answer
    ways: Sequence[tuple[str, UsedWay]] = ()


def standing_of(
    directory: Directory, server: Server, level: Level, escalations: Sequence[Escalation], now: datetime
) -> dict[Target, Reason | None]:
    """Return the people and channels that an alert of *level* is for today (None), or would be but for the reason."""
    found: dict[Target, Reason | None] = {}
    audiences = [no_step(directory, server, level, each, now) for each in escalations]
    for present in audiences or [audience(directory, server, level, now)]:
        found |= {Target.of(left_out): left_out.reason for left_out in present.left_out}
        found |= dict.fromkeys(target.receiver for target in present.targets)
    return found


def recipients_of(
    directory: Directory, standing: Mapping[Target, Reason | None], facts: Facts, actor: Actor
) -> tuple[list[Recipient], int]:
    """Return the people and channels that might be notified, then others; and how many of those are left out.

    Only administrators learn of people who have nothing to do with the server, of channels that were not notified,
    and of other people's ways.
    """
    kinds = {way.id: way.kind for ways in directory.roster.ways.values() for way in ways}
    known, first = {n.target.receiver for n in facts.outbox}, _first_notified(facts)

    def recipient(receiver: User | Channel, target: Target, *who: str | None) -> Recipient:
        reason = standing.get(target, Reason.NOT_LINKED)
        is_shown = actor.is_admin or target.user_id in (None, actor.user_id)
        used = [(_kind(receiver, each, kinds), each) for each in used_ways(facts, target) if is_shown]
        return Recipient(receiver=receiver, answer=answered(facts, target, reason, first.get(who)), ways=used)

    near: list[Recipient] = []
    far: list[Recipient] = []
    for user in sorted(directory.users.values(), key=lambda user: user.username.casefold()):
        target = Target(user_id=user.id)
        found = recipient(user, target, user.username, None)
        is_concerned = target in standing or target in known or facts.reason_recorded(target) is not None
        is_near = is_concerned or found.answer.was_notified or user.id == actor.user_id
        (near if is_near else far).append(found)
    for channel in directory.channels.values():
        target = Target(channel_id=channel.id)
        found = recipient(channel, target, None, channel.name)
        if actor.is_admin or target in known or found.answer.was_notified:
            near.append(found)
    shown = far[:MOST_OTHERS] if actor.is_admin else []
    return [*near, *shown], len(far) - len(shown)


def _kind(receiver: User | Channel, used: UsedWay, kinds: Mapping[WayId, str]) -> str:
    if isinstance(receiver, Channel):
        return receiver.kind
    return MAIL if used.way_id is None else kinds.get(used.way_id, "")


def _first_notified(facts: Facts) -> dict[tuple[str | None, ...], datetime]:
    """Return when each user name, or channel, was notified first by the timeline, which is kept longer than the outbox.

    Empty while the outbox knows.
    """
    found: dict[tuple[str | None, ...], datetime] = {}
    for entry in () if facts.outbox else facts.timeline:
        if entry.event_kind is EventKind.NOTIFIED:
            who = entry.username, entry.channel if entry.username is None else None
            found[who] = min(entry.at, found.get(who, entry.at))
    return found
