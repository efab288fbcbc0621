"""/healthz and /readyz, and /metrics for an operator's Prometheus."""

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.exceptions import HTTPException
from msgspec import Struct

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.hosts import is_local
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.operations.living import HEALTHY, Health
from monitor.adapters.http.operations.metrics import Metrics
from monitor.application.alerts.offline import OwnHearing
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import IntakeQueue
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.domain.errors import MonitorError
from monitor.domain.fleet.api_keys import digest
from monitor.domain.fleet.errors import InvalidApiKey


class StoreInUse(Struct, frozen=True):
    """*host*: the database host in use, as the settings name it; null where there is none, and for requests that do not
    come from the server's own machine: administrators see it in `GET /api/cluster`."""

    host: str | None
    can_write: bool


class Readiness(Struct, frozen=True):
    """*database*: `ok`, `read_only` (it refuses what is written), or `unavailable`. *writer*: `ok`, `stopped`, or
    `failing` while samples cannot be stored, as on a full disk. *store*: null while it does not answer."""

    status: str
    database: str
    writer: str
    hearing: str
    store: StoreInUse | None


class HealthController(Controller):
    path = "/"
    opt = ANONYMOUS
    tags = ("operations",)

    @get("/healthz", sync_to_thread=False)
    def healthz(self) -> Health:
        """The process answers."""  # by `front`, even before the framework is loaded
        return HEALTHY

    @get("/readyz", sync_to_thread=True)
    def readyz(
        self,
        request: Request[Any, Any, Any],
        queries: Part[Queries],
        intake_queue: Part[IntakeQueue],
        hearing: Part[OwnHearing],
        clock: Part[Clock],
    ) -> Response[Readiness]:
        """200 while the database can be written to and the writer runs, else 503. While `hearing` is `failing`, no host
        counts as offline."""
        store = _store_in_use(queries, names_host=is_local(request.scope))
        database = "unavailable" if store is None else "ok" if store.can_write else "read_only"
        writer = "stopped" if not intake_queue.is_running else "ok" if intake_queue.failure is None else "failing"
        good = (database, writer) == ("ok", "ok")
        heard = "failing" if hearing.is_failing(clock.now()) else "ok"  # requests are served all the same
        body = Readiness("ok" if good else "unavailable", database, writer, heard, store)
        headers = {} if good else {"Retry-After": "2"}
        return Response(body, status_code=200 if good else 503, headers=headers)


def _store_in_use(queries: Queries, *, names_host: bool) -> StoreInUse | None:
    """Return None if it does not answer."""
    try:
        state = queries.cluster.store()
        if state.can_write:
            queries.fleet.revision()
    except MonitorError:
        return None
    return StoreInUse((names_host and state.host) or None, state.can_write)


@get("/metrics", opt=ANONYMOUS, include_in_schema=False, sync_to_thread=True)
def scrape(request: Request[Any, Any, Any], operator_metrics: Part[Metrics], fleet: Part[Fleet]) -> Response[bytes]:
    """Open to loopback, and to others with an administrator's fleet key in `X-API-Key` or as a Bearer token."""
    _check_access(request, fleet)
    from monitor.adapters.http.operations.exposition import exposed

    text, kind = exposed(operator_metrics)
    return Response(text, media_type=kind)


def _check_access(request: Request[Any, Any, Any], fleet: Fleet) -> None:
    if is_local(request.scope):
        return
    text = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    if not text:
        raise InvalidApiKey
    fleet.refresh()
    key = fleet.directory.key(digest(text))
    if key.server_id is not None or key.owner_id not in fleet.directory.owners_of_all:
        raise HTTPException(status_code=403)
