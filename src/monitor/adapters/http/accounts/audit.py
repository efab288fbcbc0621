"""/api/audit: the audit log. /api/audit/export: the log as a file, sent while it is read."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream
from msgspec import Struct, json

from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Limit, QueryId
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.mapping import paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.recording import ExportAudit
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import AuditEntry, AuditFilter
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import escaped, neutral_cell


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
    actor: Part[Actor],
    queries: Part[Queries],
    audit_filter: Part[AuditFilter],
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


Batches = Iterator[Sequence[AuditEntry]]
FileFormat = Literal["csv", "jsonl"]
_encode_lines = json.Encoder().encode_lines
_COLUMNS = AuditOut.__struct_fields__


def csv_pieces(batches: Batches) -> Iterator[bytes]:
    """Yield CSV (RFC 4180) with a header. What a spreadsheet would run as a formula begins with an apostrophe."""
    yield _csv([_COLUMNS])
    for batch in batches:
        shown = (AuditOut.of(entry) for entry in batch)
        yield _csv([neutral_cell(_cell(getattr(each, name))) for name in _COLUMNS] for each in shown)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def json_pieces(batches: Batches) -> Iterator[bytes]:
    """Yield a line of JSON for each entry."""
    for batch in batches:
        yield _encode_lines([AuditOut.of(entry) for entry in batch])


_WRITERS: dict[FileFormat, tuple[str, Callable[[Batches], Iterator[bytes]]]] = {
    "csv": ("text/csv", csv_pieces),
    "jsonl": ("application/x-ndjson", json_pieces),
}
_FILE = ResponseSpec(str, generate_examples=False, media_type="text/csv", description="The file")


@dataclass
class _Export(Operation):
    """For the OpenAPI document: the framework describes one kind of content for each status."""

    def __post_init__(self) -> None:
        answer = self.responses["200"] if self.responses is not None else None
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            lines = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
            answer.content = {**answer.content, "application/x-ndjson": lines}


@get(
    "/audit/export",
    tags=("administration",),
    guards=(admins_only,),
    sync_to_thread=True,
    responses={200: _FILE},
    operation_class=_Export,
)
def export(
    actor: Part[Actor],
    export_audit: Part[ExportAudit],
    audit_filter: Part[AuditFilter],
    clock: Part[Clock],
    file_format: Annotated[FileFormat, QueryParameter(name="format")] = "csv",
) -> Stream:
    """Send the entries that /api/audit lists with the same filters as CSV, with `format=jsonl` as lines of JSON.

    The export itself is an entry of the log. If the database fails meanwhile, the connection ends before the file does.
    """
    media_type, pieces = _WRITERS[file_format]
    name = f"audit-{clock.now():%Y-%m-%d}.{file_format}"
    return Stream(
        pieces(export_audit(actor, audit_filter, file_format)),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
