"""/api/audit: the audit log."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Limit
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.mapping import paged, shown
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.text import escaped


class AuditOut(Struct, frozen=True, kw_only=True):
    """An entry. Invisible characters are escaped, since unauthenticated clients choose some of these texts."""

    id: int
    at: str
    action: str
    target: str
    detail: str
    user_id: int | None
    username: str
    address: str | None

    @staticmethod
    def of(entry: AuditEntry) -> "AuditOut":
        texts = {name: escaped(getattr(entry, name) or "") for name in ("target", "detail", "username")}
        return shown(AuditOut, entry, address=entry.address and escaped(entry.address), **texts)


@get("/audit", tags=("administration",), guards=(admins_only,), sync_to_thread=True)
def newest(
    actor: NamedDependency[Actor],
    queries: NamedDependency[Queries],
    limit: Limit = 100,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[list[AuditOut]]]:
    """Return entries, the newest first."""
    found = queries.audit.newest(actor, before=cursors.to_id(cursor), limit=limit + 1)
    return paged(found, limit, AuditOut.of)
