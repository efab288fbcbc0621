"""Who is on call when: now, in a calendar of the screen, and in a file for calendars."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.domain.accounts.availability import LONGEST, check_period
from monitor.domain.errors import InvalidInput, NotFound, Problem
from monitor.domain.oncall.limits import checked_time
from monitor.domain.oncall.rotas import Rota, RotaId, Shift, around, shifts

MAX_SHIFTS = 5000
FILE_BEFORE, FILE_AFTER = timedelta(days=30), timedelta(days=180)


class File(NamedTuple):
    """What a file for calendars says. *made_at*: the day. *shifts*: with ids that stay from day to day."""

    rota: Rota
    made_at: datetime
    shifts: list[tuple[str, Shift]]


@dataclass(frozen=True, slots=True)
class Calendars:
    """*link_secret* signs the addresses of files, which work without a log-in."""

    fleet: Fleet
    clock: Clock
    link_secret: str

    def rota(self, rota_id: RotaId) -> Rota:
        """Raises NotFound."""
        self.fleet.refresh()
        rota = self.fleet.directory.roster.rotas.get(rota_id)
        if rota is None:
            raise NotFound
        return rota

    def on_call(self, rota_id: RotaId, at: datetime | None = None, until: datetime | None = None) -> list[Shift]:
        """Return the shifts from *at* (now) to *until*, cut at both; without *until* the whole shift at that moment.

        Raises NotFound, InvalidInput.
        """
        rota, away = self.rota(rota_id), self.fleet.directory.away
        at = checked_time("at", at or self.clock.now())
        if until is None:
            now, _ = around(rota, away, at)
            return [] if now is None else [now]
        check_period("until", at, until)
        found = shifts(rota, away, at, checked_time("until", until))
        if len(found) > MAX_SHIFTS:
            raise InvalidInput({"until": Problem("too_many_shifts", {"limit": MAX_SHIFTS})})
        return found

    def now(self) -> Iterator[tuple[Rota, Shift | None, Shift | None]]:
        """Yield each rota with its shift now and the next one."""
        self.fleet.refresh()
        directory, at = self.fleet.directory, self.clock.now()
        away = directory.away
        for rota in directory.roster.rotas.values():
            yield rota, *around(rota, away, at)

    def token(self, rota_id: RotaId) -> str:
        return hmac.new(self.link_secret.encode(), f"rota:{rota_id}".encode(), hashlib.sha256).hexdigest()

    def file(self, rota_id: RotaId, token: str) -> File:
        """Return the shifts from 30 days ago until in 180 days. Raises NotFound, also for a wrong *token*."""
        if not hmac.compare_digest(self.token(rota_id).encode(), token.encode(errors="replace")):
            raise NotFound
        rota, today = self.rota(rota_id), self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        first = today - FILE_BEFORE
        found = shifts(rota, self.fleet.directory.away, first - LONGEST, today + FILE_AFTER)
        wanted = [shift for shift in found if shift.ends_at > first]
        return File(rota, today, [(_name(rota, shift, first - LONGEST), shift) for shift in wanted[:MAX_SHIFTS]])


def _name(rota: Rota, shift: Shift, searched_from: datetime) -> str:
    """Return an id by when the shift begins, which does not depend on the day on which it is asked for."""
    begins = rota.starts_at if shift.starts_at == searched_from else shift.starts_at
    return f"{rota.id}-{begins:%Y%m%dT%H%M%S}-{shift.user_id}"
