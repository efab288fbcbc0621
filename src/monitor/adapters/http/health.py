"""/healthz and /readyz"""

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from monitor.adapters.http.authentication import ANONYMOUS
from monitor.application.hearing import OwnHearing
from monitor.application.intake_queue import IntakeQueue
from monitor.application.ports.clock import Clock
from monitor.application.ports.queries import Queries
from monitor.domain.errors import MonitorError


class Health(Struct, frozen=True):
    status: str


class Readiness(Struct, frozen=True):
    status: str
    database: str
    writer: str
    hearing: str


class HealthController(Controller):
    path = "/"
    opt = ANONYMOUS
    tags = ("operations",)

    @get("/healthz", sync_to_thread=False)
    def healthz(self) -> Health:
        """The process answers."""
        return Health("ok")

    @get("/readyz", sync_to_thread=True)
    def readyz(
        self,
        queries: NamedDependency[Queries],
        intake_queue: NamedDependency[IntakeQueue],
        hearing: NamedDependency[OwnHearing],
        clock: NamedDependency[Clock],
    ) -> Response[Readiness]:
        """200 while the database answers and the writer runs, else 503. While `hearing` is `failing`, no host is called
        offline."""
        try:
            queries.fleet.revision()
            database = "ok"
        except MonitorError:
            database = "unavailable"
        writer = "ok" if intake_queue.is_running else "stopped"
        good = (database, writer) == ("ok", "ok")
        heard = "failing" if hearing.is_failing(clock.now()) else "ok"  # requests are served all the same
        body = Readiness("ok" if good else "unavailable", database, writer, heard)
        headers = {} if good else {"Retry-After": "2"}
        return Response(body, status_code=200 if good else 503, headers=headers)
