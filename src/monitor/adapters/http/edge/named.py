"""Names of things that a list holds, such as kinds: described, and read, as a Literal of them would be."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from litestar.openapi.spec import OpenAPIType, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import ValidationError, convert


class Named(str):
    """A subclass says in *known* where its names are. Things may be added while the process runs."""

    __slots__ = ()
    known: ClassVar[Mapping[str, object]]


def is_named(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Named)


def read_named(kind: type[Named], value: object) -> Named:
    """Raises ValueError with the words of msgspec, which then says where *value* stands."""
    try:
        return kind(convert(value, Literal[tuple(kind.known)]))
    except ValidationError as error:
        raise ValueError(str(error)) from None


def as_query(known: Mapping[str, object]) -> dict[str, Any]:
    """Return `schema_extra` of a parameter that may have one of these names: the framework would write a union."""
    return {"one_of": None, "type": [OpenAPIType.NULL, OpenAPIType.STRING], "enum": [*known, None]}


class NamedSchema(OpenAPISchemaPlugin):
    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return is_named(value)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        return Schema(type=OpenAPIType.STRING, enum=[*field_definition.annotation.known])
