"""Note pings. What they change of alerts `DetectMissed` follows within a second."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from monitor.application.checks.check_in_ports import Schedules, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.errors import TooManyAttempts
from monitor.domain.accounts.limits import client_network
from monitor.domain.checks.check_ins import CheckIn, Ping, PingKind
from monitor.domain.errors import NotFound

PINGS_A_MINUTE = 600
"""Of one check-in, to one process. One with the least period sends 24."""
UNKNOWN_A_MINUTE = 60
"""Pings from one network that name no check-in."""
MINUTE = 60


@dataclass(slots=True)
class PingLimits:
    """Counts of the present minute, so that a flood costs no transaction. *known*: secrets that were found to be right;
    a flood from the same network does not refuse these."""

    clock: Clock
    known: set[str] = field(default_factory=set)
    _minute: int = 0
    _pings: Counter[str] = field(default_factory=Counter)
    _unknown: Counter[str] = field(default_factory=Counter)

    def check(self, ping_key: str, address: str) -> None:
        """Count a ping. Raises TooManyAttempts."""
        now = self.clock.now().timestamp()
        if now // MINUTE != self._minute:
            self._minute, self._pings, self._unknown = int(now // MINUTE), Counter(), Counter()
        if ping_key in self.known:
            self._pings[ping_key] += 1
            is_too_much = self._pings[ping_key] > PINGS_A_MINUTE
        else:
            is_too_much = self._unknown[client_network(address)] >= UNKNOWN_A_MINUTE
        if is_too_much:
            raise TooManyAttempts(ceil(MINUTE - now % MINUTE) or 1)

    def note(self, ping_key: str, address: str, *, is_known: bool) -> None:
        if is_known:
            self.known.add(ping_key)
        else:
            self.known.discard(ping_key)
            self._unknown[client_network(address)] += 1


@dataclass(frozen=True, slots=True)
class RecordPing:
    """Note a ping, and what it changes. It is stored when this returns."""

    new_uow: Callable[[], UnitOfWork]
    schedules: Schedules
    clock: Clock
    limits: PingLimits

    def __call__(
        self, ping_key: str, kind: PingKind, *, address: str, status: int | None = None, body: bytes = b""
    ) -> CheckIn:
        """Raises NotFound for an unknown secret, TooManyAttempts."""
        self.limits.check(ping_key, address)
        ping = Ping(at=self.clock.now(), kind=kind, address=address, status=status, body=body)
        try:
            after = self._store(ping_key, ping)
        except NotFound:
            self.limits.note(ping_key, address, is_known=False)
            raise
        self.limits.note(ping_key, address, is_known=True)
        return after

    @retried
    def _store(self, ping_key: str, ping: Ping) -> CheckIn:
        with self.new_uow() as uow:
            before = uow.check_ins.by_key(ping_key)
            after, noted = before.pinged(ping, self.schedules.next_due(before))
            uow.check_ins.note(after.id, noted)
            uow.check_ins.save(after)
            uow.commit()
        return after
