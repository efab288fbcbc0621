"""Limits of one person: guesses of passwords, and quotas of what they create and run at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, IPv6Network, ip_address

from monitor.domain.times import doubled

WINDOW = timedelta(minutes=15)
FAILURES = 10
"""Failures from one source within the window; further guesses are refused."""
FREE_FAILURES = 20
"""Failures of one account from all sources within the window; then each guess has to wait."""
BEGINNINGS = 100
"""Log-ins elsewhere, and as many with a passkey, that one network may begin within the window: each leaves a row."""
ACCOUNT_MAILS = 20
"""Mails about changes of their own account that one person may cause within the window."""
WAY_ATTEMPTS = 30
"""New settings of ways that one person may have checked, and messages to try a way, within the window."""
CHECK_TRIALS = 60
"""Checks that one person may try before saving them, within the window."""
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)


class GuessKind(StrEnum):
    """What was guessed. Each kind is counted separately."""

    LOGIN = "login"
    DEVICE = "device"
    PASSWORD_CHANGE = "password_change"  # noqa: S105  # not a password, but the word for its change
    BEGINNING = "beginning"
    PASSKEY = "passkey"
    MAIL = "mail"
    WAY = "way"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One guess, or another attempt that is counted. The fields are stored separately, so no text that people type can
    imitate another kind.

    *account*: the user name as compared (login), "" (beginning, passkey), else the user's id. *source*: a network
    (login, beginning, passkey), a known device, a session (password change) or a user's id (mail, way, check).
    """

    kind: GuessKind
    account: str
    source: str


def client_network(address: str) -> str:
    """Return the network that counts as one client: an IPv4 address, or the /64 of an IPv6 address.

    A text that is not an address is returned unchanged.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    # A socket for both families maps IPv4 addresses into one /64.
    return str(parsed.ipv4_mapped or IPv6Network((parsed, 64), strict=False))


def wait_of_source(times: Sequence[datetime], now: datetime, at_most: int = FAILURES) -> timedelta:
    """Return the time until the window holds fewer failures than the limit, or 0. *times*: oldest first."""
    if len(times) < at_most:
        return timedelta()
    return max(times[-at_most] + WINDOW - now, timedelta())


def wait_of_account(times: Sequence[datetime], now: datetime) -> timedelta:
    """Return the rest of a pause after the newest failure, or 0. The pause doubles with each failure, up to a minute.

    Anybody can cause failures of any account, so an account is slowed down and never locked.
    """
    beyond = len(times) - FREE_FAILURES
    if beyond < 0:
        return timedelta()
    return max(times[-1] + doubled(FIRST_PAUSE, beyond, LONGEST_PAUSE) - now, timedelta())


class Quota(StrEnum):
    """What is counted. The first five count what a user has created; administrators have no limit.

    The last two count what runs at the moment. They apply to everybody, since they protect the process.
    """

    SERVERS = "servers"
    SILENCES = "silences"
    POLICIES = "policies"
    KEYS = "keys"
    TOKENS = "tokens"
    STREAMS = "streams"
    BACKTESTS = "backtests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """Limits for each user. None: no limit."""

    servers: int | None = None
    silences: int | None = None
    policies: int | None = None
    keys: int | None = None
    tokens: int | None = None
    streams: int | None = None
    backtests: int | None = None

    def limit(self, what: Quota) -> int | None:
        found: int | None = getattr(self, what.value)
        return found


UNLIMITED = Quotas()
USUAL = Quotas(servers=1000, silences=200, policies=200, keys=1000, tokens=100, streams=20, backtests=4)
"""Limits of a server that is not configured otherwise."""
