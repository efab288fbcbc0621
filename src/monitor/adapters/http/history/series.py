"""/api/servers/{id}/series: what charts are drawn from.

/api/servers/filling: disks that will be full soon.
"""

from typing import Annotated, Any, cast

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import FromQuery, QueryParameter
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Struct

from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import PathId, listed
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.application.history.charts import MAX_POINTS, ReadSeries
from monitor.application.history.filling import FillingDisks
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId


class SeriesColumn(Struct, frozen=True):
    """Null where the metric has no value at that time."""

    avg: list[float | None]
    min: list[float | None]
    max: list[float | None]


class SeriesOut(dict[str, Any]):
    """`resolution`, `time`, `coverage`, and a SeriesColumn by the name of each metric."""


class SeriesSchema(OpenAPISchemaPlugin):
    """What columns a client asks for, a Struct can't say."""

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
        # A reference to what was registered is as good to the framework, though its signature doesn't say so.
        return cast(Schema, schema_creator.schema_registry.get_reference_for_field_definition(field_definition))


class SeriesController(Controller):
    path = "/servers/{server_id:int}/series"
    tags = ("monitor",)

    @get("/", sync_to_thread=True)
    def series(
        self,
        actor: NamedDependency[Actor],
        server_id: PathId,
        read_series: NamedDependency[ReadSeries],
        metrics: FromQuery[str] = "cpu,memory,disk",
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        points: Annotated[int | None, QueryParameter(ge=1, le=MAX_POINTS)] = None,
    ) -> Envelope[SeriesOut]:
        """Columns `resolution` (seconds), `time` (epoch seconds), `coverage` (0 to 1), and for each metric `avg`,
        `min` and `max`. A step wider than the resolution is a gap. By default the last 24 hours.

        Up to 24 hours (and a minute) these are samples, else buckets: of ten minutes up to 7 days (and a minute), of an
        hour beyond; wider ones where there would be more than `points`, which are 1,000 by default, and as many as a
        week has of ten minutes.
        """
        series = read_series(
            actor,
            ServerId(server_id),
            metrics=listed(metrics),
            start=None if start is None else times.parsed(start, "start"),
            end=None if end is None else times.parsed(end, "end"),
            points=points,
        )
        return ok(
            SeriesOut(
                {
                    **series.columns,
                    "resolution": series.resolution,
                    "time": series.time,
                    "coverage": series.coverage,
                }
            )
        )


class FillingOut(Struct, frozen=True, kw_only=True):
    """*value* in percent now, *per_day* in points, *full_at* if it goes on like that."""

    server_id: int
    server_name: str
    metric: str
    value: float
    per_day: float
    full_at: str


class FillingController(Controller):
    path = "/servers/filling"
    tags = ("monitor",)

    @get("/", sync_to_thread=True)
    def filling(
        self,
        actor: NamedDependency[Actor],
        filling_disks: NamedDependency[FillingDisks],
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 10,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[FillingOut]]]:
        """Disks that fill up within 90 days, the soonest first: a line through the last week's hourly averages. A host
        with less than a day of sealed history is not there yet. `disk` is left out where it is one of the host's file
        systems that are listed by themselves."""
        passed = max(0, cursors.to_id(cursor) or 0)
        found, headers = cursors.page(
            filling_disks.soonest(actor, passed + limit + 1)[passed:],
            limit,
            lambda _: cursors.of_numbers(passed + limit),
        )
        return Response(
            ok(
                [
                    FillingOut(
                        server_id=server.id,
                        server_name=server.name,
                        metric=disk.metric,
                        value=disk.value,
                        per_day=round(disk.per_day, 4),
                        full_at=times.written(disk.full_at),
                    )
                    for server, disk in found
                ]
            ),
            headers=headers,
        )
