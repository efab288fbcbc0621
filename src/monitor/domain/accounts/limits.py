"""How often a password may be guessed.

How much one person may make, and have going on at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.pauses import doubled

WINDOW = timedelta(minutes=15)
FAILURES = 10
"""From one source within the window; the next one is refused."""
FREE_FAILURES = 20
"""For one account from everywhere within the window; then each next try has to wait."""
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)


class GuessKind(StrEnum):
    """Each is counted apart from the others."""

    LOGIN = "login"
    DEVICE = "device"
    PASSWORD_CHANGE = "password_change"  # noqa: S105  # no password, the word for its change


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One try of a password. The fields are never joined, so nothing that people type can look like another kind.

    *account*: a name as compared (login), else the id of the user. *source*: a network (login), a known device, or a
    session (password change).
    """

    kind: GuessKind
    account: str
    source: str


def wait_of_source(times: Sequence[datetime], now: datetime) -> timedelta:
    """Until the window holds fewer than the limit; none where it does already. *times*: oldest first."""
    if len(times) < FAILURES:
        return timedelta()
    return max(times[-FAILURES] + WINDOW - now, timedelta())


def wait_of_account(times: Sequence[datetime], now: datetime) -> timedelta:
    """A pause since the newest failure, that doubles up to a minute; none below the free ones.

    Strangers can make anybody's account fail: this slows them all down together, and locks nobody out.
    """
    beyond = len(times) - FREE_FAILURES
    if beyond < 0:
        return timedelta()
    return max(times[-1] + doubled(FIRST_PAUSE, beyond, LONGEST_PAUSE) - now, timedelta())


class Quota(StrEnum):
    """What is counted. The first four are what a person made; administrators may make any number. The last two are
    what goes on at the moment, and hold for everybody: they protect the process."""

    SERVERS = "servers"
    SILENCES = "silences"
    POLICIES = "policies"
    KEYS = "keys"
    STREAMS = "streams"
    BACKTESTS = "backtests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """For each person. None: any number."""

    servers: int | None = None
    silences: int | None = None
    policies: int | None = None
    keys: int | None = None
    streams: int | None = None
    backtests: int | None = None

    def limit(self, what: Quota) -> int | None:
        found: int | None = getattr(self, what.value)
        return found


UNLIMITED = Quotas()
USUAL = Quotas(servers=1000, silences=200, policies=200, keys=1000, streams=20, backtests=4)
"""Of a server whose operator says nothing."""
