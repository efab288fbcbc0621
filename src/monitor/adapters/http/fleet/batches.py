"""/api/servers/batch, /api/servers/export and /api/servers/import: many servers at once, all or nothing."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.bodies import Id
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.bodies import ServerOut, ShowServers
from monitor.adapters.http.policies.silences import SilenceTimes
from monitor.application.fleet.batches import ChangeServers, DeleteServers
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.server_csv import ExportServers, ImportLine, ImportServers
from monitor.application.policies.silences import SilenceServers
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import Scope

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


class ServerBatchOut(Struct, frozen=True):
    servers: int


@post("/servers/batch", tags=("servers",), status_code=200, sync_to_thread=True)
def run(
    actor: Part[Actor],
    data: JSONBody[
        DeleteAction | LinkUsersAction | UnlinkUsersAction | AddTagsAction | RemoveTagsAction | SilenceAction
    ],
    delete_servers: Part[DeleteServers],
    change_servers: Part[ChangeServers],
    silence_servers: Part[SilenceServers],
    fleet: Part[Fleet],
    clock: Part[Clock],
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
    fleet.refresh()  # applies to the next report
    return ok(ServerBatchOut(count), message)


_FIELD_NAMES = {"name": "server_name", "user_ids": "users"}


class ImportLineOut(Struct, frozen=True, kw_only=True):
    line: int
    action: str
    changes: list[str]
    server: ServerOut


class ImportOut(Struct, frozen=True, kw_only=True):
    dry_run: bool
    created: int
    updated: int
    unchanged: int
    lines: list[ImportLineOut]


@dataclass
class _Upload(Operation):
    """For the OpenAPI document: the framework describes only bodies that it reads itself."""

    def __post_init__(self) -> None:
        file = Schema(type=OpenAPIType.STRING, content_media_type="text/csv")
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
        kinds = {"text/csv": Schema(type=OpenAPIType.STRING), "multipart/form-data": form}
        self.request_body = RequestBody(
            content={kind: OpenAPIMediaType(schema=schema) for kind, schema in kinds.items()}, required=True
        )


class ServerCsvController(Controller):
    path = "/servers"
    tags = ("servers",)

    @get("/export", sync_to_thread=True, media_type="text/csv")
    def export(self, actor: Part[Actor], export_servers: Part[ExportServers]) -> Response[str]:
        """All servers the caller may see, as CSV (this answer alone has no envelope)."""
        return Response(
            export_servers(actor),
            media_type="text/csv",
            headers={"Content-Disposition": 'attachment; filename="servers.csv"'},
        )

    @post("/import", status_code=200, operation_class=_Upload)
    async def import_servers(
        self,
        request: Request[Actor, Any, Any],
        actor: Part[Actor],
        import_servers: Part[ImportServers],
        show_servers: Part[ShowServers],
        dry_run: FromQuery[bool] = False,
    ) -> Envelope[ImportOut]:
        """`text/csv`, or multipart with a `file`: all or nothing; with `dry_run` it only says what it would do.

        Should the server die meanwhile, the first lines may be stored: the same file then brings the others.
        """
        text = await _text(request)

        def run() -> Envelope[ImportOut]:
            lines = import_servers(actor, text, dry_run=dry_run)
            return ok(_presented(lines, show_servers, dry_run), "would_import" if dry_run else "imported")

        return await sync_to_thread(run)


async def _text(request: Request[Actor, Any, Any]) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "text/csv":
            content = await request.body()
        elif kind == "multipart/form-data":
            content = await _uploaded(request)
        else:
            raise HTTPException(status_code=415)
        return content.decode("utf-8-sig")
    except (UnicodeDecodeError, LookupError):  # the latter: a part of the form names an encoding that doesn't exist
        raise InvalidInput({"file": Problem("invalid_encoding")}) from None


async def _uploaded(request: Request[Actor, Any, Any]) -> bytes:
    upload = (await request.form()).get("file")
    if not isinstance(upload, UploadFile):
        raise InvalidInput({"file": Problem("required")})
    return await upload.read()


def _presented(lines: list[ImportLine], show_servers: ShowServers, dry_run: bool) -> ImportOut:
    servers = show_servers([line.server for line in lines])
    actions = [line.action for line in lines]
    return ImportOut(
        dry_run=dry_run,
        created=actions.count("create"),
        updated=actions.count("update"),
        unchanged=actions.count("unchanged"),
        lines=[
            shown(ImportLineOut, line, changes=[_FIELD_NAMES.get(name, name) for name in line.changes], server=server)
            for line, server in zip(lines, servers, strict=True)
        ],
    )
