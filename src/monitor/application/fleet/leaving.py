"""Delete a user, and hand over what they have; and say before what goes with them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from monitor.application.accounts.ports import Queries
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import UnitOfWork
from monitor.application.fleet.visibility import KnownFleet
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.audit import created_values, deleted_values, entry
from monitor.domain.accounts.errors import LastAdmin, OwnAccount
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput, NotFound, Problem
from monitor.domain.fleet.teams import TeamId
from monitor.domain.oncall.escalations import Escalation, Target, TargetKind
from monitor.domain.oncall.rotas import RotaId
from monitor.domain.preferences import Preferences

_NAMED = 100


class Thing(NamedTuple):
    """*is_lost*: nobody else has it, nobody would be left in it, or it ends."""

    id: int
    name: str
    is_lost: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What a user has of one *kind*. *first*: a hundred, the lost ones first."""

    kind: str
    count: int
    lost: int
    first: Sequence[Thing]


@dataclass(frozen=True, slots=True)
class PreviewDeletion:
    fleet: KnownFleet
    queries: Queries
    clock: Clock

    def __call__(self, actor: Actor, user_id: UserId, hand_over_to: UserId | None = None) -> list[Part]:
        """Return what a user has, and what of it would be lost. Raises Forbidden, NotFound, InvalidInput."""
        actor.must_be_admin()
        directory = self.fleet.visible_to(actor).directory
        user = directory.users.get(user_id)
        if user is None:
            raise NotFound
        to = _successor(user, hand_over_to, directory.users.get)
        theirs = Actor(user_id=user_id, username=user.username, role=user.role)
        tokens = [Thing(each.id, each.name, True) for each in self.queries.personal_tokens.all(theirs)]
        found = [*_things(directory, user, to, self.clock.now()), ("tokens", tokens)]
        return [_part(kind, list(things)) for kind, things in found]


@dataclass(frozen=True, slots=True)
class DeleteUser:
    new_uow: Callable[[], UnitOfWork]
    clock: Clock

    @retried
    def __call__(self, actor: Actor, user_id: UserId, hand_over_to: UserId | None = None) -> None:
        """Delete the account. Its places and links, and what it made, go to *hand_over_to*, if there is one.

        Fleet keys of a user reach only that user's servers, so those that are not handed over are revoked. Those of an
        administrator stay valid. Locks what the user is linked to, then the administrators, then the two people: each
        transaction that links people locks the thing first. Raises Forbidden, ReauthenticationRequired, NotFound,
        OwnAccount, LastAdmin, InvalidInput.
        """
        actor.must_be_admin()
        actor.must_be_fresh(self.clock.now())
        with self.new_uow() as uow:
            uow.users.lock_links(user_id)
            admins = uow.users.count_admins()  # before one row, like ChangeUser
            user = uow.users.get(user_id)
            if user_id == actor.user_id:
                raise OwnAccount
            if user.role is Role.ADMIN and admins == 1:
                raise LastAdmin
            if (to := _successor(user, hand_over_to, uow.users.find)) is not None:
                self._hand_over(uow, actor, user, to)
            if user.role is not Role.ADMIN:
                self._revoke_fleet_keys(uow, actor, user_id)
            uow.users.delete(user_id)
            detail = deleted_values(user.audit_details())
            uow.audit.add(entry(actor, self.clock.now(), "user.delete", user.username, detail))
            uow.commit()

    def _hand_over(self, uow: UnitOfWork, actor: Actor, user: User, to: User) -> None:
        counts = uow.users.hand_over(user.id, to.id, with_keys=_gives_keys(user, to))
        preferences = Preferences.of(uow.preferences.all())
        own, theirs = ("user", user.id), ("user", to.id)
        if own in preferences.last_resort:
            named = dict.fromkeys(theirs if each == own else each for each in preferences.last_resort)
            text = replace(preferences, last_resort=tuple(named)).stored()["last_resort"]
            uow.preferences.save({"last_resort": text})
            counts["last_resort"] = 1
        detail = created_values({"to": to.username} | {name: count for name, count in counts.items() if count})
        uow.audit.add(entry(actor, self.clock.now(), "user.hand_over", user.username, detail))

    def _revoke_fleet_keys(self, uow: UnitOfWork, actor: Actor, user_id: UserId) -> None:
        for key in uow.api_keys.fleet_keys_of(user_id):
            uow.api_keys.delete(key.id)
            uow.audit.add(entry(actor, self.clock.now(), "api_key.revoke", key.name, f"{key.prefix}…"))


