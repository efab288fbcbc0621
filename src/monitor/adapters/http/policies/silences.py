"""/api/silences, and active silences of a server as responses and the live stream show them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Annotated

from litestar import Controller, Response, delete, get, post
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct, structs

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import PageLimit, PathId, QueryId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.policies.scopes import ScopeIn, ScopeOut
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.policies.policies import may_change
from monitor.application.policies.silence_effects import MAX_DAYS, Effect, FindHeldBack, PreviewSilence
from monitor.application.policies.silences import CreateSilence, DeleteSilence, EndSilence, visible_silences
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.recurrence import Recurrence
from monitor.domain.times import clock_time

MOST_WINDOWS = 120
"""In a chart, more would only be a grey bar."""


class RecurrenceIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*weekdays*: 0 (Monday) to 6. From *starts* (HH:MM) for *duration* seconds, in the time zone *zone*."""

    weekdays: Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(min_length=1, max_length=7)]
    starts: Text
    duration: Annotated[int, Meta(ge=60, le=86400)]
    zone: Text = "UTC"

    def to_domain(self) -> Recurrence:
        """Raises InvalidInput."""
        return Recurrence(
            weekdays=frozenset(self.weekdays),
            starts=clock_time("recurrence.starts", self.starts),
            lasts=timedelta(seconds=self.duration),
            zone=self.zone,
        )


class RecurrenceOut(Struct, frozen=True, kw_only=True):
    weekdays: list[int]
    starts: str
    duration: int
    zone: str

    @staticmethod
    def of(recurrence: Recurrence) -> "RecurrenceOut":
        return shown(
            RecurrenceOut,
            recurrence,
            weekdays=sorted(recurrence.weekdays),
            starts=f"{recurrence.starts:%H:%M}",
            duration=int(recurrence.lasts.total_seconds()),
        )


