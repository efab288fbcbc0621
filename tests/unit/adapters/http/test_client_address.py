"""The address of a client; on a socket for both families IPv4 clients arrive as `::ffff:…`."""

from ipaddress import ip_network
from typing import Any

import pytest

from monitor.adapters.http.edge.client_address import (
    client_address,
    is_in,
    is_over_tls,
    note_client_address,
    note_scheme,
    peer,
)

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def scope(address: str, **headers: str) -> dict[str, Any]:
    named = [(f"x-forwarded-{name}".encode(), value.encode()) for name, value in headers.items()]
    return {"client": (address, 40_000), "headers": named, "scheme": "http"}


@pytest.mark.parametrize("address", ["10.0.0.5", "::ffff:10.0.0.5", "::ffff:a00:5", "fd00::1"])
def test_a_trusted_proxy_is_known_however_it_arrives(address: str) -> None:
    held = scope(address, **{"for": "203.0.113.9", "proto": "https"})
    note_client_address(held, TRUSTED)
    note_scheme(held, TRUSTED, has_https_base=False)
    assert (True, "203.0.113.9", True) == (is_in(address, TRUSTED), client_address(held), is_over_tls(held))


@pytest.mark.parametrize("address", ["::ffff:192.0.2.1", "::10.0.0.5", "64:ff9b::10.0.0.5", "", "unix", "10.0.0.5.6"])
def test_others_are_not(address: str) -> None:
    assert not is_in(address, TRUSTED)


@pytest.mark.parametrize(
    ("address", "written"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1"), ("192.0.2.1", "192.0.2.1"), ("a:b", "a:b")],
)
def test_an_address_is_written_in_one_way(address: str, written: str) -> None:
    assert written == peer(scope(address))
    forwarded = scope("10.0.0.5", **{"for": address})
    note_client_address(forwarded, TRUSTED)
    assert client_address(forwarded) == ("10.0.0.5" if address == "a:b" else written)
