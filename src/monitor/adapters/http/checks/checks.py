"""/api/checks: what this server asks of addresses, and what came of it."""

import asyncio
from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct, field

from monitor.adapters.http.checks.bodies import CheckBody, CheckOut, KindName, StateName, TrialOut
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id, PageLimit, PathId, QueryId, as_query, listed
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more, paged
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.history.series import SeriesOut, shown_series
from monitor.application.accounts.authentication import Caller
from monitor.application.checks.check_ins import PauseCheckIn
from monitor.application.checks.checks import ChangeCheck, CreateCheck, DeleteCheck
from monitor.application.checks.ports import CheckFilter
from monitor.application.checks.runs import RunCheck
from monitor.application.checks.trying import TryCheck
from monitor.application.checks.uptime import MOST_AT_ONCE, ReadUptime
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.charts import MAX_POINTS, ReadSeries
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import METRICS, CheckState, StoredCheck
from monitor.domain.checks.kinds import KINDS
from monitor.domain.fleet.servers import Kind, ServerId

_ALL_METRICS = ",".join(METRICS)
RUNS_AT_ONCE = 4
"""Runs that somebody waits for. Each takes a thread of the requests for up to a minute."""


class UptimeOut(Struct, frozen=True, kw_only=True):
    """*days*: percent of each day's runs that were up, from *first* (a date, UTC) on, today last; null without runs."""

    first: str
    days: list[float | None]


class SpansOut(Struct, frozen=True, kw_only=True):
    """Percent of the runs of the last 24 hours and 7, 30 and 90 days that were up; null without runs."""

    id: int
    day: float | None = field(name="24h")
    week: float | None = field(name="7d")
    month: float | None = field(name="30d")
    quarter: float | None = field(name="90d")


class BatchIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    action: Literal["pause", "resume"]
    check_ids: Annotated[list[Id], Meta(max_length=2_000)] = []
    check_in_ids: Annotated[list[Id], Meta(max_length=10_000)] = []


class BatchOut(Struct, frozen=True):
    checks: int
    check_ins: int


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
            after=None if cursor is None else _place(cursor),
            limit=one_more(limit),
        )
        found, directory = queries.checks.find(caller.actor, wanted), fleet.directory

        def cursor_of(last: StoredCheck) -> str:
            return cursors.of_numbers(last.rank if wanted.down_first else 0, last.id)

        return paged(found, limit, lambda stored: CheckOut.of(stored, caller, directory), cursor_of)

    @post("/", status_code=200, guards=[admins_only], sync_to_thread=True)
    def create(
        self, caller: Part[Caller], data: JSONBody[CheckBody], create_check: Part[CreateCheck], fleet: Part[Fleet]
    ) -> Envelope[CheckOut]:
        """It runs at once, and then every `interval`. Targets that are not public need
        `MONITOR_ALLOWED_DESTINATIONS`."""
        made = create_check(caller.actor, data.to_domain())
        fleet.refresh()  # its first result finds it there
        return ok(CheckOut.of(made, caller, fleet.directory), "created")

    @post("/try", status_code=200, guards=[admins_only])
    async def attempt(
        self,
        actor: Part[Actor],
        data: JSONBody[CheckBody],
        try_check: Part[TryCheck],
        check_turns: Part[asyncio.Semaphore],
        check_id: QueryId = None,
    ) -> Envelope[TrialOut]:
        """Run a check as given, without storing it or its result. `check_id`: the one that it changes, whose secret
        headers it keeps. 60 in 15 minutes."""
        check = data.to_domain(ServerId(check_id or 0))
        async with check_turns:
            trial = await asyncio.to_thread(try_check, actor, check)
        return ok(TrialOut.of_trial(trial))

    @post("/batch", status_code=200, guards=[admins_only], sync_to_thread=True)
    def batch(
        self,
        actor: Part[Actor],
        data: JSONBody[BatchIn],
        change_check: Part[ChangeCheck],
        pause_check_in: Part[PauseCheckIn],
        fleet: Part[Fleet],
    ) -> Envelope[BatchOut]:
        """Pause or resume checks and check-ins, one after the other: an unknown one ends it."""
        paused, change_check_in = data.action == "pause", getattr(pause_check_in, data.action)
        check_ids, check_in_ids = dict.fromkeys(data.check_ids), dict.fromkeys(data.check_in_ids)
        for each in check_ids:
            change_check.pause(actor, ServerId(each), paused=paused)
        for each in check_in_ids:
            change_check_in(actor, ServerId(each))
        fleet.refresh()
        return ok(BatchOut(len(check_ids), len(check_in_ids)), "updated")

    @get("/uptime", sync_to_thread=True)
    def uptimes(
        self, actor: Part[Actor], ids: FromQuery[str], read_uptime: Part[ReadUptime], fleet: Part[Fleet]
    ) -> Envelope[list[SpansOut]]:
        """Of the first hundred of these checks (ids with commas) that the caller may see. What was paused counts for
        nothing."""
        fleet.refresh()
        wanted = [ServerId(int(each)) for each in listed(ids)[:MOST_AT_ONCE] if each.isascii() and each.isdigit()]
        found = read_uptime.spans(actor, wanted)
        return ok(
            [
                SpansOut(id=id_, day=shares["24h"], week=shares["7d"], month=shares["30d"], quarter=shares["90d"])
                for id_, shares in found.items()
            ]
        )

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
        """Replaces the whole check: what is left out has its default. It runs at once."""
        check = change_check(caller.actor, data.to_domain(ServerId(check_id)))
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

    @post("/{check_id:int}/pause", status_code=200, guards=[admins_only], sync_to_thread=True)
    def pause(
        self,
        caller: Part[Caller],
        check_id: PathId,
        change_check: Part[ChangeCheck],
        queries: Part[Queries],
        fleet: Part[Fleet],
    ) -> Envelope[CheckOut]:
        """It does not run, and its alerts are cancelled."""
        return _paused(caller, check_id, change_check, queries, fleet, paused=True)

    @post("/{check_id:int}/resume", status_code=200, guards=[admins_only], sync_to_thread=True)
    def resume(
        self,
        caller: Part[Caller],
        check_id: PathId,
        change_check: Part[ChangeCheck],
        queries: Part[Queries],
        fleet: Part[Fleet],
    ) -> Envelope[CheckOut]:
        """It runs at once, as a new one."""
        return _paused(caller, check_id, change_check, queries, fleet, paused=False)

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


def _paused(
    caller: Caller, check_id: int, change_check: ChangeCheck, queries: Queries, fleet: Fleet, *, paused: bool
) -> Envelope[CheckOut]:
    check = change_check.pause(caller.actor, ServerId(check_id), paused=paused)
    fleet.refresh()
    return ok(CheckOut.of(queries.checks.get(caller.actor, check.id), caller, fleet.directory), "updated")


def _place(cursor: str) -> tuple[int, int]:
    rank, check_id = cursors.to_numbers(cursor, 2)
    return rank, check_id