class SilenceTimes(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*starts_at*: now, if left out."""

    ends_at: Text
    starts_at: Text | None = None
    reason: Text = ""
    metric: Text | None = None
    recurrence: RecurrenceIn | None = None

    def to_domain(self, scope: Scope, now: datetime) -> Silence:
        """Raises InvalidInput."""
        return Silence(
            scope=scope,
            metric=self.metric,
            starts_at=now if self.starts_at is None else times.parsed(self.starts_at, "starts_at"),
            ends_at=times.parsed(self.ends_at, "ends_at"),
            reason=self.reason.strip(),
            created_at=now,
            recurrence=None if self.recurrence is None else self.recurrence.to_domain(),
        )


class NewSilence(SilenceTimes, frozen=True, forbid_unknown_fields=True, kw_only=True):
    scope: ScopeIn


class SilencePreview(NewSilence, frozen=True, forbid_unknown_fields=True, kw_only=True):
    days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] = 7


class WindowOut(Struct, frozen=True):
    start: str
    end: str


def _windows(silence: Silence, since: datetime, until: datetime | None = None) -> list[WindowOut]:
    """Return the times in which it is active from *since* on: two, or all that begin before *until*."""
    spans: Iterator[tuple[datetime, datetime]] = islice(silence.spans(since), 2 if until is None else MOST_WINDOWS)
    return [
        WindowOut(times.written(start), times.written(end))
        for start, end in takewhile(lambda span: until is None or span[0] < until, spans)
    ]


class PersonEffectOut(Struct, frozen=True):
    username: str
    notifications: int
    hidden: int
    later: int


class EffectOut(Struct, frozen=True, kw_only=True):
    """*start*, *end*: of the time looked at. *alerts*: that fired meanwhile, or had a notification held back.
    *notifications*: *hidden*, which never come, and *later*, which come when the silence ends; without reminders."""

    start: str
    end: str
    alerts: int
    notifications: int
    hidden: int
    later: int
    people: list[PersonEffectOut]

    @staticmethod
    def of(effect: Effect) -> "EffectOut":
        people = [PersonEffectOut(*each) for each in effect.people]
        start, end = times.written(effect.start), times.written(effect.end)
        return shown(EffectOut, effect, start=start, end=end, people=people)


class PreviewOut(EffectOut, frozen=True, kw_only=True):
    """*windows*: as of `SilenceOut`."""

    windows: list[WindowOut]


def author(silence: Silence, directory: Directory) -> str | None:
    found = directory.users.get(silence.created_by) if silence.created_by is not None else None
    return None if found is None else found.username


class SilenceOut(Struct, frozen=True, kw_only=True):
    """*active*: now. *windows*: when it is active, now or next, and the time after that; empty if never again.
    *may_change*: whether the caller may delete it. *readable*: false if its recurrence is invalid here, as with an
    unknown time zone; then it is never active, and `recurrence` is null."""

    id: int
    scope: ScopeOut
    metric: str | None
    starts_at: str
    ends_at: str
    reason: str
    recurrence: RecurrenceOut | None
    active: bool
    windows: list[WindowOut]
    may_change: bool
    readable: bool
    created_by: str | None
    created_at: str

    @staticmethod
    def of(
        silence: Silence, visible: VisibleFleet, since: datetime, until: datetime | None = None, *, active: bool
    ) -> "SilenceOut":
        return shown(
            SilenceOut,
            silence,
            scope=ScopeOut.of(silence.scope, visible.directory),
            recurrence=None if silence.recurrence is None else RecurrenceOut.of(silence.recurrence),
            active=active,
            windows=_windows(silence, since, until),
            may_change=may_change(visible, silence.scope),
            created_by=author(silence, visible.directory),
        )


class SilenceController(Controller):
    path = "/silences"
    tags = ("alerts",)

    @get("/", sync_to_thread=True)
    def list_silences(
        self,
        actor: Part[Actor],
        fleet: Part[Fleet],
        clock: Part[Clock],
        server_id: QueryId = None,
        check_id: QueryId = None,
        check_in_id: QueryId = None,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[SilenceOut]]]:
        """Silences that cover a server the caller may see, or the one that is asked for, or the check or check-in; a
        page of them with `limit`. `windows` are those from `start` on; with `end`, for one of these three,
        the first 120 that begin before it.
        """
        visible, after, now = fleet.visible_to(actor), cursors.to_id(cursor) or 0, clock.now()
        since = now if start is None else times.parsed(start, "start")
        until = None if end is None else times.parsed(end, "end")
        found = visible_silences(visible)
        asked = ((server_id, Kind.HOST), (check_id, Kind.CHECK), (check_in_id, Kind.CHECK_IN))
        of_one = [(ServerId(id_), kind) for id_, kind in asked if id_ is not None]
        if until is not None and not of_one:  # all windows of thousands would take seconds
            raise InvalidInput({"server_id": Problem("required")})
        for id_, kind in of_one:
            watched = visible.get(id_, kind)
            found = [silence for silence in found if silence.scope.covers(watched)]
        acting = visible.directory.rules.silencing.at(now).ids
        return paged(
            [silence for silence in found if silence.id > after],
            limit,
            lambda each: SilenceOut.of(each, visible, since, until, active=each.id in acting),
        )

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self,
        actor: Part[Actor],
        data: JSONBody[NewSilence],
        create_silence: Part[CreateSilence],
        fleet: Part[Fleet],
        clock: Part[Clock],
    ) -> Envelope[SilenceOut]:
        """Create a silence: on a server that the user may change; for administrators also on a tag or everything (an
        empty scope)."""
        visible = fleet.visible_to(actor)
        silence = create_silence(actor, data.to_domain(data.scope.to_domain(visible), clock.now()))
        now = clock.now()
        return ok(SilenceOut.of(silence, visible, now, active=silence.is_active(now)), "created")

    @post("/preview", status_code=200, sync_to_thread=True)
    def preview(
        self,
        actor: Part[Actor],
        data: JSONBody[SilencePreview],
        preview_silence: Part[PreviewSilence],
        fleet: Part[Fleet],
        clock: Part[Clock],
    ) -> Envelope[PreviewOut]:
        """Say when the silence would be active, and what it would have held back within the last `days`: in its weekly
        windows, or in its period. One that acts now is moved back until it has ended, one to come by as few days as it
        takes. Creates nothing."""
        now = clock.now()
        silence = data.to_domain(data.scope.to_domain(fleet.visible_to(actor)), now)
        effect = EffectOut.of(preview_silence(actor, silence, data.days))
        return ok(PreviewOut(**structs.asdict(effect), windows=_windows(silence, now)))

    @get("/{silence_id:int}/effect", sync_to_thread=True)
    def effect(self, actor: Part[Actor], silence_id: PathId, find_held_back: Part[FindHeldBack]) -> Envelope[EffectOut]:
        """Say what the silence has held back, of what the caller may see."""
        return ok(EffectOut.of(find_held_back(actor, SilenceId(silence_id))))

    @post("/{silence_id:int}/end", status_code=200, sync_to_thread=True)
    def end(
        self,
        actor: Part[Actor],
        silence_id: PathId,
        end_silence: Part[EndSilence],
        fleet: Part[Fleet],
        clock: Part[Clock],
    ) -> Envelope[SilenceOut]:
        """End a silence that has begun, now and for good. It stays in the list as a past one: samples of its time that
        come late still notify nobody. Deleting it takes that away too."""
        silence = end_silence(actor, SilenceId(silence_id))
        return ok(SilenceOut.of(silence, fleet.visible_to(actor), clock.now(), active=False), "updated")

    @delete("/{silence_id:int}", status_code=200, sync_to_thread=True)
    def remove(self, actor: Part[Actor], silence_id: PathId, delete_silence: Part[DeleteSilence]) -> Envelope[None]:
        delete_silence(actor, SilenceId(silence_id))
        return ok(None, "deleted")
