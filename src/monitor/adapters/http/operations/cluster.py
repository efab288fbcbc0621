"""/api/cluster: the serving processes, and the state of the store and of the history as each of them sees it."""

from litestar import get
from msgspec import Struct

from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.edge.times import written
from monitor.application.operations.ports import Process, Queries
from monitor.application.ports import Clock

SERVING = "serve"


class StoreOut(Struct, frozen=True, kw_only=True):
    """*kind*: `sqlite`, `mysql` (MariaDB too) or `memory`. *address*: the own name and port of the database server that
    takes the samples, or the file. *host*: the one of `DB_HOST` that is used; empty without. *nodes*: of a Galera
    cluster, as this server sees it; null without one. *epoch*: the one that this process answers agents with."""

    kind: str
    version: str
    address: str
    can_write: bool
    nodes: int | None
    host: str
    epoch: str


class HistoryOut(Struct, frozen=True, kw_only=True):
    """*place*: where hours that are older than the raw samples lie, `database` or the address of VictoriaMetrics.
    *sealed_until*: the end of the newest sealed hour, null before the first. *answers*: whether that place answered
    this process when it was last asked, which is once a minute or more often."""

    place: str
    sealed_until: str | None
    answers: bool


class ServingProcessOut(Struct, frozen=True, kw_only=True):
    """*last_seen_at*: by the process's own clock, a few seconds ago. *roles*: `serve`, and the work that one process at
    a time does for all, such as `alert_maintenance` and `seal_history`. The other fields are null for a process of an
    older version, until it is replaced."""

    process: str
    host: str | None
    version: str | None
    started_at: str | None
    last_seen_at: str | None
    roles: list[str]
    store: StoreOut | None
    history: HistoryOut | None

    @staticmethod
    def of(process: Process) -> "ServingProcessOut":
        known = process.report
        return ServingProcessOut(
            process=process.id,
            host=None if known is None else known.host,
            version=None if known is None else known.version,
            started_at=None if known is None else written(known.started_at),
            last_seen_at=None if process.last_seen_at is None else written(process.last_seen_at),
            roles=[SERVING, *(lease.replace(" ", "_") for lease in process.leases)],
            store=None if known is None else shown(StoreOut, known.store),
            history=None if known is None else shown(HistoryOut, known.history),
        )


@get("/cluster", tags=("administration",), guards=(admins_only,), sync_to_thread=True)
def cluster(queries: Part[Queries], clock: Part[Clock]) -> Envelope[list[ServingProcessOut]]:
    """The processes that serve now, with the store that each writes to and the state of the history."""
    return ok([ServingProcessOut.of(process) for process in queries.cluster.processes(clock.now())])
