"""/api/check-ins: jobs that report that they ran."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct
from msgspec.structs import asdict

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.checks.pings import ping_path
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id, Limit, PageLimit, PathId, QueryId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.authentication import Caller
from monitor.application.checks.check_ins import ChangeCheckIn, CreateCheckIn, DeleteCheckIn, PauseCheckIn
from monitor.application.checks.reading import CheckInFilter, ReadCheckIns
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.check_ins import CheckIn, CheckInState, Ping, PingKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.times import UNSET_TIME

Period = Annotated[float | None, Meta(description="Seconds from one ping to the next, from 5. Or else `schedule`.")]
Schedule = Annotated[
    str | None,
    Meta(description="Cron expression of five fields, by the clocks of `timezone`, as Debian's cron runs it."),
]
Grace = Annotated[float, Meta(description="Seconds that it may be late, from 1.")]
StateName = Literal["new", "up", "late", "down", "paused"]


class CheckInIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A check-in, whole: exactly one of *period* and *schedule*. *server_id*: the server that it runs on."""

    name: Text
    period: Period = None
    schedule: Schedule = None
    timezone: Text | None = None
    grace: Grace
    server_id: Id | None = None

    def to_domain(self, check_in_id: ServerId = ServerId(0)) -> CheckIn:
        """Raises InvalidInput."""
        fields = asdict(self)
        host_id, zone = fields.pop("server_id"), fields.pop("timezone") or "UTC"
        return CheckIn(id=check_in_id, host_id=host_id, timezone=zone, created_at=UNSET_TIME, **fields)


class CheckInOut(Struct, frozen=True, kw_only=True):
    """*server_id*: null for one without a server, which administrators see. *timezone*: null with a period.
    *next_due_at*: null before the first ping. *last_duration*: seconds that the last run took, if it sent its start.
    *ping_path*: what its job requests; null for those who may only see it. *may_change*: whether the caller may change,
    pause and delete it."""

    id: int
    name: str
    server_id: int | None
    server_name: str | None
    period: float | None
    schedule: str | None
    timezone: str | None
    grace: float
    state: StateName
    next_due_at: str | None
    last_ping_at: str | None
    last_duration: float | None
    created_at: str
    ping_path: str | None
    may_change: bool


class PingOut(Struct, frozen=True, kw_only=True):
    """*status*: the exit status that it gave. *duration*: seconds since the run's start, if that was sent. *body*: its
    first 10,000 bytes, as UTF-8."""

    at: str
    kind: PingKind
    status: int | None
    duration: float | None
    body: str
    address: str

    @staticmethod
    def of(ping: Ping) -> "PingOut":
        return shown(PingOut, ping, body=ping.body.decode(errors="replace"))


def host_fields(host_id: ServerId | None, directory: Directory) -> dict[str, object]:
    host = None if host_id is None else directory.servers.get(host_id)
    return {"server_id": host_id, "server_name": None if host is None else host.name}


class ShowCheckIns:
    """Shows check-ins to a caller."""

    def __init__(self, fleet: Part[Fleet], clock: Part[Clock]) -> None:
        self._fleet = fleet
        self._clock = clock

    def to(self, caller: Caller) -> Callable[[CheckIn], CheckInOut]:
        self._fleet.refresh()  # one that was just made is in the directory then
        return partial(self._shown, caller, self._clock.now())

    def _shown(self, caller: Caller, now: datetime, check_in: CheckIn) -> CheckInOut:
        actor, directory = caller.actor, self._fleet.directory
        server = directory.checks.get(check_in.id)
        may_change = server is not None and server.is_changeable_by(actor)
        return shown(
            CheckInOut,
            check_in,
            timezone=check_in.timezone if check_in.schedule is not None else None,
            state=check_in.state_at(now).value,
            next_due_at=None if check_in.due_at is None else times.written(check_in.due_at),
            # Who pings changes its state: a token that only reads does not get the secret.
            ping_path=ping_path(check_in.ping_key) if may_change and not caller.reads_only else None,
            may_change=actor.is_admin and not caller.reads_only,
            **host_fields(check_in.host_id, directory),
        )


