"""The routes as the framework knows them, for the OpenAPI document and for servers without the front."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from litestar import Controller, Request, Response, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)
from litestar.params import JSONBody, SkipValidation

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.bodies import UNREAD
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.errors import TIME
from monitor.adapters.http.edge.openapi import ErrorAnswer
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.exchange import DURABLE, EPOCH, text_of
from monitor.adapters.http.intake.prometheus import PrometheusEndpoint, check_kind
from monitor.adapters.http.intake.remote_write import MAX_PACKED
from monitor.adapters.http.intake.reports import Batch, IntakeBatchOut, Report, StoredOut
from monitor.domain.fleet.api_keys import ApiKey

T = TypeVar("T")

_HEADERS = [
    ResponseHeader(name=name, description=description, documentation_only=True)
    for name, description in (
        (
            EPOCH,
            "Changes whenever the database may have lost what it acknowledged: a fail-over, a restored backup. "
            "Then send the last samples again.",
        ),
        (DURABLE, "Seconds: what was acknowledged longer ago cannot be lost any more."),
        (TIME, "The server's time: seconds since 1970, with decimals. Stamp samples by it."),
    )
]


class IntakeController(Controller):
    """*data* is only for the OpenAPI document: the key is checked before the body is read."""

    path = "/monitor/data"
    tags = ("intake",)
    opt = ANONYMOUS | UNREAD
    security = ({"api_key": []},)

    @post("/", status_code=200, response_headers=_HEADERS)
    async def submit(
        self, request: Request[Any, Any, Any], data: SkipValidation[JSONBody[Report]], intake: Part[IntakeEndpoint]
    ) -> Response[Envelope[StoredOut]]:
        """One sample, with the key in `X-API-Key`."""
        return await _answered(request, intake, intake.single)

    @post("/batch", status_code=200, response_headers=_HEADERS)
    async def submit_batch(
        self, request: Request[Any, Any, Any], data: SkipValidation[JSONBody[Batch]], intake: Part[IntakeEndpoint]
    ) -> Response[Envelope[IntakeBatchOut]]:
        """Up to 1,000 samples, answered one by one."""
        return await _answered(request, intake, intake.batch)


async def _answered(
    request: Request[Any, Any, Any],
    intake: IntakeEndpoint,
    store: Callable[[ApiKey, bytes, str, bytes], Awaitable[tuple[Envelope[T], str]]],
) -> Response[Envelope[T]]:
    received = dict(request.scope["headers"])
    key = await intake.authenticate(text_of(received, b"x-api-key"))
    sender = received.get(b"user-agent", b"")
    answer, epoch = await store(key, await request.body(), text_of(received, b"date"), sender)
    return Response(answer, headers=intake.heads.fields(epoch))


_ERRORS = {
    "400": "Broken or empty, or all of it too old or in the future. Nothing is stored.",
    "401": "The key is wrong or revoked, or its server is deleted.",
    "413": f"The body has more than {MAX_PACKED:,} bytes.",
    "415": "Not packed by snappy, or remote-write 2.0.",
    "503": "The database is away, or too much waits. Send it again, after `Retry-After`.",
}


@dataclass
class _RemoteWrite(Operation):
    """For the OpenAPI document: the framework describes only bodies that it reads itself."""

    def __post_init__(self) -> None:
        content = Schema(
            type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="A snappy block of a `WriteRequest`."
        )
        self.request_body = RequestBody(
            content={"application/x-protobuf": OpenAPIMediaType(schema=content)}, required=True
        )
        coding = Schema(type=OpenAPIType.STRING, enum=["snappy"], default="snappy")
        self.parameters = [Parameter(name="Content-Encoding", param_in="header", schema=coding)]
        errors = {status: ErrorAnswer(description=said) for status, said in _ERRORS.items()}
        self.responses = {**(self.responses or {}), **errors}


@post(
    "/prometheus/write",
    tags=("intake",),
    security=({"api_key": []},),
    opt=ANONYMOUS | UNREAD,
    status_code=204,
    request_max_body_size=MAX_PACKED,
    operation_class=_RemoteWrite,
)
async def write(request: Request[Any, Any, Any], prometheus: Part[PrometheusEndpoint]) -> None:
    """Remote write 1.0 of Prometheus or vmagent: a `WriteRequest` in protobuf, packed by snappy.

    The key in `X-API-Key`, as a Bearer token, or as the password of Basic. With a fleet key the host of the label
    `instance` says which server it is. Metrics of node-exporter become those of an agent; others are kept under their
    own names if `prometheus_metrics` of the settings lists them.
    """
    received = dict(request.scope["headers"])
    key = await prometheus.authenticate(received)
    check_kind(received)
    await prometheus.take(key, await request.body())
