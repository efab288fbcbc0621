"""The OpenAPI document, completed for client generators, and Swagger UI from our own files."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import (
    Components,
    Discriminator,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
    Tag,
)
from litestar.params import FromPath
from litestar.types import Method

from monitor.adapters.http.edge.authentication import ANONYMOUS

_COMPONENTS = "#/components/schemas/"
_ERROR = Schema(
    type=OpenAPIType.OBJECT,
    required=["code", "msg", "data"],
    properties={
        "code": Schema(type=OpenAPIType.INTEGER),
        "msg": Schema(type=OpenAPIType.STRING),
        "data": Schema(
            type=OpenAPIType.OBJECT,
            required=["reason"],
            properties={
                "reason": Schema(type=OpenAPIType.STRING),
                "fields": Schema(
                    type=[OpenAPIType.OBJECT, OpenAPIType.NULL], additional_properties=Schema(type=OpenAPIType.STRING)
                ),
                "what": Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL]),
                "limit": Schema(type=[OpenAPIType.INTEGER, OpenAPIType.NULL]),
            },
        ),
    },
)


@dataclass
class ErrorAnswer(OpenAPIResponse):
    """An error that senders have to tell from others: an operation adds it to its answers by status."""

    def __post_init__(self) -> None:
        self.content = {"application/json": OpenAPIMediaType(schema=Reference(ref=f"{_COMPONENTS}Error"))}


def operation_id(_: HTTPRouteHandler, method: Method, path: list[Any]) -> str:
    """Return `getAlertsAlertId` for GET /api/alerts/{alert_id}: it depends on the route alone."""
    parts = [str(getattr(part, "name", part)) for part in path]
    words = [word for part in parts if part != "api" for word in part.replace("-", "_").split("_")]
    return method.lower() + "".join(word.capitalize() for word in words)


class Document(OpenAPI):
    """Document that is completed when it is first read: it takes long, and most processes are never asked for it."""

    def to_schema(self) -> dict[str, Any]:
        _complete(self)
        return super().to_schema()


def _complete(document: OpenAPI) -> None:
    """Add what the framework cannot know: errors come in our envelope, and readable names."""
    schemas: dict[str, Schema] = document.components.schemas
    for path, operation in _operations(document):
        if operation.request_body is not None and isinstance(operation.request_body, RequestBody):
            name = operation.operation_id or ""
            _complete_body(operation.request_body, f"{name[:1].upper()}{name[1:]}Body", schemas)
        answers = (operation.responses or {}).items()
        operation.responses = {
            code: answer for code, answer in answers if code in ("200", "204", "302") or isinstance(answer, ErrorAnswer)
        }
        if path.startswith(("/api", "/ping")):
            operation.responses["default"] = ErrorAnswer(description="Any error")
    schemas["Error"] = _ERROR
    _name_envelopes(document, schemas)


def _operations(document: OpenAPI) -> Iterator[tuple[str, Operation]]:
    for path, item in (document.paths or {}).items():
        for method in ("get", "post", "put", "delete"):
            operation: Operation | None = getattr(item, method)
            if operation is not None:
                yield path, operation


def _complete_body(body: RequestBody, name: str, schemas: dict[str, Schema]) -> None:
    """Mark a body that may be absent as optional. Give a union of several schemas a *name*."""
    for content in body.content.values():
        if not isinstance(content.schema, Schema) or not content.schema.one_of:
            continue
        kinds = [kind for kind in content.schema.one_of if isinstance(kind, Reference)]
        if len(kinds) == 1:
            content.schema, body.required = kinds[0], False
        else:
            schemas[name] = Schema(one_of=kinds, discriminator=_discriminator(kinds, schemas))
            content.schema = Reference(ref=_COMPONENTS + name)


def _discriminator(kinds: list[Reference], schemas: dict[str, Schema]) -> Discriminator:
    """Return the discriminator: the field that is a constant in each schema."""
    tags: dict[str, str] = {}
    field = ""
    for kind in kinds:
        properties = schemas[_named(kind)].properties or {}
        field, tag = next(
            (key, held.const) for key, held in properties.items() if isinstance(held, Schema) and held.const
        )
        tags[str(tag)] = kind.ref
    return Discriminator(property_name=field, mapping=tags)


def _name_envelopes(document: OpenAPI, schemas: dict[str, Schema]) -> None:
    """Rename `Envelope_list_monitor.adapters.http.alerts.AlertOut_` to `AlertOutListEnvelope`, and the like."""
    renamed = {
        name: f"{_title((schema.properties or {})['data'])}Envelope"
        for name, schema in schemas.items()
        if name.startswith("Envelope_")
    }
    for reference in _references(document):
        name = _named(reference)
        reference.ref = _COMPONENTS + renamed.get(name, name)
    named = {renamed.get(name, name): schema for name, schema in schemas.items()}
    for name, schema in named.items():
        schema.title = name
    schemas.clear()
    schemas.update(sorted(named.items()))


def _title(data: Schema | Reference) -> str:
    if isinstance(data, Reference):
        return _named(data)
    if data.type == OpenAPIType.NULL:
        return "Null"
    if data.type == OpenAPIType.INTEGER:
        return "Integer"
    if data.one_of:
        return "Or".join(map(_title, data.one_of))
    if data.type == OpenAPIType.ARRAY and isinstance(data.items, Schema | Reference):
        return f"{_title(data.items)}List"
    raise LookupError(f"an answer whose data has no name: {data}")


def _references(part: Any) -> Iterator[Reference]:
    """Yield each reference in the document once."""
    held, seen = [part], set[int]()
    while held:
        part = held.pop()
        if isinstance(part, Reference) and id(part) not in seen:
            seen.add(id(part))
            yield part
        elif isinstance(part, dict):
            held.extend(part.values())
        elif isinstance(part, list | tuple):
            held.extend(part)
        elif is_dataclass(part):
            held.extend(getattr(part, field.name) for field in fields(part))


def _named(reference: Reference) -> str:
    return reference.ref.removeprefix(_COMPONENTS)


_FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-standalone-preset.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>monitor API</title>
<link rel="icon" href="/schema/files/favicon-32x32.png">
<link rel="stylesheet" href="/schema/files/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/schema/files/swagger-ui-bundle.js"></script>
<script src="/schema/files/swagger-ui-standalone-preset.js"></script>
<script src="/schema/start.js"></script></body></html>
"""
_START = """SwaggerUIBundle({
  url: "/schema/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset]
});
"""