class CheckInController(Controller):
    path = "/check-ins"
    tags = ("checks",)

    @get("/", sync_to_thread=True)
    def list_check_ins(
        self,
        caller: Part[Caller],
        read_check_ins: Part[ReadCheckIns],
        show_check_ins: Part[ShowCheckIns],
        server_id: QueryId = None,
        in_state: Annotated[CheckInState | None, QueryParameter(name="state")] = None,
        q: FromQuery[str | None] = None,
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[CheckInOut]]]:
        """Those of the servers that the caller sees, and for administrators all. *q*: in the name, in any case."""
        wanted = CheckInFilter(
            host_id=None if server_id is None else ServerId(server_id),
            state=in_state,
            text=q or None,
            after=cursors.to_id(cursor) or 0,
            limit=one_more(limit),
        )
        return paged(read_check_ins.find(caller.actor, wanted), limit, show_check_ins.to(caller))

    @post("/", status_code=200, sync_to_thread=True, guards=[admins_only])
    def create(
        self,
        caller: Part[Caller],
        data: JSONBody[CheckInIn],
        create_check_in: Part[CreateCheckIn],
        show_check_ins: Part[ShowCheckIns],
    ) -> Envelope[CheckInOut]:
        """`ping_path` is what its job requests, on this server."""
        check_in = create_check_in(caller.actor, data.to_domain())
        return ok(show_check_ins.to(caller)(check_in), "created")

    @get("/{check_in_id:int}", sync_to_thread=True)
    def read(
        self,
        caller: Part[Caller],
        check_in_id: PathId,
        read_check_ins: Part[ReadCheckIns],
        show_check_ins: Part[ShowCheckIns],
    ) -> Envelope[CheckInOut]:
        check_in = read_check_ins.get(caller.actor, ServerId(check_in_id))
        return ok(show_check_ins.to(caller)(check_in))

    @put("/{check_in_id:int}", sync_to_thread=True, guards=[admins_only])
    def change(
        self,
        caller: Part[Caller],
        check_in_id: PathId,
        data: JSONBody[CheckInIn],
        change_check_in: Part[ChangeCheckIn],
        show_check_ins: Part[ShowCheckIns],
    ) -> Envelope[CheckInOut]:
        """Replaces the whole check-in. With another timetable its time begins anew."""
        check_in = change_check_in(caller.actor, data.to_domain(ServerId(check_in_id)))
        return ok(show_check_ins.to(caller)(check_in), "updated")

    @delete("/{check_in_id:int}", status_code=200, sync_to_thread=True, guards=[admins_only])
    def remove(
        self, actor: Part[Actor], check_in_id: PathId, delete_check_in: Part[DeleteCheckIn], fleet: Part[Fleet]
    ) -> Envelope[None]:
        """With its pings, alerts, policies and silences."""
        delete_check_in(actor, ServerId(check_in_id))
        fleet.refresh()  # no list has it as soon as this is answered
        return ok(None, "deleted")

    @post("/{check_in_id:int}/pause", status_code=200, sync_to_thread=True, guards=[admins_only])
    def pause(
        self,
        caller: Part[Caller],
        check_in_id: PathId,
        pause_check_in: Part[PauseCheckIn],
        show_check_ins: Part[ShowCheckIns],
    ) -> Envelope[CheckInOut]:
        """Its pings are still noted, and its alert is cancelled."""
        check_in = pause_check_in.pause(caller.actor, ServerId(check_in_id))
        return ok(show_check_ins.to(caller)(check_in), "updated")

    @post("/{check_in_id:int}/resume", status_code=200, sync_to_thread=True, guards=[admins_only])
    def resume(
        self,
        caller: Part[Caller],
        check_in_id: PathId,
        pause_check_in: Part[PauseCheckIn],
        show_check_ins: Part[ShowCheckIns],
    ) -> Envelope[CheckInOut]:
        """A paused one is new again: it is expected after its next ping."""
        check_in = pause_check_in.resume(caller.actor, ServerId(check_in_id))
        return ok(show_check_ins.to(caller)(check_in), "updated")

    @get("/{check_in_id:int}/pings", sync_to_thread=True)
    def pings(
        self,
        actor: Part[Actor],
        check_in_id: PathId,
        read_check_ins: Part[ReadCheckIns],
        limit: Limit = 100,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[PingOut]]]:
        """The newest first. At least the last 100 of each check-in are kept."""
        found = read_check_ins.pings(actor, ServerId(check_in_id), before=cursors.to_id(cursor), limit=limit + 1)
        return paged(found, limit, PingOut.of, lambda ping: cursors.of_numbers(ping.number))
