"""Checks tried before they are saved, paused, and their uptime, many at a time."""

import asyncio
import re
from typing import Annotated, Literal

from litestar import Controller, get, post
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct, convert, field

from monitor.adapters.http.checks.bodies import CheckBody, CheckOut, ResultOut
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id, PathId, QueryId, listed
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.authentication import Caller
from monitor.application.checks.check_ins import PauseCheckIn
from monitor.application.checks.checks import ChangeCheck
from monitor.application.checks.reading import ReadUptime
from monitor.application.checks.runs import TryCheck
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId

_DIGITS = re.compile("[0-9]{1,18}")


class TrialOut(ResultOut, frozen=True, kw_only=True):
    """*status*: of an HTTP answer. *matched*: what was found, by the name of the expectation."""

    status: int | None
    matched: dict[str, str]


class SpansOut(Struct, frozen=True, kw_only=True):
    """Percent of the runs of the last 24 hours and 7, 30 and 90 days that were up; null without runs."""

    id: int
    day: float | None = field(name="24h")
    week: float | None = field(name="7d")
    month: float | None = field(name="30d")
    quarter: float | None = field(name="90d")


class CheckBatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    action: Literal["pause", "resume"]
    check_ids: Annotated[list[Id], Meta(max_length=2_000)] = []
    check_in_ids: Annotated[list[Id], Meta(max_length=10_000)] = []


class CheckBatchOut(Struct, frozen=True):
    checks: int
    check_ins: int


class Pause:
    """Pauses and resumes a check, and shows it."""

    def __init__(self, change_check: ChangeCheck, queries: Queries, fleet: Fleet) -> None:
        self._change, self._queries, self._fleet = change_check.pause, queries.checks, fleet

    def __call__(self, caller: Caller, check_id: int, *, paused: bool) -> Envelope[CheckOut]:
        self._change(caller.actor, ServerId(check_id), paused=paused)
        self._fleet.refresh()
        stored = self._queries.get(caller.actor, ServerId(check_id))
        return ok(CheckOut.of(stored, caller, self._fleet.directory), "updated")


class CheckActions(Controller):
    path = "/checks"
    tags = ("checks",)

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
            result, status, matched = await asyncio.to_thread(try_check, actor, check)
        return ok(shown(TrialOut, result, error=result.error or None, status=status, matched=dict(matched)))

    @post("/batch", status_code=200, guards=[admins_only], sync_to_thread=True)
    def batch(
        self,
        actor: Part[Actor],
        data: JSONBody[CheckBatch],
        change_check: Part[ChangeCheck],
        pause_check_in: Part[PauseCheckIn],
        fleet: Part[Fleet],
    ) -> Envelope[CheckBatchOut]:
        """Pause or resume checks and check-ins, one after the other: an unknown one ends it."""
        check_ids, check_in_ids = dict.fromkeys(data.check_ids), dict.fromkeys(data.check_in_ids)
        for each in check_ids:
            change_check.pause(actor, ServerId(each), paused=data.action == "pause")
        for each in check_in_ids:
            getattr(pause_check_in, data.action)(actor, ServerId(each))
        fleet.refresh()
        return ok(CheckBatchOut(len(check_ids), len(check_in_ids)), "updated")

    @get("/uptime", sync_to_thread=True)
    def uptimes(
        self,
        actor: Part[Actor],
        read_uptime: Part[ReadUptime],
        fleet: Part[Fleet],
        ids: FromQuery[str | None] = None,
    ) -> Envelope[list[SpansOut]]:
        """Of the first hundred of these checks (ids with commas), or of all that the caller may see. What was paused
        does not count."""
        fleet.refresh()
        chosen = None if ids is None else [ServerId(int(each)) for each in listed(ids) if _DIGITS.fullmatch(each)]
        found = read_uptime.spans(actor, chosen)
        return ok([convert({"id": check_id, **spans}, SpansOut) for check_id, spans in found.items()])

    @post("/{check_id:int}/pause", status_code=200, guards=[admins_only], sync_to_thread=True)
    def pause(self, caller: Part[Caller], check_id: PathId, paused: Part[Pause]) -> Envelope[CheckOut]:
        """It does not run, and its alerts are cancelled."""
        return paused(caller, check_id, paused=True)

    @post("/{check_id:int}/resume", status_code=200, guards=[admins_only], sync_to_thread=True)
    def resume(self, caller: Part[Caller], check_id: PathId, paused: Part[Pause]) -> Envelope[CheckOut]:
        """It runs at once, as a new one."""
        return paused(caller, check_id, paused=False)
