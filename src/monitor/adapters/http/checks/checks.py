"""/api/checks: what this server asks of addresses, and what came of it."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.checks.asked import Asked
from monitor.adapters.http.checks.check_ins import host_fields
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id, Named, PageLimit, PathId, QueryId, as_query, listed
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.dependencies import Dependencies, parents_of, shown_parents
from monitor.adapters.http.history.series import SeriesOut, shown_series
from monitor.application.accounts.authentication import Caller
from monitor.application.checks.checks import ChangeCheck, CreateCheck, DeleteCheck
from monitor.application.checks.ports import CheckFilter
from monitor.application.checks.reading import ReadUptime
from monitor.application.checks.runs import RunCheck
from monitor.application.fleet.dependencies import Parent
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.history.charts import MAX_POINTS, ReadSeries
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import (
    DEFAULT_ATTEMPTS,
    DEFAULT_INTERVAL,
    DEFAULT_TIMEOUT,
    METRICS,
    Check,
    CheckState,
    Result,
    StoredCheck,
)
from monitor.domain.checks.kinds import KINDS, NOTHING, Expectation
from monitor.domain.checks.requests import PLAIN
from monitor.domain.checks.targets import LONGEST_TARGET, without_secrets
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.times import UNSET_TIME

_ALL_METRICS = ",".join(METRICS)
RUNS_AT_ONCE = 4
"""Runs that somebody waits for. Each takes a thread of the requests for up to a minute."""
StateName = Literal["new", "up", "down", "paused"]
Target = Annotated[
    str,
    Meta(
        max_length=LONGEST_TARGET,
        description="A URL (`http`), `host:port` (`tcp`, `tls`), a host (`ping`), or `name@server:port` (`dns`; "
        "without `@` the system's resolver), or `itself` (`monitor`). IPv6 addresses with a port stand in brackets.",
    ),
]


if TYPE_CHECKING:
    KindName = str
else:

    class KindName(Named):
        known = KINDS


class ExpectIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an answer must have: an address among those of `dns` as *record*; the others are of `http`. *status*, or
    *statuses* such as "200-299,401"; without, every one below 400 is good. *text*: within its first megabyte.
    *pattern*: a regular expression (RE2) that matches within its first 200,000 characters. *json_path*: where it has a
    value, such as "data.items[0].state"; *json_value*: which, as text; null: any."""

    status: int | None = None
    text: Text | None = None
    record: Text | None = None
    statuses: Text | None = None
    pattern: Text | None = None
    json_path: Text | None = None
    json_value: Text | None = None


class CheckBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A check, whole. *interval*: seconds, from 10 to a day. *timeout*: seconds, from 1 to 60, and less than the
    interval. *attempts*: failures in a row, from 1 to 10, after which it is down. *server_id*: the server that it
    belongs to; who sees that sees the check."""

    name: Text
    kind: KindName
    target: Target
    interval: float = DEFAULT_INTERVAL
    timeout: float = DEFAULT_TIMEOUT
    attempts: int = DEFAULT_ATTEMPTS
    server_id: Id | None = None
    expect: ExpectIn | None = None
    request: Asked | None = None
    depends_on: Dependencies | UnsetType = UNSET

    def to_domain(self, check_id: ServerId = ServerId(0)) -> Check:
        """Raises InvalidInput."""
        fields = asdict(self)
        del fields["depends_on"]
        expect = NOTHING if fields["expect"] is None else Expectation(**asdict(fields["expect"]))
        fields["request"] = PLAIN if self.request is None else self.request.to_domain()
        fields |= {"kind": KINDS[self.kind], "expect": expect, "host_id": fields.pop("server_id")}
        return Check(id=check_id, created_at=UNSET_TIME, **fields)

    def parents(self) -> tuple[Parent, ...] | None:
        """Raises InvalidInput."""
        return None if self.depends_on is UNSET else parents_of(self.depends_on)


class ResultOut(Struct, frozen=True, kw_only=True):
    """*at*: when the run began. *ms*: how long it took, of `ping` the round trip. *cert_days*: days until the
    certificate ends, negative once it has; null without one. *error*: why it failed; null if it is up."""

    at: str
    up: bool
    ms: float | None
    cert_days: float | None
    error: str | None

    @staticmethod
    def of(result: Result | None) -> "ResultOut | None":
        return None if result is None else shown(ResultOut, result, error=result.error or None)


class CheckOut(Struct, frozen=True, kw_only=True):
    """*target*: of a URL no more than scheme, host and port, if the caller may not change it. *state*: `new` until it
    was up or down, `down` after `attempts` failures in a row, as far apart as its runs are, `up` after one success.
    `paused`: it does not run. *request*: null if it asks as usual, and for who may not change it.
    *failures*: in a row, up to now. *last*: the last run, and *failed* the last one that failed, without `ms` and
    `cert_days`. *may_change*: whether the caller may change it."""

    id: int
    name: str
    kind: KindName
    target: str
    interval: float
    timeout: float
    attempts: int
    server_id: int | None
    server_name: str | None
    expect: ExpectIn | None
    request: Asked | None
    state: StateName
    failures: int
    last: ResultOut | None
    failed: ResultOut | None
    next_run_at: str
    created_at: str
    may_change: bool
    depends_on: Dependencies

    @staticmethod
    def of(stored: StoredCheck, caller: Caller, directory: Directory) -> "CheckOut":
        check, status, known = stored.check, stored.status, directory.checks.get(stored.id)
        may_change = caller.actor.is_admin and not caller.reads_only
        return shown(
            CheckOut,
            check,
            kind=check.kind.name,
            target=check.target if may_change else without_secrets(check.target),
            expect=None if check.expect == NOTHING else shown(ExpectIn, check.expect),
            request=Asked.of(check.request) if may_change and check.request != PLAIN else None,
            state=stored.state.value,
            failures=status.failures,
            last=ResultOut.of(status.last),
            failed=ResultOut.of(status.failed),
            next_run_at=times.written(stored.due_at),
            may_change=may_change,
            depends_on=shown_parents(known.depends_on if known else (), VisibleFleet(directory, caller.actor)),
            **host_fields(check.host_id, directory),
        )


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
