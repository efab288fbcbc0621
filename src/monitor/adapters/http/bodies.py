"""What a request body must be before anything reads it."""

from typing import Annotated, Any

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from msgspec import Meta

MAX_BODY = 1_000_000

Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
"""An id in a body: the seed's ids are INT."""


def json_only(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard for handlers that take a JSON body: anything declared as something else is a 415."""
    if "data" not in handler.parsed_fn_signature.parameters:
        return
    declared = connection.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise HTTPException(status_code=415)
