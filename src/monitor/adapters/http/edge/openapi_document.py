"""The OpenAPI document, completed for those who generate clients from it: readable names, and every error's shape."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    Discriminator,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)
from litestar.types import Method

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
                    type=[OpenAPIType.OBJECT, OpenAPIType.NULL],
                    additional_properties=Schema(type=OpenAPIType.STRING),
                ),
                "what": Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL]),
                "limit": Schema(type=[OpenAPIType.INTEGER, OpenAPIType.NULL]),
            },
        ),
    },
)


def operation_id(_: HTTPRouteHandler, method: Method, path: list[Any]) -> str:
    """`getAlertsAlertId` for GET /api/alerts/{alert_id}: it changes when the route does, never with our own names."""
    parts = [str(getattr(part, "name", part)) for part in path]
    words = [word for part in parts if part != "api" for word in part.replace("-", "_").split("_")]
    return method.lower() + "".join(word.capitalize() for word in words)


class Document(OpenAPI):
    """Completed when somebody first reads it: most processes are never asked for it, and it takes long to make."""

    def to_schema(self) -> dict[str, Any]:
        _complete(self)
        return super().to_schema()


def _complete(document: OpenAPI) -> None:
    """Say what the framework can't know: any error under /api comes in our envelope, and what to call things."""
    schemas: dict[str, Schema] = document.components.schemas
    for path, operation in _operations(document):
        if operation.request_body is not None and isinstance(operation.request_body, RequestBody):
            _complete_body(operation.request_body, f"{_capitalized(operation.operation_id or '')}Body", schemas)
        operation.responses = {code: answer for code, answer in (operation.responses or {}).items() if code == "200"}
        if path.startswith("/api"):
            content = {"application/json": OpenAPIMediaType(schema=Reference(ref=f"{_COMPONENTS}Error"))}
            operation.responses["default"] = OpenAPIResponse(description="Any error", content=content)
    schemas["Error"] = _ERROR
    _name_envelopes(document, schemas)


def _operations(document: OpenAPI) -> Iterator[tuple[str, Operation]]:
    for path, item in (document.paths or {}).items():
        for method in ("get", "post", "put", "delete"):
            operation: Operation | None = getattr(item, method)
            if operation is not None:
                yield path, operation


def _complete_body(body: RequestBody, name: str, schemas: dict[str, Schema]) -> None:
    """One that may be left out says so, and one that may be of several kinds gets the name."""
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
    """By the one field that is a constant in each."""
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
    """`AlertOutListEnvelope` for what the framework calls `Envelope_list_monitor.adapters.http.alerts.AlertOut_`."""
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
    if data.one_of:
        return "Or".join(map(_title, data.one_of))
    if data.type == OpenAPIType.ARRAY and isinstance(data.items, Schema | Reference):
        return f"{_title(data.items)}List"
    raise LookupError(f"an answer whose data has no name: {data}")


def _references(part: Any) -> Iterator[Reference]:
    """Every one in the document, each once."""
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


def _capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]
