"""What changes over TLS, which a trusted proxy or the base URL announces."""

from ipaddress import ip_network
from typing import Any

import pytest

from tests.integration.http.accounts.logging_in import REFRESH, bearer, cookie, log_in
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import HOST, World

PROXY = "10.0.0.1"
BOUND = "__Host-monitor_refresh"
HTTPS = {"X-Forwarded-Proto": "https"}
HSTS = "strict-transport-security"


@pytest.fixture
def proxied(new_world: NewWorld) -> World:
    return new_world(trusted_proxies=(ip_network(PROXY),))


@pytest.fixture
def based(new_world: NewWorld) -> World:
    return new_world(trusted_proxies=(ip_network(PROXY),), base_url="https://monitor.example.com")


def installs_from(world: World, **more: Any) -> str:
    script = world.send("GET", "/agent/install.sh", **more).text
    return next(line for line in script.splitlines() if line.startswith("SERVER=")).removeprefix("SERVER=")


SENT = [
    ("https", "https"),
    ("HTTPS", "https"),
    ("http", "http"),
    ("https, http", "http"),
    ("http,https", "https"),
    ("wss", "http"),
    ("https://evil.example", "http"),
    ("https;", "http"),
    ("\xe9", "http"),
    ("", "http"),
    ("https,", "http"),
]


@pytest.mark.parametrize(("sent", "scheme"), SENT)
def test_a_trusted_proxy_sets_the_scheme(proxied: World, sent: str, scheme: str) -> None:
    request = {"headers": {"X-Forwarded-Proto": sent}}
    assert f"{scheme}://{HOST}" == installs_from(proxied, address=PROXY, **request)
    assert f"http://{HOST}" == installs_from(proxied, address="10.0.0.2", **request)


def test_without_trusted_proxies_no_header_counts(world: World) -> None:
    for address in ("127.0.0.1", PROXY):
        assert f"http://{HOST}" == installs_from(world, address=address, headers=HTTPS)
        assert not cookie(log_in(world, address=address, headers=HTTPS))["secure"]


@pytest.mark.parametrize(
    "header", [{"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example;proto=https"}]
)
def test_no_proxy_sets_the_host(proxied: World, header: dict[str, str]) -> None:
    assert f"http://{HOST}" == installs_from(proxied, address=PROXY, headers=header)


def test_the_base_url_wins(based: World) -> None:
    for headers in ({}, HTTPS, {"X-Forwarded-Proto": "http"}):
        assert "https://monitor.example.com" == installs_from(based, address=PROXY, headers=headers)


def test_the_cookie_is_bound_to_this_host(proxied: World, based: World) -> None:
    for answer in (log_in(proxied, address=PROXY, headers=HTTPS), log_in(based)):
        held = cookie(answer, BOUND)
        assert (True, True, "strict", "/", "") == (
            held["secure"],
            held["httponly"],
            held["samesite"].lower(),
            held["path"],
            held["domain"],
        )
        assert all(header.startswith("__Host-") for header in answer.headers.get_list("set-cookie"))


def test_it_renews_and_changes(based: World) -> None:
    first = cookie(log_in(based), BOUND).value
    renewed = based.send("POST", REFRESH, headers={"Cookie": f"{BOUND}={first}"})
    assert 200 == renewed.status_code
    assert cookie(renewed, BOUND).value != first


def test_logging_out_deletes_it(based: World) -> None:
    gone = cookie(based.send("POST", "/api/auth/logout", bearer(log_in(based))), BOUND)
    assert ("", "0", "/", True) == (gone.value, gone["max-age"], gone["path"], gone["secure"])


@pytest.mark.parametrize("name", ["monitor_refresh", "__host-monitor_refresh", "__Secure-monitor_refresh"])
def test_a_cookie_without_the_prefix_does_not_count(based: World, name: str) -> None:
    """Any host below example.com could have planted it, with the session of another user."""
    token = cookie(log_in(based), BOUND).value
    assert 401 == based.send("POST", REFRESH, headers={"Cookie": f"{name}={token}"}).status_code
    both = {"Cookie": f"{name}=planted; {BOUND}={token}; {name}=planted"}
    assert 200 == based.send("POST", REFRESH, headers=both).status_code


def test_without_tls_the_prefix_does_not_count(world: World) -> None:
    token = cookie(log_in(world)).value
    assert 401 == world.send("POST", REFRESH, headers={"Cookie": f"{BOUND}={token}"}).status_code


def test_a_known_device_is_known_again(based: World) -> None:
    """Its cookie is of the same kind."""
    device = cookie(log_in(based), f"__Host-monitor_device_{based.admin.id}")
    assert (True, "/") == (device["secure"], device["path"])
    for _ in range(10):
        log_in(based, password="wrong")
    names = (device.key, device.key.removeprefix("__Host-"))
    assert [200, 429] == [log_in(based, headers={"Cookie": f"{name}={device.value}"}).status_code for name in names]


@pytest.mark.parametrize("path", ["/", "/api/servers", "/healthz", "/schema", "/nowhere"])
def test_browsers_get_hsts(based: World, path: str) -> None:
    """Only over TLS: on a plain connection the header has no effect."""
    answer = based.send("GET", path, address=PROXY, headers=HTTPS)
    assert ["max-age=31536000"] == answer.headers.get_list(HSTS)
    for plain in ({"address": PROXY}, {"headers": HTTPS}, {"headers": HTTPS | {"Host": "evil.example"}}):
        assert HSTS not in based.send("GET", path, **plain).headers


def test_without_an_https_address_there_is_no_hsts(proxied: World, new_world: NewWorld) -> None:
    """It may have been a trial: the header binds for a year."""
    plain = new_world(trusted_proxies=(ip_network(PROXY),), base_url="http://monitor.example.com")
    for world in (proxied, plain):
        assert HSTS not in world.send("GET", "/", address=PROXY, headers=HTTPS).headers
