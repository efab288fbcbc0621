"""Administration of rotas, and the overrides that members make of their own turns."""

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.application.fleet.servers import check_users_exist
from monitor.application.fleet.visibility import KnownFleet
from monitor.application.oncall.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry, values_of
from monitor.domain.errors import Forbidden, InvalidInput, NotFound, Problem
from monitor.domain.oncall.limits import MAX_ROTAS
from monitor.domain.oncall.rotas import DAY_NAMES, Away, Hours, Override, Rota, RotaId, shifts

NewUow = Callable[[], UnitOfWork]
KEPT = timedelta(days=100)
"""How long overrides that are over stay, for explanations and rehearsals of the past."""


@dataclass(frozen=True, slots=True)
class ManageRotas:
    new_uow: NewUow
    clock: Clock
    fleet: KnownFleet

    @retried
    def create(self, actor: Actor, rota: Rota) -> Rota:
        """Raises Forbidden, InvalidInput, RotaNameTaken."""
        actor.must_be_admin()
        check_room("rotas", self.fleet.directory.roster.rotas, MAX_ROTAS)
        with self.new_uow() as uow:
            check_users_exist(uow, rota.people)
            rota = uow.rotas.add(rota)
            detail = created_values(_audit_details(uow, rota, rota.overrides))
            uow.audit.add(entry(actor, self.clock.now(), "rota.create", rota.name, detail))
            uow.commit()
        return rota

    @retried
    def change(self, actor: Actor, rota: Rota, *, keeps_overrides: bool = False) -> Rota:
        """*keeps_overrides*: those that are stored stay. Raises Forbidden, NotFound, InvalidInput, RotaNameTaken."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            before = uow.rotas.get(rota.id)
            after = replace(rota, overrides=before.overrides) if keeps_overrides else rota
            check_users_exist(uow, after.people - before.people)
            self._save(uow, actor, before, after)
            uow.commit()
        return after

    @retried
    def delete(self, actor: Actor, rota_id: RotaId) -> None:
        """Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            rota = uow.rotas.get(rota_id)
            detail = deleted_values(_audit_details(uow, rota, ()))
            uow.rotas.delete(rota_id)
            uow.audit.add(entry(actor, self.clock.now(), "rota.delete", rota.name, detail))
            uow.commit()

    @retried
    def add_override(self, actor: Actor, rota_id: RotaId, override: Override) -> Rota:
        """Put somebody on call from now or later on. Members give turns of their own to other members.

        Raises Forbidden for people outside of the rota, NotFound, InvalidInput.
        """
        away, now = self.fleet.directory.away, self.clock.now()
        if override.ends_at <= now:
            raise InvalidInput({"ends_at": Problem("not_in_future")})
        with self.new_uow() as uow:
            before = uow.rotas.get(rota_id)
            override = _from(override, now)
            if not actor.is_admin:
                _check_own(actor, before, away, override)
                if override.user_id not in before.user_ids or override.user_id == actor.user_id:
                    raise InvalidInput({"user_id": Problem("not_another_member")})
            elif not uow.users.existing([override.user_id]):
                raise InvalidInput({"user_id": Problem("unknown_users", {"ids": override.user_id})})
            kept = (each for each in before.overrides if each.ends_at > now - KEPT)
            after = replace(before, overrides=(*kept, override))
            self._save(uow, actor, before, after)
            uow.commit()
        return after

    @retried
    def end_override(self, actor: Actor, rota_id: RotaId, override: Override) -> Rota:
        """End it now, or remove it if it has not begun; one that is over stays. Members end those of their own turns.

        Raises Forbidden for people outside of the rota, NotFound, InvalidInput.
        """
        away, now = self.fleet.directory.away, self.clock.now()
        with self.new_uow() as uow:
            before = uow.rotas.get(rota_id)
            _check_member(actor, before)
            if override not in before.overrides:
                raise NotFound
            if override.ends_at <= now:
                return before
            place, rest = before.overrides.index(override), _from(override, now)
            begun = () if rest == override else (replace(override, ends_at=rest.starts_at),)
            after = replace(before, overrides=(*before.overrides[:place], *begun, *before.overrides[place + 1 :]))
            if not actor.is_admin:
                _check_own(actor, after, away, rest)
            self._save(uow, actor, before, after)
            uow.commit()
        return after

    def _save(self, uow: UnitOfWork, actor: Actor, before: Rota, after: Rota) -> None:
        if after != before:
            uow.rotas.save(after)
            gone, new = (
                [each for each in one.overrides if each not in other.overrides]
                for one, other in ((before, after), (after, before))
            )
            detail = changes(_audit_details(uow, before, gone), _audit_details(uow, after, new))
            uow.audit.add(entry(actor, self.clock.now(), "rota.update", after.name, detail))


def check_room(name: str, held: Sized, most: int) -> None:
    """Raises InvalidInput. Two requests at the same moment may both succeed: not worth a lock."""
    if len(held) >= most:
        raise InvalidInput({name: Problem("too_many", {"limit": most})})


def _from(override: Override, now: datetime) -> Override:
    """Return the part that is not over."""
    return override if override.starts_at > now else replace(override, starts_at=now)


def _check_member(actor: Actor, rota: Rota) -> None:
    """Raises Forbidden."""
    if not actor.is_admin and actor.user_id not in rota.user_ids:
        raise Forbidden


def _check_own(actor: Actor, rota: Rota, away: Away, override: Override) -> None:
    """Check that meanwhile, without it, nobody else is on call. Raises Forbidden, InvalidInput."""
    _check_member(actor, rota)
    if {shift.user_id for shift in shifts(rota, away, override.starts_at, override.ends_at)} != {actor.user_id}:
        raise InvalidInput({"starts_at": Problem("not_own_turn")})


def _audit_details(uow: UnitOfWork, rota: Rota, overrides: Sequence[Override]) -> dict[str, object]:
    names = uow.users.names(rota.people)

    def name(user_id: UserId) -> str:
        return names.get(user_id, str(user_id))

    return values_of(rota, "name", "timezone", "starts_at", "turn_days") | {
        "hours": None if rota.hours is None else [_text(each) for each in rota.hours],
        "user_ids": [name(each) for each in rota.user_ids],
        "overrides": [
            f"{name(each.user_id)}: {each.starts_at} - {each.ends_at}".replace("+00:00", "") for each in overrides
        ],
    }


def _text(hours: Hours) -> str:
    days = ",".join(DAY_NAMES[day] for day in sorted(hours.weekdays))
    return f"{days} {hours.starts:%H:%M}-{hours.ends:%H:%M}"
