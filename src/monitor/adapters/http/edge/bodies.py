"""What requests must hold, and how they are read.

How severe an alert is, as the API names it.
"""

import re
from collections.abc import AsyncGenerator
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import BaseRouteHandler
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from monitor.adapters.http.edge.errors import NotJson
from monitor.adapters.http.edge.msgspec_sentences import read_error
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.levels import Level

MAX_BODY = 1_000_000

_MAX_ID = 2**31 - 1
Id = Annotated[int, Meta(ge=1, le=_MAX_ID)]
"""An id in a body: the seed's ids are INT."""
PathId = Annotated[int, PathParameter(ge=1, le=_MAX_ID)]
"""An id in a path: nothing can be found under any other number."""
QueryId = Annotated[int | None, QueryParameter(ge=1, le=_MAX_ID)]
PageLimit = Annotated[int | None, QueryParameter(ge=1, le=1000)]
"""Of a list that is answered whole where none is given."""
_ID = re.compile(r"[1-9]\d{0,9}", re.ASCII)

UNREAD = {"unread_body": True}
"""Handler `opt`: reads its body by itself; its `data` only tells the OpenAPI document what to say."""


def listed(text: str) -> list[str]:
    """What a query parameter names, separated by commas."""
    return [name for part in text.split(",") if (name := part.strip())]


def listed_ids(text: str, field: str) -> list[int]:
    """Raises InvalidInput naming *field*."""
    names = listed(text)
    if not all(_ID.fullmatch(name) and int(name) <= _MAX_ID for name in names):
        raise InvalidInput({field: Problem("wrong_type", {"expected": "id,id,…"})})
    return [int(name) for name in names]


def json_only(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard for handlers that take a JSON body: anything declared as something else is a 415."""
    if "data" not in handler.parsed_fn_signature.parameters:
        return
    declared = connection.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise HTTPException(status_code=415)


class StrictRequest(Request[Any, Any, Any]):
    """Reads a JSON body straight into the handler's own type.

    Left to itself the framework would take "22" for 22 and "true" for true: it decodes bodies like query strings.
    """

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Raises HTTPException 400, not the framework's 500, where the client goes away before all has arrived."""
        try:
            async for chunk in super().stream():
                yield chunk
        except InternalServerException:
            if not self.is_connected:  # read a second time, which is our own mistake
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


def decoded(body: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[Any]) -> Any:
    """Raises NotJson, and InvalidInput naming the first field that doesn't fit."""
    if body == b"":
        raise InvalidInput({"body": Problem("required")})
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        name, problem = read_error(error)
        raise InvalidInput({name: problem}) from None
    # Nested a thousand levels deep, or holding bytes that are no UTF-8: nothing that anybody would send us.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotJson from None


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


LevelName = Literal["warning", "critical"]
LEVELS: dict[Level, LevelName] = {Level.WARNING: "warning", Level.CRITICAL: "critical"}
LEVEL_OF = {name: level for level, name in LEVELS.items()}
