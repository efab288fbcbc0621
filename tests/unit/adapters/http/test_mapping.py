"""Bodies are made of objects of the domain by the names of their fields."""

from dataclasses import dataclass

from msgspec import Struct

from monitor.adapters.http.edge.mapping import shown


class Out(Struct):
    kind: str
    source: str
    size: int


@dataclass
class Disk:
    size: int


def test_a_field_may_have_any_name():
    assert Out("disk", "agent", 3) == shown(Out, Disk(3), kind="disk", source="agent")