class _SwaggerPage(OpenAPIRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _PAGE.encode()


@get("/start.js", media_type="text/javascript", sync_to_thread=False)
def start_script() -> str:
    return _START


@get("/files/{name:str}", sync_to_thread=True)
def swagger_file(name: FromPath[str]) -> Response[bytes]:
    media_type = _FILES.get(name)
    if media_type is None:
        raise NotFoundException
    # Imported here: most processes never show the documentation.
    from swagger_ui_bundle import swagger_ui_path

    content = (Path(str(swagger_ui_path)) / name).read_bytes()
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})


class _Config(OpenAPIConfig):
    def to_openapi_schema(self) -> Document:
        begun = super().to_openapi_schema()
        return Document(**{field.name: getattr(begun, field.name) for field in fields(begun)})


def openapi_config(version: str) -> OpenAPIConfig:
    files = Router("/schema", route_handlers=[start_script, swagger_file], include_in_schema=False, opt=ANONYMOUS)
    return _Config(
        title="monitor",
        version=version,
        description="Server monitoring. Every answer under /api is `{code, msg, data}`; `code` equals the HTTP status.",
        openapi_router=files,
        operation_id_creator=operation_id,
        render_plugins=[_SwaggerPage(path="/"), JsonRenderPlugin(path="/openapi.json")],
        security=[{"token": []}],
        tags=[Tag(name="intake", description="For agents, with an API key.")],
        components=Components(
            security_schemes={
                "token": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="The `token` of a log-in, or a personal token. With the scope `read` this changes "
                    "nothing, and it never reaches users, passwords, second factors, sessions and tokens.",
                ),
                "api_key": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header"),
            }
        ),
    )
