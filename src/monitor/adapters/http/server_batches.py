"""/api/servers/batch: one action on many servers, all or nothing."""

from typing import Annotated

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from monitor.adapters.http.bodies import Id
from monitor.adapters.http.envelope import Envelope, ok
from monitor.adapters.http.silences import SilenceTimes
from monitor.adapters.http.users import Text
from monitor.application.ports.clock import Clock
from monitor.application.server_batches import ChangeServers, DeleteServers
from monitor.application.silences import SilenceServers
from monitor.domain.actors import Actor, UserId
from monitor.domain.policies import Scope
from monitor.domain.servers import ServerId

SomeIds = Annotated[list[Id], Meta(min_length=1, max_length=10_000)]
SomeTags = Annotated[list[Text], Meta(min_length=1, max_length=1000)]


class _Action(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="action"):
    server_ids: SomeIds


class Delete(_Action, frozen=True, tag="delete"):
    pass


class LinkUsers(_Action, frozen=True, tag="link_users"):
    user_ids: SomeIds


class UnlinkUsers(_Action, frozen=True, tag="unlink_users"):
    user_ids: SomeIds


class AddTags(_Action, frozen=True, tag="add_tags"):
    tags: SomeTags


class RemoveTags(_Action, frozen=True, tag="remove_tags"):
    tags: SomeTags


class SilenceAll(_Action, frozen=True, tag="silence"):
    silence: SilenceTimes


class BatchOut(Struct, frozen=True):
    servers: int


class ServerBatchController(Controller):
    path = "/servers/batch"
    tags = ("servers",)

    @post("/", status_code=200, sync_to_thread=True)
    def run(
        self,
        actor: NamedDependency[Actor],
        data: JSONBody[Delete | LinkUsers | UnlinkUsers | AddTags | RemoveTags | SilenceAll],
        delete_servers: NamedDependency[DeleteServers],
        change_servers: NamedDependency[ChangeServers],
        silence_servers: NamedDependency[SilenceServers],
        clock: NamedDependency[Clock],
    ) -> Envelope[BatchOut]:
        server_ids = [ServerId(server_id) for server_id in dict.fromkeys(data.server_ids)]
        match data:
            case Delete():
                return ok(BatchOut(delete_servers(actor, server_ids)), "deleted")
            case LinkUsers(user_ids=user_ids):
                count = change_servers.link_users(actor, server_ids, [UserId(user_id) for user_id in user_ids])
            case UnlinkUsers(user_ids=user_ids):
                count = change_servers.unlink_users(actor, server_ids, [UserId(user_id) for user_id in user_ids])
            case AddTags(tags=tags):
                count = change_servers.add_tags(actor, server_ids, tags)
            case RemoveTags(tags=tags):
                count = change_servers.remove_tags(actor, server_ids, tags)
            case SilenceAll(silence=silence):
                count = silence_servers(actor, server_ids, silence.to_domain(Scope(), clock.now()))
        return ok(BatchOut(count), "updated")
