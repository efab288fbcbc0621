"""Rotas: who is on call."""

from collections.abc import Iterable
from datetime import datetime

from monitor.application.oncall.rotas import ManageRotas
from monitor.domain.accounts.users import User
from monitor.domain.oncall.rotas import Rota, around
from monitor.library.asked import Group, Person, aware, only


class Rotas(Group):
    """`core.rotas`: who is on call when."""

    def add(
        self, name: str, users: Iterable[Person], *, starts_at: datetime, timezone: str = "UTC", turn_days: int = 7
    ) -> Rota:
        """Create a rota in which *users* take turns of some days, with the first hand-over at *starts_at*.

        Raises InvalidInput, NotFound, Forbidden, Conflict if there is one of this name.
        """
        people = tuple(self._person(each).id for each in users)
        begun = aware("starts_at", starts_at)
        rota = Rota(name=name, timezone=timezone, starts_at=begun, turn_days=turn_days, user_ids=people)
        with self._working() as container:
            return container.get(ManageRotas).create(self.actor, rota)

    def list(self) -> list[Rota]:
        """Return all rotas."""
        with self._working() as container:
            return [*container.fleet.directory.roster.rotas.values()]

    def on_call(self, at: datetime | None = None) -> dict[str, User | None]:
        """Return who is on call *at* a moment, by default now, by the name of the rota; None: nobody is."""
        with self._working() as container:
            directory = container.fleet.directory
            moment = container.clock.now() if at is None else aware("at", at)
            found: dict[str, User | None] = {}
            for rota in directory.roster.rotas.values():
                shift, _ = around(rota, directory.away, moment)
                found[rota.name] = None if shift is None else directory.users.get(shift.user_id)
        return found

    def remove(self, rota: str | Rota) -> None:
        """Delete a rota. Raises NotFound, Forbidden."""
        found = only(each for each in self.list() if rota in (each, each.name))
        with self._working() as container:
            container.get(ManageRotas).delete(self.actor, found.id)
