"""One host has one spelling: whether two addresses are equal is decided in one place."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import canonical_ip

v4 = st.ip_addresses(v=4)
v6 = st.ip_addresses(v=6) | st.sampled_from([IPv6Address(n) for n in (0, 1, 1 << 127, 0xFFFF << 112, 0x1_0000)])


def spellings(address: IPv6Address) -> list[str]:
    """Draw spellings of an address, of which RFC 4291 allows many."""
    # Not out of `exploded`: since Python 3.13 it writes an IPv4-mapped address with dots.
    groups = [f"{int(address) >> shift & 0xFFFF:04x}" for shift in range(112, -1, -16)]
    dotted = str(IPv4Address(int(address) & 0xFFFF_FFFF))
    return [
        str(address),
        ":".join(groups),
        ":".join(groups).upper(),
        ":".join(group.lstrip("0") or "0" for group in groups),
        ":".join(groups[:6]) + f":{dotted}",
        f"  {address.compressed.upper()}\t",
    ]


@given(v4 | v6)
def test_a_canonical_address_is_its_own_canonical_form(address):
    once = canonical_ip(str(address))
    assert canonical_ip(once) == once
    assert len(once) <= 45
    assert once.isascii()
    assert once == once.lower()


@given(v6)
def test_every_spelling_of_an_address_is_the_same(address):
    assert len({canonical_ip(text) for text in spellings(address)}) == 1


@given(v4 | v6, v4 | v6)
def test_different_addresses_stay_different(one, two):
    def plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
        return getattr(address, "ipv4_mapped", None) or address

    assert (canonical_ip(str(one)) == canonical_ip(str(two))) is (plain(one) == plain(two))


@given(v4)
def test_a_mapped_address_is_its_ipv4(address):
    """A dual-stack socket shows every IPv4 host so."""
    mapped = IPv6Address((0xFFFF << 32) | int(address))
    for text in (f"::ffff:{address}", f"::FFFF:{address}", f"0:0:0:0:0:ffff:{address}", mapped.exploded, str(mapped)):
        assert canonical_ip(text) == str(address)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("192.168.1.100", "192.168.1.100"),
        ("2001:0DB8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  # RFC 5952, 4.2.2: one group alone is not shortened
        ("::", "::"),
        ("::1", "::1"),
        ("::1.2.3.4", "::102:304"),
        ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
    ],
)
def test_the_form_is_rfc_5952s(text, canonical):
    assert canonical_ip(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "localhost",
        "192.168.1",
        "192.168.1.256",
        "192.168.1.1.1",
        "010.0.0.1",  # octal to some programs, decimal to others
        "0x7f.0.0.1",
        "2130706433",
        "192.168.1.0/24",
        "192.168.1.1:80",
        "[::1]",
        "::1::",
        "1:2:3:4:5:6:7:8:9",
        "fe80::1%eth0",
        "fe80::1%",
        "::ffff:192.0.2.1%1",
        "192.0.2.1%eth0",
        "１９２.0.2.1",
        "192.0.2.1\0",
        "192.0.2.1\n192.0.2.2",
        "\ud800",
        "1" * 100_000,
        ":" * 100_000,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(InvalidInput) as caught:
        canonical_ip(text)
    assert {name: problem.code for name, problem in caught.value.problems.items()} == {"ip_address": "invalid_ip"}


@given(st.text() | st.text("0123456789abcdefABCDEF.:%/ \n", max_size=45))
def test_any_text_is_an_address_or_refused(text):
    try:
        canonical = canonical_ip(text)
    except InvalidInput:
        return
    assert str(ip_address(canonical)) == canonical
