"""Bodies from and to objects of the domain, by the names of their fields; and pages of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from litestar import MediaType, Response
from msgspec import UNSET, Raw, Struct, UnsetType, defstruct, field, json, structs

from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.times import written
from monitor.domain.errors import InvalidInput, Problem, within
from monitor.domain.levels import Level

Out = TypeVar("Out", bound=Struct)
Body = TypeVar("Body", bound=Struct)
T = TypeVar("T")
_encode = json.Encoder().encode

LevelName = Literal["warning", "critical"]
LEVELS: dict[Level, LevelName] = {Level.WARNING: "warning", Level.CRITICAL: "critical"}
LEVEL_OF = {name: level for level, name in LEVELS.items()}


def changes_of(new: type[Struct], name: str, *but: str, doc: str | None = None) -> type[Struct]:
    """Return a struct with the fields of *new*, without *but*, that may all be left out."""
    kept = [each for each in structs.fields(new) if each.name not in but]
    optional = [(each.name, each.type | UnsetType, field(default=UNSET, name=each.encode_name)) for each in kept]
    return defstruct(name, optional, frozen=True, forbid_unknown_fields=True, kw_only=True, namespace={"__doc__": doc})


def given(body: Struct, **convert: Callable[[Any], object]) -> dict[str, Any]:
    """Return the fields that the client sent, by name. *convert* makes the domain's values of some of them."""
    fields = {name: getattr(body, name) for name in body.__struct_fields__}
    sent = {name: value for name, value in fields.items() if value is not UNSET}
    return sent | {name: make(sent[name]) for name, make in convert.items() if name in sent}


def each_of(name: str, bodies: Iterable[Body], make: Callable[[Body], T]) -> tuple[T, ...]:
    """Return what *make* makes of each. What it refuses names its place in the list *name*, such as "hours.0.from"."""
    made = list[T]()
    for place, body in enumerate(bodies):
        with within(f"{name}.{place}"):
            made.append(make(body))
    return tuple(made)


def only_one(body: Struct, name: str) -> tuple[str, Any]:
    """Return the only field that has a value, and the value. Raises InvalidInput that names *name*."""
    fields = [(each, value) for each in body.__struct_fields__ if (value := getattr(body, each))]
    if len(fields) != 1:
        raise InvalidInput({name: Problem("one_of_these", {"choices": ", ".join(body.__struct_fields__)})})
    return fields[0]


def shown(kind: type[Out], source: object, /, **more: object) -> Out:
    """Return a *kind* whose fields are *more*, and for the rest the attributes of *source*, as the API writes them."""
    names = [name for name in kind.__struct_fields__ if name not in more]
    return kind(**{name: _written(getattr(source, name)) for name in names}, **more)


def _written(value: object) -> object:
    """Return a time as text, a duration in seconds, and the name of a level. msgspec writes the others."""
    match value:
        case datetime():
            return written(value)
        case timedelta():
            return value.total_seconds()
        case Level():
            return LEVELS[value]
    return value


def paged(
    found: Sequence[T],
    limit: int | None,
    show: Callable[[T], Out],
    cursor_of: Callable[[T], str] = cursors.of_id,
    *,
    ends_early: bool = False,
) -> Response[Envelope[list[Out]]]:
    """Answer with the first *limit* of *found* and, if there are more, with the cursor of the next page. *ends_early*:
    there are more, although fewer were found.

    Row by row: for a hundred thousand in one go all other threads would wait a tenth of a second.
    """
    page = found[:limit]
    headers = {cursors.HEADER: cursor_of(page[-1])} if ends_early or len(page) < len(found) else {}
    return encoded([Raw(_encode(show(each))) for each in page], headers)


def encoded(data: Any, headers: Mapping[str, str] | None = None) -> Response[Any]:
    """Answer with *data*, encoded here, on the thread of the handler: the event loop would wait for a large one."""
    content: Any = _encode(ok(data))
    return Response(content, headers=headers, media_type=MediaType.JSON)


def one_more(limit: int | None) -> int | None:
    """Return how many to read, so that `paged` sees whether there are more."""
    return None if limit is None else limit + 1