def _successor(user: User, wanted: UserId | None, find: Callable[[UserId], User | None]) -> User | None:
    """Raises InvalidInput for an unknown one, and for the user."""
    found = None if wanted in (None, user.id) else find(wanted)
    if wanted is not None and found is None:
        raise InvalidInput({"hand_over_to": Problem("unknown_users", {"ids": wanted})})
    return found


def _gives_keys(user: User, to: User | None) -> bool:
    """Only to a person of the same role: the keys of administrators reach all servers, those of others do not."""
    return to is not None and to.role is user.role


def _part(kind: str, things: Sequence[Thing]) -> Part:
    in_order = sorted(things, key=lambda each: (not each.is_lost, each.name, each.id))
    return Part(kind, len(things), sum(each.is_lost for each in things), in_order[:_NAMED])


def _things(directory: Directory, user: User, to: User | None, now: datetime) -> Iterator[tuple[str, Iterable[Thing]]]:
    alone, own, roster = to is None, {user.id}, directory.roster
    ends_keys = user.role is not Role.ADMIN and not _gives_keys(user, to)
    mailbox = (user.email or "").casefold()
    yield "servers", (Thing(s.id, s.name, alone) for s in directory.servers.values() if s.people == own)
    teams = (team for team in directory.reach.teams.values() if user.id in team.user_ids)
    yield "teams", (Thing(team.id, team.name, alone and team.user_ids == own) for team in teams)
    rotas = (rota for rota in roster.rotas.values() if user.id in rota.people)
    yield "rotas", (Thing(rota.id, rota.name, alone and {*rota.user_ids} == own) for rota in rotas)
    escalations = ((each, _called(directory, each)) for each in roster.escalations.values())
    yield "escalations", (Thing(e.id, e.name, alone and who == own) for e, who in escalations if user.id in who)
    last_resort = [id_ for kind, id_ in directory.preferences.last_resort if (kind, id_) == ("user", user.id)]
    is_only = alone and len(directory.preferences.last_resort) == 1
    yield "last_resort", (Thing(id_, user.username, is_only) for id_ in last_resort)
    silences = (each for each in directory.rules.silences.all if each.created_by == user.id and each.ends_at > now)
    yield "silences", (Thing(each.id, each.reason, False) for each in silences)
    keys = (key for key in directory.keys.values() if key.owner_id == user.id)
    yield "keys", (Thing(key.id, key.name, ends_keys and key.server_id is None) for key in keys)
    mailboxes = (each for each in directory.channels.values() if mailbox and each.mailbox == mailbox)
    yield "channels", (Thing(channel.id, channel.name, False) for channel in mailboxes)
    yield "ways", (Thing(way.id, way.kind, True) for way in roster.ways.get(user.id, ()))


def _called(directory: Directory, escalation: Escalation) -> Collection[int]:
    """Return the ids of people whom its steps may call. 0 is for a channel, and for people linked to a server."""
    return {who for step in escalation.steps for target in step.to for who in _meant(directory, target)}


def _meant(directory: Directory, target: Target) -> Collection[int]:
    match target.kind:
        case TargetKind.USER:
            return (target.id,)
        case TargetKind.TEAM:
            team = directory.reach.teams.get(TeamId(target.id))
            return () if team is None else team.user_ids
        case TargetKind.ROTA:
            rota = directory.roster.rotas.get(RotaId(target.id))
            return () if rota is None else rota.people
    return (0,)
