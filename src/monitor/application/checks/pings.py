"""Note pings, within limits. Alerts follow within a second, by `DetectMissed`."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from monitor.application.checks.ports import Schedules, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.errors import TooManyAttempts
from monitor.domain.accounts.limits import client_network
from monitor.domain.checks.check_ins import MOST_CHECK_INS, CheckIn, Ping
from monitor.domain.errors import MonitorError, NotFound
from monitor.domain.fleet.servers import ServerId

PINGS_A_MINUTE = 600
"""Of one check-in, to one process. One with the least period sends 24."""
UNKNOWN_A_MINUTE = 60
"""Pings from one network that name no check-in."""
MINUTE = 60
MOST_UNSTORED = 2 * MOST_CHECK_INS
"""A client can invent secrets while the database is away."""


@dataclass(slots=True)
class PingLimits:
    """Counts of this minute, so that a flood costs no transaction. Known secrets are accepted even during a flood from
    their network."""

    clock: Clock
    _known: set[str] = field(default_factory=set)
    _minute: int = 0
    _pings: Counter[str] = field(default_factory=Counter)
    _unknown: Counter[str] = field(default_factory=Counter)

    def check(self, ping_key: str, address: str) -> None:
        """Count a ping. Raises TooManyAttempts."""
        now = self.clock.now().timestamp()
        if now // MINUTE != self._minute:
            self._minute, self._pings, self._unknown = int(now // MINUTE), Counter(), Counter()
        if ping_key in self._known:
            self._pings[ping_key] += 1
            is_too_much = self._pings[ping_key] > PINGS_A_MINUTE
        else:
            is_too_much = self._unknown[client_network(address)] >= UNKNOWN_A_MINUTE
        if is_too_much:
            raise TooManyAttempts(ceil(MINUTE - now % MINUTE) or 1)

    def is_known(self, ping_key: str) -> bool:
        return ping_key in self._known

    def learn(self, ping_keys: Iterable[str]) -> None:
        self._known.update(ping_keys)

    def note(self, ping_key: str, address: str, *, is_known: bool) -> None:
        if is_known:
            self._known.add(ping_key)
        else:
            self._known.discard(ping_key)
            self._unknown[client_network(address)] += 1


@dataclass(slots=True)
class UnstoredPings:
    """Received pings that are not stored, by secret: they wait, or were refused because the database was away or too
    many waited. Their jobs have run, so they must not be missed.
    """

    _last: dict[str, datetime] = field(default_factory=dict)

    def received(self, ping_key: str, at: datetime) -> None:
        self._last.pop(ping_key, None)  # it goes to the end
        while len(self._last) >= MOST_UNSTORED:
            del self._last[next(iter(self._last))]
        self._last[ping_key] = at

    def settled(self, ping_key: str, at: datetime) -> None:
        """Forget a ping that is stored or names no check-in, unless a later one came."""
        if ping_key in self._last and self._last[ping_key] <= at:
            del self._last[ping_key]

    def last(self, ping_key: str) -> datetime | None:
        """Return when the last one came. Any thread may ask."""
        return self._last.get(ping_key)


@dataclass(frozen=True, slots=True)
class RecordPings:
    """Note pings, and what they change. They are stored when this returns.

    Many jobs run at the full hour, so pings that wait for the same commit share one.
    """

    new_uow: Callable[[], UnitOfWork]
    schedules: Schedules

    @retried
    def __call__(self, pings: Sequence[tuple[str, Ping]]) -> list[MonitorError | None]:
        """Return for each ping its error, or None if it is stored. *pings*: each with the secret in its address.

        Raises StorageUnavailable: then none is stored.
        """
        with self.new_uow() as uow:
            found = uow.check_ins.by_keys({key for key, _ in pings})
            noted: list[tuple[ServerId, Ping]] = []
            outcomes = [self._note(found, noted, *each) for each in pings]
            uow.check_ins.note(noted)
            uow.check_ins.save(found.values())
            uow.commit()
        return outcomes

    def _note(
        self, found: dict[str, CheckIn], noted: list[tuple[ServerId, Ping]], key: str, ping: Ping
    ) -> MonitorError | None:
        before = found.get(key)
        if before is None:
            return NotFound("no such check-in")
        try:
            found[key], ping = before.pinged(ping, self.schedules.next_due(before))
        except MonitorError as error:  # the rest of the group is stored all the same
            return error
        noted.append((before.id, ping))
        return None
