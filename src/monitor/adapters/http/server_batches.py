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
from monitor.application.fleet import Fleet
from monitor.application.ports.clock import Clock
from monitor.application.server_batches import ChangeServers, DeleteServers
from monitor.application.silences import SilenceServers
from monitor.domain.actors import Actor, UserId
from monitor.domain.policies import Scope
from monitor.domain.servers import ServerId

SomeIds = Annotated[list[Id], Meta(min_length=1, max_length=10_000)]
SomeTags = Annotated[list[Text], Meta(min_length=1, max_length=1000)]


class _OnServers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="action"):
    server_ids: SomeIds


class DeleteAction(_OnServers, frozen=True, tag="delete"):
    pass


class LinkUsersAction(_OnServers, frozen=True, tag="link_users"):
    user_ids: SomeIds


class UnlinkUsersAction(_OnServers, frozen=True, tag="unlink_users"):
    user_ids: SomeIds


class AddTagsAction(_OnServers, frozen=True, tag="add_tags"):
    tags: SomeTags


class RemoveTagsAction(_OnServers, frozen=True, tag="remove_tags"):
    tags: SomeTags


class SilenceAction(_OnServers, frozen=True, tag="silence"):
    silence: SilenceTimes


ServerAction = DeleteAction | LinkUsersAction | UnlinkUsersAction | AddTagsAction | RemoveTagsAction | SilenceAction


class ServerBatchOut(Struct, frozen=True):
    servers: int


class ServerBatchController(Controller):
    path = "/servers/batch"
    tags = ("servers",)

    @post("/", status_code=200, sync_to_thread=True)
    def run(
        self,
        actor: NamedDependency[Actor],
        data: JSONBody[
            DeleteAction | LinkUsersAction | UnlinkUsersAction | AddTagsAction | RemoveTagsAction | SilenceAction
        ],
        delete_servers: NamedDependency[DeleteServers],
        change_servers: NamedDependency[ChangeServers],
        silence_servers: NamedDependency[SilenceServers],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
    ) -> Envelope[ServerBatchOut]:
        server_ids, message = [ServerId(server_id) for server_id in dict.fromkeys(data.server_ids)], "updated"
        match data:
            case DeleteAction():
                count, message = delete_servers(actor, server_ids), "deleted"
            case LinkUsersAction(user_ids=user_ids):
                count = change_servers.link_users(actor, server_ids, [UserId(user_id) for user_id in user_ids])
            case UnlinkUsersAction(user_ids=user_ids):
                count = change_servers.unlink_users(actor, server_ids, [UserId(user_id) for user_id in user_ids])
            case AddTagsAction(tags=tags):
                count = change_servers.add_tags(actor, server_ids, tags)
            case RemoveTagsAction(tags=tags):
                count = change_servers.remove_tags(actor, server_ids, tags)
            case SilenceAction(silence=silence):
                count = silence_servers(actor, server_ids, silence.to_domain(Scope(), clock.now()))
        fleet.refresh()  # the next report is judged by it
        return ok(ServerBatchOut(count), message)
