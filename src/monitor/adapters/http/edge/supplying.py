"""What handlers ask for by their parameters: values of the request by name, use cases by their class."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from inspect import getmembers, signature
from typing import Annotated, Any, TypeAlias, TypeVar, get_args

from litestar import Controller
from litestar.di import Dependency, Provide
from litestar.handlers import BaseRouteHandler

Resource = type[Controller] | BaseRouteHandler
T = TypeVar("T")
Part: TypeAlias = Annotated[T, Dependency()]
"""Marks a parameter of a handler that gets the part of this class, or else of this name."""
FindPart = Callable[[str, Any], Any]
"""Returns the part for a parameter of this name and class."""


def supplied(
    resources: Iterable[Resource], own: Mapping[str, Callable[..., Any]], part: FindPart, below: str = ""
) -> list[Resource]:
    """Return *resources* with paths *below* one, each with what its handlers name: of *own*, or marked as a `Part`.

    For each handler the framework compares all dependencies in reach with each other: with all of them for all
    handlers, that was half of the time of a start. It copies a router with all that it knows of its handlers: hence
    the paths.
    """
    return [_with(each, _dependencies(each, own, part), below) for each in resources]


def _with(resource: Resource, dependencies: dict[str, Provide], below: str) -> Resource:
    if isinstance(resource, type):
        of_class: Any = resource
        return type(resource.__name__, (resource,), {"dependencies": dependencies, "path": below + of_class.path})
    handler = copy(resource)
    handler.dependencies = dependencies
    handler.paths = {below + path for path in handler.paths}
    return handler


def _dependencies(resource: Resource, own: Mapping[str, Callable[..., Any]], part: FindPart) -> dict[str, Provide]:
    members = [member for _, member in getmembers(resource)] if isinstance(resource, type) else [resource]
    asking: list[Callable[..., Any]] = [member.fn for member in members if isinstance(member, BaseRouteHandler)]
    found: dict[str, Provide] = {}
    while asking:
        for name, kind in _asked(asking.pop()):
            if name not in found:
                found[name] = Provide(own.get(name) or _maker(part, name, kind), sync_to_thread=False)
                asking += [own[name]] if name in own else []
    return found


def _maker(part: FindPart, name: str, kind: Any) -> Callable[[], Any]:
    # The framework reads the signature of what it calls, and through that of a partial function.
    return lambda: part(name, kind)


def _asked(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Yield name and class of each parameter that is marked as a dependency."""
    for name, parameter in signature(function).parameters.items():
        kind, *marks = get_args(parameter.annotation) or (None,)
        if any(isinstance(mark, Dependency) for mark in marks):
            yield name, kind
