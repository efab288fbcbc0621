"""/api/audit/export: the audit log as a file, sent while it is read."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import QueryParameter
from litestar.response import Stream

from monitor.adapters.http.accounts.audit import AuditOut
from monitor.adapters.http.edge.authentication import admins_only
from monitor.application.accounts.audit_export import ExportAudit
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry, AuditFilter
from monitor.domain.text import neutral_cell

Batches = Iterator[Sequence[AuditEntry]]
FileFormat = Literal["csv", "jsonl"]
_encode_lines = msgspec.json.Encoder().encode_lines
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
    actor: NamedDependency[Actor],
    export_audit: NamedDependency[ExportAudit],
    audit_filter: NamedDependency[AuditFilter],
    clock: NamedDependency[Clock],
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
