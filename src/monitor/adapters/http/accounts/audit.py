"""/api/audit: the audit log."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Limit, QueryId
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.mapping import paged, shown
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import AuditEntry, AuditFilter
from monitor.domain.errors import InvalidInput, Problem
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


Words = Annotated[str | None, QueryParameter(max_length=255)]


def audit_filter(
    user_id: QueryId = None,
    username: Words = None,
    action: Words = None,
    target: Words = None,
    q: Words = None,
    start: FromQuery[str | None] = None,
    end: FromQuery[str | None] = None,
) -> AuditFilter:
    """Raises InvalidInput naming "start" or "end"."""
    since = None if start is None else times.parsed(start, "start")
    until = None if end is None else times.parsed(end, "end")
    if since is not None and until is not None and since >= until:
        raise InvalidInput({"start": Problem("not_before_end")})
    return AuditFilter(
        user_id=None if user_id is None else UserId(user_id),
        username=username,
        action=action,
        target=target,
        text=q or "",
        since=since,
        until=until,
    )


@get("/audit", tags=("administration",), guards=(admins_only,), sync_to_thread=True)
def newest(
    actor: NamedDependency[Actor],
    queries: NamedDependency[Queries],
    audit_filter: NamedDependency[AuditFilter],
    limit: Limit = 100,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[list[AuditOut]]]:
    """Return entries, the newest first.

    `user_id`, `username`: who did it. `action`: a whole one such as `server.delete`, or the part before the dot for
    everything that was done to such things. `target`: the name of the thing. `q`: a text in the target, the details,
    the user name or the address, in any case. `start` <= `at` < `end`.
    """
    found = queries.audit.newest(actor, audit_filter, before=cursors.to_entry(cursor), limit=limit + 1)
    return paged(found, limit, AuditOut.of, cursors.of_entry)
