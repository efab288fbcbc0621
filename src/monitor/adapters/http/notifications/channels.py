"""/api/channels: channels, the kinds of channels, and test messages."""

from typing import TYPE_CHECKING, Annotated, Any

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType, field

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, LEVELS, LevelName, changes_of, given, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.bodies import Ids
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.channels import ManageChannels, TryChannel
from monitor.application.notifications.sender_ports import SendStatus
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelId, ChannelScope, Input

Settings = Annotated[
    dict[Annotated[str, Meta(max_length=50)], Annotated[str, Meta(max_length=2000)]], Meta(max_length=20)
]


class ScopeOfChannel(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One of the fields, or none: everything. *team_id*: the servers of a team. *server_ids*: with their checks.
    *check_ids*: checks and check-ins."""

    tag: Text | None = None
    team_id: Id | None = None
    server_ids: Ids = []
    check_ids: Ids = []

    def to_domain(self, directory: Directory) -> ChannelScope:
        """Raises InvalidInput, also for a check in place of a server, or the reverse."""
        for name, is_host in (("server_ids", False), ("check_ids", True)):
            held = (directory.watched(ServerId(id_)) for id_ in getattr(self, name))
            if wrong := sorted(each.id for each in held if each is not None and each.is_host is is_host):
                raise InvalidInput({f"scope.{name}": Problem("unknown_ids", {"ids": ", ".join(map(str, wrong))})})
        try:
            return ChannelScope(**given(self, server_ids=frozenset, check_ids=frozenset))
        except InvalidInput as error:
            raise InvalidInput({"scope": next(iter(error.problems.values()))}) from None

    @staticmethod
    def of(scope: ChannelScope) -> "ScopeOfChannel":
        ids = {"server_ids": sorted(scope.server_ids), "check_ids": sorted(scope.check_ids)}
        return shown(ScopeOfChannel, scope, **ids)


class ChannelOut(Struct, frozen=True, kw_only=True):
    """*settings* without their secrets. *readable*: false if the server's key cannot decrypt the stored secrets, which
    must then be entered again. *level*: alerts of this level and above; *least_level* is its older name."""

    id: int
    name: str
    kind: str
    settings: dict[str, str]
    level: LevelName
    least_level: LevelName
    scope: ScopeOfChannel
    enabled: bool
    readable: bool
    created_at: str

    @staticmethod
    def of(channel: Channel, channels: ManageChannels) -> "ChannelOut":
        level, scope = LEVELS[channel.least_level], ScopeOfChannel.of(channel.scope)
        return shown(ChannelOut, channel, settings=channels.shown(channel), level=level, scope=scope)


class NewChannel(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*level*: `warning`, if left out. *least_level* is its older name."""

    name: Text
    kind: Annotated[str, Meta(max_length=16)]
    settings: Settings
    level: LevelName | UnsetType = UNSET
    least_level: LevelName | UnsetType = UNSET
    scope: ScopeOfChannel | UnsetType = UNSET
    enabled: bool = True


_CHANGE = "*settings* change one by one: an empty text removes one, and the mask keeps a secret."
if TYPE_CHECKING:
    ChannelChange = NewChannel
else:
    ChannelChange = changes_of(NewChannel, "ChannelChange", "kind", doc=_CHANGE)


def _given(body: Struct, fleet: Fleet) -> dict[str, Any]:
    """Return the fields of a channel that the client sent. Raises InvalidInput."""
    fleet.refresh()
    level = LEVEL_OF.__getitem__
    found = given(body, level=level, least_level=level, scope=lambda scope: scope.to_domain(fleet.directory))
    if "level" in found:
        chosen = found.pop("level")
        if found.setdefault("least_level", chosen) is not chosen:
            raise InvalidInput({"level": Problem("not_equal", {"name": "least_level"})})
    return found


class WordsOut(Struct, frozen=True):
    """A text in both languages."""

    zh: str = field(name="zh-CN")
    en: str


class SettingOut(Struct, frozen=True, kw_only=True):
    """*input*: how a form asks for it. *secret*: the value is never shown again in full."""

    name: str
    label: WordsOut
    hint: WordsOut
    input: Input
    required: bool
    secret: bool


class KindOut(Struct, frozen=True, kw_only=True):
    """What a form asks for when it creates a channel of this kind."""

    kind: str
    label: WordsOut
    settings: list[SettingOut]

    @staticmethod
    def of(form: ChannelForm) -> "KindOut":
        settings = [
            shown(SettingOut, setting, label=WordsOut(*setting.label), hint=WordsOut(*setting.hint))
            for setting in form.settings
        ]
        return KindOut(kind=form.kind, label=WordsOut(*form.label), settings=settings)


class TestOut(Struct, frozen=True):
    sent: bool
    error: str | None


class ChannelController(Controller):
    path = "/channels"
    tags = ("alerts",)
    guards = (admins_only,)

    @get("/", sync_to_thread=True)
    def list_channels(self, fleet: Part[Fleet], manage_channels: Part[ManageChannels]) -> Envelope[list[ChannelOut]]:
        fleet.refresh()
        return ok([ChannelOut.of(channel, manage_channels) for channel in fleet.directory.channels.values()])

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self,
        actor: Part[Actor],
        data: JSONBody[NewChannel],
        manage_channels: Part[ManageChannels],
        fleet: Part[Fleet],
        clock: Part[Clock],
    ) -> Envelope[ChannelOut]:
        channel = Channel(**_given(data, fleet), created_at=clock.now())
        return ok(ChannelOut.of(manage_channels.create(actor, channel), manage_channels), "created")

    @put("/{channel_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        channel_id: PathId,
        data: JSONBody[ChannelChange],
        manage_channels: Part[ManageChannels],
        fleet: Part[Fleet],
    ) -> Envelope[ChannelOut]:
        channel = manage_channels.change(actor, ChannelId(channel_id), **_given(data, fleet))
        return ok(ChannelOut.of(channel, manage_channels), "updated")

    @delete("/{channel_id:int}", status_code=200, sync_to_thread=True)
    def remove(self, actor: Part[Actor], channel_id: PathId, manage_channels: Part[ManageChannels]) -> Envelope[None]:
        manage_channels.delete(actor, ChannelId(channel_id))
        return ok(None, "deleted")

    @post("/{channel_id:int}/test", status_code=200, sync_to_thread=True)
    def test(self, actor: Part[Actor], channel_id: PathId, try_channel: Part[TryChannel]) -> Envelope[TestOut]:
        """Send a test message, and return whether it was sent."""
        result = try_channel(actor, ChannelId(channel_id))
        return ok(TestOut(result.status is SendStatus.SENT, result.error or None))


@get("/channels/kinds", tags=("alerts",), sync_to_thread=False)
def list_kinds(manage_channels: Part[ManageChannels]) -> Envelope[list[KindOut]]:
    """Return the kinds of channels that this server knows, and what each asks for: people have ways of these kinds."""
    return ok([KindOut.of(form) for form in manage_channels.forms()])
