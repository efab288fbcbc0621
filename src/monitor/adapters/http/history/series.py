"""GET /api/servers/{id}/series: data of charts. GET /api/servers/filling: disks that will be full soon."""

from typing import Annotated, Any, Literal, cast

from litestar import Response, get
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import FromQuery, QueryParameter
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Struct

from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import Limit, PathId, listed
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.history.charts import MAX_POINTS, ReadSeries
from monitor.application.history.filling import FillingDisk, FillingDisks
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.filling import FARTHEST_DAYS
from monitor.domain.history.series import Series


class SeriesColumn(Struct, frozen=True):
    """Null if the metric has no value at that time."""

    avg: list[float | None]
    min: list[float | None]
    max: list[float | None]


class SeriesOut(dict[str, Any]):
    """`resolution`, `time`, `coverage`, and a SeriesColumn by the name of each metric."""


class SeriesSchema(OpenAPISchemaPlugin):
    """Schema of SeriesOut, whose keys are the requested metrics: a Struct cannot describe it."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is SeriesOut

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        number = Schema(type=OpenAPIType.NUMBER)
        schema = schema_creator.schema_registry.get_schema_for_field_definition(field_definition)
        schema.type = OpenAPIType.OBJECT
        schema.required = ["resolution", "time", "coverage"]
        schema.properties = {"resolution": number} | dict.fromkeys(
            ("time", "coverage"), Schema(type=OpenAPIType.ARRAY, items=number)
        )
        column = FieldDefinition.from_annotation(SeriesColumn)
        schema.additional_properties = schema_creator.for_field_definition(column)
        # Litestar accepts a reference here, although its signature asks for a schema.
        return cast(Schema, schema_creator.schema_registry.get_reference_for_field_definition(field_definition))


@get("/servers/{server_id:int}/series", tags=("monitor",), sync_to_thread=True)
def series(
    actor: Part[Actor],
    server_id: PathId,
    read_series: Part[ReadSeries],
    metrics: FromQuery[str] = "cpu,memory,disk",
    start: FromQuery[str | None] = None,
    end: FromQuery[str | None] = None,
    points: Annotated[int | None, QueryParameter(ge=1, le=MAX_POINTS)] = None,
) -> Envelope[SeriesOut]:
    """Columns `resolution` (seconds), `time` (epoch seconds), `coverage` (0 to 1), and for each metric `avg`,
    `min` and `max`. A distance wider than the resolution is a gap. By default the last 24 hours.

    Up to 24 hours (and a minute) the points are samples. Longer ranges have buckets of ten minutes up to 7 days
    (and a minute), and of an hour beyond. Buckets are wider if there would be more than `points`: by default 1,000,
    or all ten-minute buckets of a week.

    503 with the reason `history_unavailable`: a part of it lies in VictoriaMetrics, which does not answer.
    """
    series = read_series(
        actor,
        ServerId(server_id),
        metrics=listed(metrics),
        start=None if start is None else times.parsed(start, "start"),
        end=None if end is None else times.parsed(end, "end"),
        points=points,
    )
    return ok(shown_series(series))


def shown_series(series: Series) -> SeriesOut:
    return SeriesOut(
        {**series.columns, "resolution": series.resolution, "time": series.time, "coverage": series.coverage}
    )


Days = Annotated[int, QueryParameter(ge=1, le=FARTHEST_DAYS)]
FillingSort = Literal["full", "name", "value", "rate", "-full", "-name", "-value", "-rate"]


class FillingOut(Struct, frozen=True, kw_only=True):
    """*value*: now, in percent. *per_day*: rise in percentage points. *full_at*: if it continues to rise like that."""

    server_id: int
    server_name: str
    metric: str
    value: float
    per_day: float
    full_at: str

    @staticmethod
    def of(found: tuple[Server, FillingDisk]) -> "FillingOut":
        server, disk = found
        return shown(FillingOut, disk, server_id=server.id, server_name=server.name, per_day=round(disk.per_day, 4))


@get("/servers/filling", tags=("monitor",), sync_to_thread=True)
def filling(
    actor: Part[Actor],
    filling_disks: Part[FillingDisks],
    within: Days = FARTHEST_DAYS,
    sort: FromQuery[FillingSort] = "full",
    limit: Limit = 10,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[list[FillingOut]]]:
    """Disks that fill up `within` so many days, the first full one first, by a line through the last week's hourly
    averages. Hosts with less than a day of sealed history are missing. `disk` is left out if one of the host's
    listed file systems has the same value. `sort=-rate`: those that rise fastest first."""
    passed = max(0, cursors.to_id(cursor) or 0)
    found = filling_disks.listed(actor, within=within, sort=sort)[passed:]
    return paged(found, limit, FillingOut.of, lambda _: cursors.of_numbers(passed + limit))
