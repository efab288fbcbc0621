"""/api/channels: channels, the kinds of channels, and test messages."""

from typing import TYPE_CHECKING, Annotated

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody
from msgspec import Meta, Struct, field

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, LevelName, changes_of, given, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.channels import ManageChannels, TryChannel
from monitor.application.notifications.ports import SendStatus
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelId, Input

Settings = Annotated[
    dict[Annotated[str, Meta(max_length=50)], Annotated[str, Meta(max_length=2000)]], Meta(max_length=20)
]


class ChannelOut(Struct, frozen=True, kw_only=True):
    """*settings* without their secrets. *readable*: false if the server's key cannot decrypt the stored secrets, which
    must then be entered again."""

    id: int
    name: str
    kind: str
    settings: dict[str, str]
    least_level: LevelName
    enabled: bool
    readable: bool
    created_at: str

    @staticmethod
    def of(channel: Channel, channels: ManageChannels) -> "ChannelOut":
        return shown(ChannelOut, channel, settings=channels.shown(channel))


class NewChannel(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Text
    kind: Annotated[str, Meta(max_length=16)]
    settings: Settings
    least_level: LevelName = "warning"
    enabled: bool = True


_CHANGE = "*settings* change one by one: an empty text removes one, and the mask keeps a secret."
if TYPE_CHECKING:
    ChannelChange = NewChannel
else:
    ChannelChange = changes_of(NewChannel, "ChannelChange", "kind", doc=_CHANGE)


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
        self, actor: Part[Actor], data: JSONBody[NewChannel], manage_channels: Part[ManageChannels], clock: Part[Clock]
    ) -> Envelope[ChannelOut]:
        channel = Channel(**given(data, least_level=LEVEL_OF.__getitem__), created_at=clock.now())
        return ok(ChannelOut.of(manage_channels.create(actor, channel), manage_channels), "created")

    @put("/{channel_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        channel_id: PathId,
        data: JSONBody[ChannelChange],
        manage_channels: Part[ManageChannels],
    ) -> Envelope[ChannelOut]:
        changes = given(data, least_level=LEVEL_OF.__getitem__)
        channel = manage_channels.change(actor, ChannelId(channel_id), **changes)
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
