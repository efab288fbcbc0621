"""Which addresses a setting may send the server to."""

import pytest

from monitor.adapters.outbound.destinations import Destinations, networks

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "223.5.5.5",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "2400:3200::1",
    "2a00::1",
]
PUBLIC_EMBEDDED = ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
REFUSED = [
    "0.0.0.0",  # noqa: S104 - an address to refuse, not one to listen on.
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # Alibaba's metadata
    "127.0.0.1",
    "127.1.2.3",
    "168.63.129.16",  # Azure's
    "169.254.0.1",
    "169.254.169.254",  # everybody else's
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::a9fe:a9fe",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",  # Amazon's over IPv6
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "localhost",
    "",
    "127.1",
    "2130706433",
]


@pytest.mark.parametrize("address", [*PUBLIC, *PUBLIC_EMBEDDED])
def test_public_addresses_are_taken(address):
    """In whatever form they are written."""
    assert Destinations().allows(address)


@pytest.mark.parametrize("address", REFUSED)
def test_everything_else_is_refused(address):
    """Private, local, reserved, hidden inside another address, or not an address at all."""
    assert not Destinations().allows(address)


def test_an_operator_can_allow_networks():
    """Those and no more; mapped into IPv6 they are the same."""
    destinations = Destinations(networks(["10.1.0.0/16", "fd12::/32", "::1/128"]))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::5", "::1", "8.8.8.8"):
        assert destinations.allows(address)
    for address in ("10.2.0.1", "fd13::1", "127.0.0.1", "169.254.169.254"):
        assert not destinations.allows(address)
