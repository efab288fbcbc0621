"""How often a password may be guessed: kept in the database, so that a restart forgets nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil

from monitor.application.ports.clock import Clock
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.transactions import retried
from monitor.domain.errors import TooManyAttempts
from monitor.domain.sessions import LOGIN_FAILURES, LOGIN_WINDOW

_LONGEST_KEY = 150


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """At most 10 failures per account, and 10 per address, in 15 minutes."""

    new_uow: Callable[[], UnitOfWork]
    clock: Clock

    @retried
    def attempt(self, account: str, address: str) -> int:
        """Count an attempt as failed until it is forgiven, so that many at once can't slip by; return its id.

        Raises TooManyAttempts.
        """
        now = self.clock.now()
        since, account, network = now - LOGIN_WINDOW, account[:_LONGEST_KEY], _network(address)
        with self.new_uow() as uow:
            attempts = uow.login_attempts
            waits = [
                _wait(attempts.of_username(account, since), now),
                _wait(attempts.of_address(network, since), now),
            ]
            if (wait := max(waits)) > timedelta():
                raise TooManyAttempts(ceil(wait.total_seconds()))
            attempt_id = attempts.add(account, network, now)
            uow.commit()
        return attempt_id


def _wait(times: Sequence[datetime], now: datetime) -> timedelta:
    """Until the window holds fewer than the limit; none where it does already."""
    if len(times) < LOGIN_FAILURES:
        return timedelta()
    return times[-LOGIN_FAILURES] + LOGIN_WINDOW - now


def _network(address: str) -> str:
    """An IPv6 customer has a whole /64 to send from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:_LONGEST_KEY]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    # On a socket that takes both families, IPv4 arrives mapped: all of it would share one /64.
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, 64), strict=False))
