"""/api/checks: what this server asks of addresses, and what came of it."""

import asyncio
from functools import partial
from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from monitor.adapters.http.checks.bodies import CheckBody, CheckOut, KindName, StateName
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import PageLimit, PathId, QueryId, as_query, listed
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more, paged
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.history.series import SeriesOut, shown_series
from monitor.application.accounts.authentication import Caller
from monitor.application.checks.checks import ChangeCheck, CreateCheck, DeleteCheck
from monitor.application.checks.ports import CheckFilter
from monitor.application.checks.reading import ReadUptime
from monitor.application.checks.runs import RunCheck
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.charts import MAX_POINTS, ReadSeries
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import METRICS, CheckState
from monitor.domain.checks.kinds import KINDS
from monitor.domain.fleet.servers import Kind, ServerId

_ALL_METRICS = ",".join(METRICS)
RUNS_AT_ONCE = 4
"""Runs that somebody waits for. Each takes a thread of the requests for up to a minute."""


class UptimeOut(Struct, frozen=True, kw_only=True):
    """*days*: percent of each day's runs that were up, from *first* (a date, UTC) on, today last; null without runs."""

    first: str
    days: list[float | None]


class CheckController(Controller):
    path = "/checks"
    tags = ("checks",)

    @get("/", sync_to_thread=True)
    def list_checks(
        self,
        caller: Part[Caller],
        queries: Part[Queries],
        fleet: Part[Fleet],
        server_id: QueryId = None,
        kind: Annotated[KindName | None, QueryParameter(schema_extra=as_query(KINDS))] = None,
        up: FromQuery[bool | None] = None,
        check_state: Annotated[StateName | None, QueryParameter(name="state")] = None,
        q: FromQuery[str | None] = None,
        sort: FromQuery[Literal["id", "state"]] = "id",
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[CheckOut]]]:
        """All that the caller may see; a page of them with `limit`. `q`: in the name, or in the target without what may
        be secret; `up`: how the last run ended; `sort`: by id, or first those that are down."""
        fleet.refresh()
        wanted = CheckFilter(
            host_id=None if server_id is None else ServerId(server_id),
            kind=None if kind is None else KINDS[kind],
            state=None if check_state is None else CheckState(check_state),
            up=up,
            text=q or None,
            down_first=sort == "state",
            after=None if cursor is None else cursors.to_numbers(cursor, 2),
            limit=one_more(limit),
        )
        found, directory = queries.checks.find(caller.actor, wanted), fleet.directory
        show = partial(CheckOut.of, caller=caller, directory=directory)
        return paged(found, limit, show, lambda last: cursors.of_numbers(*wanted.place(last)))

    @post("/", status_code=200, guards=[admins_only], sync_to_thread=True)
    def create(
        self, caller: Part[Caller], data: JSONBody[CheckBody], create_check: Part[CreateCheck], fleet: Part[Fleet]
    ) -> Envelope[CheckOut]:
        """It runs at once, and then every `interval`. Targets that are not public need
        `MONITOR_ALLOWED_DESTINATIONS`."""
        made = create_check(caller.actor, data.to_domain(), data.parents() or ())
        fleet.refresh()  # its first result finds it there
        return ok(CheckOut.of(made, caller, fleet.directory), "created")

    @get("/{check_id:int}", sync_to_thread=True)
    def one(
        self, caller: Part[Caller], check_id: PathId, queries: Part[Queries], fleet: Part[Fleet]
    ) -> Envelope[CheckOut]:
        fleet.refresh()
        return ok(CheckOut.of(queries.checks.get(caller.actor, ServerId(check_id)), caller, fleet.directory))

    @put("/{check_id:int}", guards=[admins_only], sync_to_thread=True)
    def change(
        self,
        caller: Part[Caller],
        check_id: PathId,
        data: JSONBody[CheckBody],
        change_check: Part[ChangeCheck],
        queries: Part[Queries],
        fleet: Part[Fleet],
    ) -> Envelope[CheckOut]:
        """Replaces the whole check: what is left out has its default, `depends_on` alone stays. It runs at once."""
        check = change_check(caller.actor, data.to_domain(ServerId(check_id)), data.parents())
        fleet.refresh()  # the next result is judged by what it is now
        return ok(CheckOut.of(queries.checks.get(caller.actor, check.id), caller, fleet.directory), "updated")

    @delete("/{check_id:int}", status_code=200, guards=[admins_only], sync_to_thread=True)
    def remove(
        self, actor: Part[Actor], check_id: PathId, delete_check: Part[DeleteCheck], fleet: Part[Fleet]
    ) -> Envelope[None]:
        """With its results, alerts, policies and silences."""
        delete_check(actor, ServerId(check_id))
        fleet.refresh()
        return ok(None, "deleted")

    @post("/{check_id:int}/run", status_code=200, guards=[admins_only])
    async def run(
        self,
        caller: Part[Caller],
        check_id: PathId,
        run_check: Part[RunCheck],
        check_turns: Part[asyncio.Semaphore],
        fleet: Part[Fleet],
    ) -> Envelope[CheckOut]:
        """Run it now. Answered when the run is over, at the latest after its `timeout`."""
        async with check_turns:
            stored = await asyncio.to_thread(run_check, caller.actor, ServerId(check_id))
        return ok(CheckOut.of(stored, caller, fleet.directory))

    @get("/{check_id:int}/series", sync_to_thread=True)
    def series(
        self,
        actor: Part[Actor],
        check_id: PathId,
        read_series: Part[ReadSeries],
        metrics: FromQuery[str] = _ALL_METRICS,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        points: Annotated[int | None, QueryParameter(ge=1, le=MAX_POINTS)] = None,
    ) -> Envelope[SeriesOut]:
        """Like a server's series, of the metrics `up` (1 or 0), `ms` and `cert_days`."""
        found = read_series(
            actor,
            ServerId(check_id),
            metrics=listed(metrics),
            start=None if start is None else times.parsed(start, "start"),
            end=None if end is None else times.parsed(end, "end"),
            points=points,
            kind=Kind.CHECK,
        )
        return ok(shown_series(found))

    @get("/{check_id:int}/uptime", sync_to_thread=True)
    def uptime(self, actor: Part[Actor], check_id: PathId, read_uptime: Part[ReadUptime]) -> Envelope[UptimeOut]:
        """For how much of each of the last 30 days it was up."""
        found = read_uptime(actor, ServerId(check_id))
        return ok(UptimeOut(first=found.first.isoformat(), days=found.days))
