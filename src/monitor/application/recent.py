"""The last hour of many servers at once: the small lines beside their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.ports.clock import Clock
from monitor.application.ports.queries import MinuteAverages, Queries
from monitor.domain.actors import Actor
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.samples import COLUMN_METRICS
from monitor.domain.servers import ServerId

MAX_SERVERS = 200
MINUTES = 60
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    start: datetime
    servers: MinuteAverages


@dataclass(frozen=True, slots=True)
class ReadRecent:
    queries: Queries
    clock: Clock

    def __call__(self, actor: Actor, server_ids: Sequence[ServerId], metrics: Sequence[str]) -> Recent:
        """60 minutes, of which the last is the one that runs. Servers that the actor may not see are left out, like
        those that are not there.

        Raises InvalidInput: 1 to 200 servers, and one or more of cpu, memory and disk.
        """
        wanted = list(dict.fromkeys(server_ids))
        problems: dict[str, Problem] = {}
        if not wanted:
            problems["server_ids"] = Problem("required")
        elif len(wanted) > MAX_SERVERS:
            problems["server_ids"] = Problem("too_many", {"limit": MAX_SERVERS})
        if not metrics:
            problems["metrics"] = Problem("required")
        elif not set(metrics) <= set(COLUMN_METRICS):
            problems["metrics"] = Problem("not_one_of", {"choices": ", ".join(COLUMN_METRICS)})
        if problems:
            raise InvalidInput(problems)
        start = self.clock.now().replace(second=0, microsecond=0) - (MINUTES - 1) * _MINUTE
        names = list(dict.fromkeys(metrics))
        return Recent(start=start, servers=self.queries.samples.minutes(actor, wanted, names, start, MINUTES))
