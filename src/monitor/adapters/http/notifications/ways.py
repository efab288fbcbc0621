"""/api/auth/me/ways and /api/auth/me/push: how the caller is notified; and /api/push/key."""

from datetime import timedelta
from typing import Annotated

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta, Struct, field

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.authentication import NOT_FOR_TOKENS
from monitor.adapters.http.edge.bodies import MAX_ID
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, LevelName, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.notifications.channels import Settings, TestOut
from monitor.application.accounts.sessions import Origin
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.sender_ports import PushKeys, SendStatus
from monitor.application.notifications.ways import ManageWays, TryWay
from monitor.domain.accounts.actors import Actor
from monitor.domain.oncall.ways import Way, WayId

PathWayId = Annotated[int, PathParameter(ge=0, le=MAX_ID)]


class WayIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*id*: of one of the caller's ways; 0 or left out: a new one. *settings*: as of a channel of this kind. *after*:
    seconds since the page; then it goes out only while nobody has acknowledged. The rest is ignored, so that an answer
    can be sent back."""

    kind: Annotated[str, Meta(max_length=16)]
    id: Annotated[int, Meta(ge=0, le=MAX_ID)] = 0
    settings: Settings = field(default_factory=dict)
    level: LevelName = "warning"
    after: float = 0
    confirmed_at: str | None = None
    readable: bool = True
    failed: Text = ""

    def way(self, actor: Actor) -> Way:
        return Way(
            id=WayId(self.id),
            user_id=actor.user_id,
            kind=self.kind,
            settings={name: value for name, value in self.settings.items() if value},
            level=LEVEL_OF[self.level],
            after=timedelta(seconds=min(max(self.after, -1), 10**8)),
        )


class WayOut(Struct, frozen=True, kw_only=True):
    """*id*: 0 for the mailbox of somebody who chose no ways. *settings* without their secrets. *confirmed_at*: when the
    caller last acknowledged by it. *failed*: why the last message by it was refused; "" if it was not."""

    id: int
    kind: str
    settings: dict[str, str]
    level: LevelName
    after: float
    confirmed_at: str | None
    readable: bool
    failed: str


class PushKeyOut(Struct, frozen=True):
    """*key*: for `applicationServerKey` of `PushManager.subscribe`."""

    key: str


class BrowserKeys(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    p256dh: Text
    auth: Text


class PushAddress(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    endpoint: Annotated[str, Meta(max_length=2000)]


class Subscription(PushAddress, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `PushSubscription.toJSON` of the browser returns. *label*: a name for the browser; else it is what the
    browser calls itself."""

    keys: BrowserKeys
    expiration_time: float | None = field(default=None, name="expirationTime")
    label: Text = ""


class WayController(Controller):
    path = "/auth/me"
    tags = ("ways",)
    opt = NOT_FOR_TOKENS

    @get("/ways", sync_to_thread=True)
    def ways(self, actor: Part[Actor], fleet: Part[Fleet], manage_ways: Part[ManageWays]) -> Envelope[list[WayOut]]:
        """Return the caller's own ways in their order. Who chose none has mail."""
        fleet.refresh()
        return ok(_listed(actor, fleet, manage_ways))

    @put("/ways", sync_to_thread=True)
    def choose(
        self, actor: Part[Actor], data: JSONBody[list[WayIn]], fleet: Part[Fleet], manage_ways: Part[ManageWays]
    ) -> Envelope[list[WayOut]]:
        """Replace the caller's ways: 10 at most, one of them `mail`. Those that are not named are removed."""
        manage_ways.choose(actor, [each.way(actor) for each in data])
        fleet.refresh()
        return ok(_listed(actor, fleet, manage_ways), "updated")

    @post("/ways/{way_id:int}/test", status_code=200, sync_to_thread=True)
    def test(self, actor: Part[Actor], way_id: PathWayId, try_way: Part[TryWay]) -> Envelope[TestOut]:
        """Send a test message by this way, and return whether it was sent."""
        result = try_way(actor, WayId(way_id))
        return ok(TestOut(result.status is SendStatus.SENT, result.error or None))

    @post("/push", status_code=200, sync_to_thread=True)
    def subscribe(
        self,
        actor: Part[Actor],
        origin: Part[Origin],
        data: JSONBody[Subscription],
        fleet: Part[Fleet],
        manage_ways: Part[ManageWays],
    ) -> Envelope[WayOut]:
        """Add the browser that made this subscription, or renew it."""
        label = " ".join((data.label or origin.user_agent).split())[:100]
        keys = {"p256dh": data.keys.p256dh, "auth": data.keys.auth}
        way = manage_ways.subscribe(actor, {"endpoint": data.endpoint, **keys} | ({"label": label} if label else {}))
        fleet.refresh()
        return ok(next(each for each in _listed(actor, fleet, manage_ways) if each.id == way.id), "created")

    @delete("/push", status_code=200, sync_to_thread=True)
    def unsubscribe(
        self, actor: Part[Actor], data: JSONBody[PushAddress], manage_ways: Part[ManageWays]
    ) -> Envelope[None]:
        """Remove the browser with this address, if it is one of the caller's ways."""
        manage_ways.unsubscribe(actor, data.endpoint)
        return ok(None, "deleted")


def _listed(actor: Actor, fleet: Fleet, manage_ways: ManageWays) -> list[WayOut]:
    directory = fleet.directory
    user = directory.users[actor.user_id]
    return [
        shown(WayOut, way, settings=manage_ways.shown(way, user)) for way in directory.roster.ways_of(actor.user_id)
    ]


@get("/push/key", tags=("ways",), sync_to_thread=True, opt=NOT_FOR_TOKENS)
def push_key(push_keys: Part[PushKeys]) -> Envelope[PushKeyOut]:
    """Return the public key by which browsers subscribe to this server."""
    return ok(PushKeyOut(push_keys.public()))
