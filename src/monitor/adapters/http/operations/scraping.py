"""GET /metrics, for an operator's Prometheus."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.hosts import is_local
from monitor.adapters.http.operations.metrics import Metrics
from monitor.application.fleet.fleet import Fleet
from monitor.domain.fleet.api_keys import digest
from monitor.domain.fleet.errors import InvalidApiKey


@get("/metrics", opt=ANONYMOUS, include_in_schema=False, sync_to_thread=True)
def scrape(
    request: Request[Any, Any, Any], operator_metrics: NamedDependency[Metrics], fleet: NamedDependency[Fleet]
) -> Response[bytes]:
    """Open to loopback, and to others with a fleet key in `X-API-Key` or as a Bearer token."""
    _check_access(request, fleet)
    from monitor.adapters.http.operations.exposition import exposed

    text, kind = exposed(operator_metrics)
    return Response(text, media_type=kind)


def _check_access(request: Request[Any, Any, Any], fleet: Fleet) -> None:
    if is_local(request.scope):
        return
    text = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    if not text:
        raise InvalidApiKey
    fleet.refresh()
    if fleet.directory.key(digest(text)).server_id is not None:
        raise HTTPException(status_code=403)
