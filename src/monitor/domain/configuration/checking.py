"""How a file writes what checks expect, and how they ask. Secret values are hidden."""

from collections.abc import Callable, Mapping
from typing import Any

from monitor.domain.checks.expectations import NOTHING, Expectation
from monitor.domain.checks.requests import Header, Request
from monitor.domain.checks.targets import MASK
from monitor.domain.configuration import values
from monitor.domain.configuration.values import Plain


def _expectation_of(value: Plain) -> Expectation:
    if value is None:
        return NOTHING
    given = values.mapping(value)
    values.known(given, Expectation.__slots__)
    reads: Mapping[str, Callable[[Plain], Any]] = {"status": values.whole}
    return Expectation(**{name: reads.get(name, values.text)(each) for name, each in given.items() if each is not None})


def _written_expectation(expect: Expectation) -> Plain:
    given = {name: getattr(expect, name) for name in Expectation.__slots__}
    return {name: value for name, value in given.items() if value is not None} or None


def _request_of(value: Plain) -> Request:
    given = values.mapping({} if value is None else value)
    values.known(given, ("method", "headers", "body", "redirects", "ca"))
    reads: Mapping[str, Callable[[Plain], Any]] = {"redirects": values.whole, "headers": _headers_of}
    read = {}
    for name, each in given.items():
        with values.at(name):
            read[name] = reads.get(name, values.text)(each)
    return Request(**read)


def _headers_of(value: Plain) -> tuple[Header, ...]:
    def header(value: Plain, _: int) -> Header:
        given = values.mapping(value)
        values.known(given, Header.__slots__)
        name, held, secret = (
            given.get(each, usual) for each, usual in (("name", ""), ("value", ""), ("secret", False))
        )
        is_secret = values.flag(secret)
        held = "" if is_secret and held == MASK else values.text(held)
        return values.built(lambda: Header(name=values.text(name), value=held, secret=is_secret))

    return tuple(values.listed(value, header))


def _written_request(request: Request) -> Plain:
    found = {name: getattr(request, name) for name in request.given() if name != "is_readable"}
    if request.headers:
        found["headers"] = [
            {"name": each.name, "value": MASK, "secret": True}
            if each.secret
            else {"name": each.name, "value": each.value}
            for each in request.headers
        ]
    return found or None


EXPECTATION = values.simple(_expectation_of, _written_expectation)
REQUEST = values.simple(_request_of, _written_request)
