"""Which Host headers name this server."""

import pytest

from monitor.adapters.http.edge.hosts import Hosts, known_hosts

LOOPBACK = ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000", "localhost."]
LOOPBACK += ["[0:0:0:0:0:0:0:1]", "127.0.0.1:", "localhost:1"]
NAMES = ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "localhost.."]
NAMES += [
    "monitor.example.com.evil.example",
    "evil.monitor.example.com",
    "other.example.com",
    "xlocalhost",
    "a.localhost",
]
NO_NAMES = [
    "",
    " ",
    "*",
    "\xe9",
    ":8000",
    "localhost:x",
    "localhost:65536",
    "localhost ",
    "localhost\n",
    "localhost\x00",
]
NO_NAMES += ["localhost@evil.example", "evil.example@localhost", "localhost, evil.example", "localhost\\evil.example"]
NO_NAMES += ["localhost/", "http://localhost", "[::1", "::1", "[::1]x", "[::1%25eth0]", "[127.0.0.1]"]
ADDRESSES = ["192.0.2.1", "192.0.2.1:8000", "[2001:db8::1]", "[2001:DB8:0::1]:8000", "0.0.0.0", "[::ffff:127.0.0.1]"]  # noqa: S104 (nothing listens)


def hosts(listens_on: str = "127.0.0.1", base_url: str | None = None, *allowed: str) -> Hosts:
    return known_hosts(listens_on=listens_on, base_url=base_url, allowed=allowed, machine="Web-1.example.org")


@pytest.mark.parametrize("listens_on", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_loopback_only_its_own_names(listens_on: str) -> None:
    known = hosts(listens_on)
    assert [host for host in LOOPBACK if not known.knows(host)] == []
    assert [host for host in [*NAMES, *NO_NAMES, *ADDRESSES, "web-1"] if known.knows(host)] == []


def test_with_a_base_url_its_host_and_loopbacks_names() -> None:
    known = hosts("0.0.0.0", "https://Monitor.example.com:8443/prefix")  # noqa: S104 (nothing listens)
    ours = ["monitor.example.com", "Monitor.Example.COM:8443", "monitor.example.com:80", "monitor.example.com."]
    assert [host for host in [*ours, *LOOPBACK] if not known.knows(host)] == []
    assert [host for host in [*NAMES, *NO_NAMES, *ADDRESSES, "web-1"] if known.knows(host)] == []


def test_the_base_urls_host_may_have_a_final_dot() -> None:
    known = hosts("0.0.0.0", "https://monitor.example.com.:8443")  # noqa: S104 (nothing listens)
    assert known.knows("monitor.example.com")
    assert known.knows("monitor.example.com.:8443")


@pytest.mark.parametrize("base_url", ["http://192.0.2.1:8000", "http://[2001:DB8:0::1]"])
def test_a_base_url_may_be_an_address(base_url: str) -> None:
    known = hosts("192.0.2.1", base_url)
    assert known.knows(base_url.removeprefix("http://").lower())
    assert not known.knows("192.0.2.2")


@pytest.mark.parametrize("listens_on", ["0.0.0.0", "::", "192.0.2.7", "db.lan"])  # noqa: S104 (nothing listens)
def test_where_others_reach_it_addresses_and_the_machines_name(listens_on: str) -> None:
    known = hosts(listens_on)
    ours = ["web-1", "WEB-1.example.org:8000"]
    assert [host for host in [*ours, *LOOPBACK, *ADDRESSES] if not known.knows(host)] == []
    assert [host for host in [*NAMES, *NO_NAMES] if known.knows(host)] == []
    assert known.knows("db.lan") is (listens_on == "db.lan")


def test_a_setting_adds_names() -> None:
    known = hosts("127.0.0.1", "https://monitor.example.com", "monitor.lan", "*.example.net", "192.0.2.1", "fd00:0::1")
    ours = ["monitor.lan", "a.example.net:1", "a.b.example.net", "192.0.2.1", "[fd00::1]", "monitor.example.com"]
    assert [host for host in ours if not known.knows(host)] == []
    assert [host for host in [*NAMES, *NO_NAMES, "example.net", "aexample.net", "192.0.2.2"] if known.knows(host)] == []


def test_a_star_allows_all_names_and_nothing_else() -> None:
    known = hosts("127.0.0.1", None, "*")
    assert [host for host in [*LOOPBACK, *NAMES, *ADDRESSES] if not known.knows(host)] == []
    assert [host for host in NO_NAMES if known.knows(host)] == []
