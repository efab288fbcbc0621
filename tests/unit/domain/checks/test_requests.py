from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.checks import kinds
from monitor.domain.checks.checks import Check
from monitor.domain.checks.requests import LONGEST_BODY, LONGEST_HEADERS, PLAIN, Header, Request
from monitor.domain.errors import InvalidInput
from tests.contracts.checks import a_check

KEY = Header(name="X-Key", value="s3cret", secret=True)
KEPT = replace(KEY, value="")


def an_http(**changes: Any) -> Check:
    return a_check(kind=kinds.HTTP, **({"target": "https://a.example/x"} | changes))


def refused(**changes: Any) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        a_check(**changes)
    return sorted(caught.value.problems)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ä", "Content-Length", "transfer-encoding", "x\n", "x" * 101])
def test_headers_that_break_a_request(name: str) -> None:
    with pytest.raises(InvalidInput):
        Header(name=name)


@pytest.mark.parametrize("value", ["a\r\nb: c", "\0", "ä"])
def test_values_that_break_a_request(value: str) -> None:
    with pytest.raises(InvalidInput):
        Header(name="A", value=value)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("method", {"method": "get"}),
        ("body", {"body": "ä" * (LONGEST_BODY // 2 + 1)}),
        ("body", {"body": "\0"}),
        ("headers", {"headers": (Header(name="A"),) * 21}),
        ("headers", {"headers": (Header(name="A", value="x" * LONGEST_HEADERS),)}),
        ("redirects", {"redirects": -1}),
        ("ca", {"ca": "x"}),
        ("ca", {"ca": "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----"}),
    ],
)
def test_bounds(field: str, changes: dict[str, Any]) -> None:
    assert [f"request.{field}"] == refused(kind=kinds.HTTP, target="http://a", request=Request(**changes))


def test_other_kinds_ask_otherwise() -> None:
    asked = Request(method="POST", body="x", ca="-----BEGIN CERTIFICATE-----")
    assert ["request.body", "request.ca", "request.method"] == refused(request=asked)
    assert ["request.body", "request.method"] == refused(kind=kinds.TLS, request=asked)


def test_a_secret_that_is_left_out_is_the_stored_one() -> None:
    stored = an_http(request=Request(headers=(KEY,)))
    wanted = an_http(
        target="https://a.example/y", request=Request(headers=(Header(name="B"), replace(KEPT, name="x-key")))
    )
    assert "s3cret" == wanted.with_secrets_of(stored).request.headers[1].value
    named = replace(wanted, target="https://a.example:443/y")
    assert "s3cret" == named.with_secrets_of(stored).request.headers[1].value
    assert PLAIN == an_http().with_secrets_of(stored).request


@pytest.mark.parametrize(
    "changes",
    [
        {"target": "http://a.example/x"},
        {"target": "https://b.example/x"},
        {"target": "https://a.example:444/x"},
        {"request": Request(headers=(KEPT,), ca="-----BEGIN CERTIFICATE-----")},
        {"request": Request(headers=(Header(name="X-Other", secret=True),))},
    ],
)
def test_it_is_not_sent_to_another_server(changes: dict[str, Any]) -> None:
    stored = an_http(request=Request(headers=(KEY,)))
    for before in (stored, None, a_check()):
        with pytest.raises(InvalidInput) as caught:
            an_http(**({"request": Request(headers=(KEPT,))} | changes)).with_secrets_of(before)
        assert ["request.headers.0.value"] == [*caught.value.problems]


def test_another_question_is_another_check() -> None:
    check = an_http()
    assert not check.asks_like(an_http(request=Request(redirects=1)))
    assert check.asks_like(replace(check, paused=True, name="b"))


def test_no_secret_is_in_what_a_log_shows() -> None:
    assert "s3cret" not in repr(an_http(request=Request(headers=(KEY,), body="s3cret")))
