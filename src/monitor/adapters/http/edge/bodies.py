"""How request bodies and parameters are read, and the types that many of them share."""

import re
from collections.abc import AsyncGenerator
from functools import cache
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import BaseRouteHandler
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from monitor.adapters.http.edge.decoding import decoded
from monitor.adapters.http.edge.named import read_named
from monitor.domain.errors import InvalidInput, Problem

_MAX_ID = 2**31 - 1
Id = Annotated[int, Meta(ge=1, le=_MAX_ID)]
"""An id in a body: the seed's ids are INT."""
PathId = Annotated[int, PathParameter(ge=1, le=_MAX_ID)]
"""An id in a path."""
QueryId = Annotated[int | None, QueryParameter(ge=1, le=_MAX_ID)]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
"""Page size of a list that is never sent as a whole."""
PageLimit = Annotated[int | None, QueryParameter(ge=1, le=1000)]
"""Page size of a list. Without it, the answer is the whole list."""
_ID = re.compile(r"[1-9]\d{0,9}", re.ASCII)

UNREAD = {"unread_body": True}
"""Handler `opt`: the handler reads the body itself; its `data` is only for the OpenAPI document."""


def listed(text: str) -> list[str]:
    """Return the names in a comma-separated query parameter."""
    return [name for part in text.split(",") if (name := part.strip())]


def listed_ids(text: str, field: str) -> list[int]:
    """Raises InvalidInput naming *field*."""
    names = listed(text)
    if not all(_ID.fullmatch(name) and int(name) <= _MAX_ID for name in names):
        raise InvalidInput({field: Problem("wrong_type", {"expected": "id,id,…"})})
    return [int(name) for name in names]


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
