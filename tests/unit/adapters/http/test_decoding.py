"""Each sentence of the installed msgspec that `decoding` knows."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from monitor.adapters.http.edge.decoding import read_error, read_problem
from monitor.domain.errors import Problem


class Colour(Enum):
    RED = "red"


class Inner(Struct, forbid_unknown_fields=True):
    name: str


class Body(Struct, forbid_unknown_fields=True, kw_only=True):
    inner: Inner | None = None
    inners: list[Inner] = []
    table: dict[Annotated[str, Meta(pattern="^[a-z]$")], float] = {}
    text: Annotated[str, Meta(min_length=1, max_length=3)] = "abc"
    some: Annotated[list[int], Meta(max_length=1)] = []
    at_least_one: Annotated[list[int], Meta(min_length=1)] | None = None
    number: Annotated[int, Meta(ge=1, le=9)] = 1
    fraction: float = 1.0
    colour: Colour = Colour.RED
    word: Literal["a", "b"] = "a"
    at: datetime | None = None


SENTENCES = {
    "unknown field": ('{"x": 1}', "x", Problem("unknown_field")),
    "unknown field, nested": ('{"inner": {"name": "", "x": 1}}', "inner.x", Problem("unknown_field")),
    "missing field, nested": ('{"inner": {}}', "inner.name", Problem("required")),
    "missing field, in a list": ('{"inners": [{}]}', "inners[0].name", Problem("required")),
    "body of another type": ("[]", "body", Problem("wrong_type", {"expected": "object"})),
    "another type": ('{"number": "1"}', "number", Problem("wrong_type", {"expected": "int"})),
    "one of several types": ('{"at": 1}', "at", Problem("wrong_type", {"expected": "datetime | null"})),
    "key of a table": ('{"table": {"A": 1}}', "table", Problem("invalid_value", {"rule": "matching regex '^[a-z]$'"})),
    "text too short": ('{"text": ""}', "text", Problem("empty")),
    "text too long": ('{"text": "abcd"}', "text", Problem("too_long", {"limit": 3})),
    "list too short": ('{"at_least_one": []}', "at_least_one", Problem("empty")),
    "list too long": ('{"some": [1, 2]}', "some", Problem("too_many", {"limit": 1})),
    "number too small": ('{"number": 0}', "number", Problem("invalid_value", {"rule": ">= 1"})),
    "number too large": ('{"number": 10}', "number", Problem("invalid_value", {"rule": "<= 9"})),
    "number beyond all floats": ('{"fraction": 1e999}', "fraction", Problem("not_finite")),
    "no such enum value": ('{"colour": "blue"}', "colour", Problem("invalid_choice")),
    "no such literal": ('{"word": "c"}', "word", Problem("invalid_choice")),
    "no time": ('{"at": "yesterday"}', "at", Problem("invalid_time")),
}


@pytest.mark.parametrize(("body", "name", "problem"), SENTENCES.values(), ids=SENTENCES)
def test_a_sentence_about_a_body(body: str, name: str, problem: Problem) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(body, type=Body)
    assert (name, problem) == read_error(raised.value)


PARAMETERS: dict[str, tuple[Any, Any, Problem]] = {
    "another type": ("x", int, Problem("wrong_type", {"expected": "int"})),
    "too small": ("0", Annotated[int, Meta(ge=1)], Problem("invalid_value", {"rule": ">= 1"})),
}


@pytest.mark.parametrize(("value", "kind", "problem"), PARAMETERS.values(), ids=PARAMETERS)
def test_a_sentence_about_a_parameter(value: Any, kind: Any, problem: Problem) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(value, kind, strict=False)
    assert ("limit", problem) == read_problem("limit", str(raised.value))


def test_an_unknown_sentence_is_passed_on() -> None:
    assert ("x", Problem("invalid_value", {"rule": "Something new"})) == read_problem("x", "Something new")


def test_a_body_without_any_sentence_that_is_known_is_missing() -> None:
    assert ("body", Problem("required")) == read_problem("data", "Something new")
