"""Proof of reach: by which ways people can be reached, when they last confirmed one, and when they are on call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.users import User
from monitor.domain.oncall.rotas import shifts
from monitor.domain.oncall.ways import Way

_AHEAD = timedelta(days=92)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """*on_call_next*: when the present or next turn begins, in *rota*; None: none is near."""

    user: User
    ways: Sequence[Way]
    on_call_next: datetime | None = None
    rota: str | None = None

    @property
    def confirmed_at(self) -> datetime | None:
        """When they last confirmed a message, by any way."""
        return max((way.confirmed_at for way in self.ways if way.confirmed_at is not None), default=None)


def reach_of(directory: Directory, actor: Actor, now: datetime, ahead: timedelta) -> list[Reach]:
    """Return everybody by name, as administrators see it; *actor* alone for others. *ahead*: how far turns are read."""
    turns: dict[UserId, tuple[datetime, str]] = {}
    for starts_at, user_id, name in sorted(_turns(directory, now, ahead)):
        turns.setdefault(user_id, (starts_at, name))
    users = (user for user in directory.users.values() if actor.is_admin or user.id == actor.user_id)
    found = []
    for user in sorted(users, key=lambda user: user.username.casefold()):
        begins, rota = turns.get(user.id, (None, None))
        found.append(Reach(user=user, ways=directory.roster.ways_of(user.id), on_call_next=begins, rota=rota))
    return found


def _turns(directory: Directory, now: datetime, ahead: timedelta) -> Iterator[tuple[datetime, UserId, str]]:
    away = directory.away
    for rota in directory.roster.rotas.values():
        for shift in shifts(rota, away, now, now + ahead):
            yield shift.starts_at, shift.user_id, rota.name


@dataclass(frozen=True, slots=True)
class ShowReach:
    fleet: Fleet
    clock: Clock

    def __call__(self, actor: Actor) -> list[Reach]:
        """Return everybody, as administrators see it; *actor* alone for others."""
        return reach_of(self.fleet.visible_to(actor).directory, actor, self.clock.now(), _AHEAD)
