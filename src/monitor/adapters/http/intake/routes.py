"""The two routes as the framework knows them, for the OpenAPI document and for servers without the front."""

from typing import Any

from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.bodies import UNREAD
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.reports import Batch, IntakeBatchOut, Report, StoredOut


class IntakeController(Controller):
    """*data* is only for the OpenAPI document: the key is checked before the body is read."""

    path = "/monitor/data"
    tags = ("intake",)
    opt = ANONYMOUS | UNREAD
    security = ({"api_key": []},)

    @post("/", status_code=200)
    async def submit(
        self,
        request: Request[Any, Any, Any],
        data: SkipValidation[JSONBody[Report]],
        intake: NamedDependency[IntakeEndpoint],
    ) -> Envelope[StoredOut]:
        """One sample, with the key in `X-API-Key`."""
        key = await intake.authenticate(request.headers.get("x-api-key", ""))
        return await intake.single(key, await request.body(), request.headers.get("date", ""))

    @post("/batch", status_code=200)
    async def submit_batch(
        self,
        request: Request[Any, Any, Any],
        data: SkipValidation[JSONBody[Batch]],
        intake: NamedDependency[IntakeEndpoint],
    ) -> Envelope[IntakeBatchOut]:
        """Up to 1,000 samples, answered one by one."""
        key = await intake.authenticate(request.headers.get("x-api-key", ""))
        return await intake.batch(key, await request.body(), request.headers.get("date", ""))
