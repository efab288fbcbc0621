"""How request bodies and parameters are read, and the types that many of them share."""

import re
from collections.abc import AsyncGenerator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import HeaderParameter, PathParameter, QueryParameter
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Meta, ValidationError, convert

from monitor.adapters.http.edge.decoding import decoded
from monitor.domain.errors import InvalidInput, Problem

MAX_ID = 2**31 - 1
Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
"""An id in a body: the seed's ids are INT."""
PathId = Annotated[int, PathParameter(ge=1, le=MAX_ID)]
"""An id in a path."""
QueryId = Annotated[int | None, QueryParameter(ge=1, le=MAX_ID)]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
"""Page size of a list that is never sent as a whole."""
PageLimit = Annotated[int | None, QueryParameter(ge=1, le=1000)]
"""Page size of a list. Without it, the answer is the whole list."""
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", max_length=1000)]
SAME = ResponseSpec(None, generate_examples=False, description="It is still that of `If-None-Match`")
"""The 304 of a file that the client has already."""
_ID = re.compile(r"[1-9]\d{0,9}", re.ASCII)

UNREAD = {"unread_body": True}
"""Handler `opt`: the handler reads the body itself; its `data` is only for the OpenAPI document."""


def listed(text: str) -> list[str]:
    """Return the names in a comma-separated query parameter."""
    return [name for part in text.split(",") if (name := part.strip())]


def listed_ids(text: str, field: str) -> list[int]:
    """Raises InvalidInput naming *field*."""
    names = listed(text)
    if not all(_ID.fullmatch(name) and int(name) <= MAX_ID for name in names):
        raise InvalidInput({field: Problem("wrong_type", {"expected": "id,id,…"})})
    return [int(name) for name in names]


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Return whether the client has this version (RFC 9110, 13.1.2)."""
    return bool({etag, "*"} & {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")})


def json_only(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard for handlers that take a JSON body: 415 for another declared content type."""
    if "data" not in handler.parsed_fn_signature.parameters:
        return
    declared = connection.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise HTTPException(status_code=415)


class StrictRequest(Request[Any, Any, Any]):
    """Request that decodes a JSON body strictly into the handler's type.

    The framework would decode it like a query string, and accept "22" for 22 and "true" for true.
    """

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Raise HTTPException 400, not the framework's 500, if the client leaves before the whole body has arrived."""
        try:
            async for chunk in super().stream():
                yield chunk
        except InternalServerException:
            if not self.is_connected:  # the body was read twice: our own bug
                raise
            raise HTTPException(status_code=400) from None

    async def json(self) -> Any:
        """Raises NotJson, InvalidInput."""
        if self.route_handler.opt.get("unread_body"):
            return None
        field, body = self.route_handler.parsed_data_field, await self.body()
        if body == b"" and field is not None and field.is_optional:
            return None
        return decoded(body, _decoder(field.annotation if field else object))


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=read_named)


class Named(str):
    """Name of a thing that a list holds, such as a kind: described, and read, as a Literal would be.

    A subclass says in *known* where its names are. Things may be added while the process runs.
    """

    __slots__ = ()
    known: ClassVar[Mapping[str, object]]


def is_named(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Named)


def read_named(kind: type[Named], value: object) -> Named:
    """Raises ValueError with the words of msgspec, which then says where *value* stands."""
    try:
        return kind(convert(value, Literal[tuple(kind.known)]))
    except ValidationError as error:
        raise ValueError(str(error)) from None


def as_query(known: Mapping[str, object]) -> dict[str, Any]:
    """Return `schema_extra` of a parameter that may have one of these names: the framework would write a union."""
    return {"one_of": None, "type": [OpenAPIType.NULL, OpenAPIType.STRING], "enum": [*known, None]}


class NamedSchema(OpenAPISchemaPlugin):
    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return is_named(value)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        return Schema(type=OpenAPIType.STRING, enum=[*field_definition.annotation.known])
