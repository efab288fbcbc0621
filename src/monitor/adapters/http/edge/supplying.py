"""The dependencies of handlers, by the names of their parameters."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from inspect import getmembers, signature
from typing import Any

from litestar import Controller
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler

Resource = type[Controller] | BaseRouteHandler


def supplied(
    resources: Iterable[Resource], provided: Mapping[str, Callable[..., Any]], below: str = ""
) -> list[Resource]:
    """Return *resources* with paths *below* one, each with what its handlers name of *provided*, and what that names.

    For each handler the framework compares all dependencies in reach with each other: with all of them for all
    handlers, that was half of the time of a start. It copies a router with all that it knows of its handlers: hence
    the paths.
    """
    shared = {name: Provide(make, sync_to_thread=False) for name, make in provided.items()}
    return [_with(each, {name: shared[name] for name in _needed(each, provided)}, below) for each in resources]


def _with(resource: Resource, dependencies: dict[str, Provide], below: str) -> Resource:
    if isinstance(resource, type):
        of_class: Any = resource
        return type(resource.__name__, (resource,), {"dependencies": dependencies, "path": below + of_class.path})
    handler = copy(resource)
    handler.dependencies = dependencies
    handler.paths = {below + path for path in handler.paths}
    return handler


def _needed(resource: Resource, provided: Mapping[str, Callable[..., Any]]) -> set[str]:
    members = [member for _, member in getmembers(resource)] if isinstance(resource, type) else [resource]
    handlers = [member.fn for member in members if isinstance(member, BaseRouteHandler)]
    named = {name for handler in handlers for name in signature(handler).parameters} & provided.keys()
    needed: set[str] = set()
    while new := named - needed:
        needed |= new
        named = {name for each in new for name in signature(provided[each]).parameters} & provided.keys()
    return needed
