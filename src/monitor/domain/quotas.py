"""How much one person may make, and have going on at once."""

from dataclasses import dataclass
from enum import StrEnum


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
