"""/api/live: the stream, and tickets with which an EventSource opens it."""

from typing import Any

from litestar import Controller, Request, get, post
from litestar.concurrency import sync_to_thread
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery
from litestar.response import Stream
from msgspec import Struct

from monitor.adapters.http.edge.authentication import ANONYMOUS, bearer_token
from monitor.adapters.http.edge.bodies import listed_ids
from monitor.adapters.http.edge.client_address import client_address
from monitor.adapters.http.edge.connections import note_known
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.live.hub import LiveHub
from monitor.adapters.http.live.stream import AlertChange, CountsChange, LiveSample, Scope, StatusChange
from monitor.adapters.http.policies.silenced import SilencedChange
from monitor.application.accounts.authentication import Authenticate, Caller, LiveTicketOffice
from monitor.domain.accounts.errors import PasswordChangeRequired, SecondFactorRequired
from monitor.domain.fleet.servers import ServerId


class Ticket(Struct, frozen=True):
    ticket: str


class LiveEvents(Struct, frozen=True, kw_only=True):
    """For the OpenAPI document: by the name of an event, its data. Brief samples lack `extra` and `processes`."""

    servers: list[int]
    counts: list[CountsChange]
    samples: list[LiveSample]
    status: list[StatusChange]
    silenced: list[SilencedChange]
    alerts: list[AlertChange]
    alive: list[int]
    end: list[int]


_EVENTS = ResponseSpec(LiveEvents, generate_examples=False, media_type="text/event-stream", description="Events")


class LiveController(Controller):
    path = "/live"
    tags = ("monitor",)

    @post("/ticket", status_code=200, sync_to_thread=True)
    def issue_ticket(self, caller: Part[Caller], live_tickets: Part[LiveTicketOffice]) -> Envelope[Ticket]:
        """Good once and for 30 s, as `?ticket=` of /api/live. A personal token that only reads needs none: it opens
        the stream by its header."""
        return ok(Ticket(live_tickets.issue(caller.claims)), "created")

    @get("/", opt=ANONYMOUS, media_type="text/event-stream", responses={200: _EVENTS})
    async def stream(
        self,
        request: Request[Any, Any, Any],
        live_hub: Part[LiveHub],
        live_tickets: Part[LiveTicketOffice],
        authenticate: Part[Authenticate],
        ticket: FromQuery[str | None] = None,
        brief: FromQuery[bool] = False,
        server_id: FromQuery[str | None] = None,
        counts: FromQuery[bool] = False,
    ) -> Stream:
        """Server-sent events `servers` (ids one may see, as of the fleet's revision, which is the event's id),
        `samples`, `status`, `silenced` (of servers where that changes), `alerts`, `alive` (without news for long),
        `end`, each a JSON list.

        With a Bearer token or a ticket. `brief=true`: samples without `extra` and `processes`. `server_id=1,2`: of
        these servers alone, as far as one may see them; of none if it is empty. `counts=true`: also `counts`, the
        figures of all servers whenever they change, and the `alerts` of all of them.
        """
        ids = None if server_id is None else frozenset(map(ServerId, listed_ids(server_id, "server_id")))
        address = client_address(request.scope)

        def check() -> Caller:
            if ticket is not None:
                return authenticate.by_claims(live_tickets.redeem(ticket), address)
            return authenticate(bearer_token(request.headers), address)

        caller = await sync_to_thread(check)
        note_known(request.scope)
        if caller.must_change_password:
            raise PasswordChangeRequired
        if caller.must_set_up_second_factor:
            raise SecondFactorRequired
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        events = live_hub.events(caller, Scope(brief=brief, server_ids=ids, counts=counts))
        return Stream(events, media_type="text/event-stream", headers=headers)
