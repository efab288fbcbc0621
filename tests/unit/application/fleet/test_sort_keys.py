"""Names and addresses sort as people expect."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from hypothesis import given
from hypothesis import strategies as st

from monitor.application.fleet.listing import address_key, name_key

names = st.text("aAbB-_. 0123456789é", min_size=1, max_size=12)


def natural(name: str) -> list[tuple[str, int]]:
    """Return the parts of a plain name: a number counts as the digit 0 beside other characters."""
    parts = re.findall("[0-9]+|[^0-9]", name.lower())
    return [("0", int(part)) if part.isdigit() else (part, 0) for part in parts]


@given(names, names)
def test_numbers_in_names_compare_as_numbers_and_case_does_not_count(one: str, other: str) -> None:
    one, other = one.replace("é", "e"), other.replace("é", "e")
    assert (natural(one) < natural(other)) is (name_key(one) < name_key(other))
    assert (natural(one) == natural(other)) is (name_key(one) == name_key(other))


def test_names_in_their_order() -> None:
    expected = ["01", "10", "db", "Élan", "elan 2", "web", "web-2", "Web-10", "web-10a", "服务器 9", "服务器 10"]
    assert expected == sorted(expected, key=name_key)


def test_leading_zeros_and_wide_digits_do_not_count() -> None:
    assert name_key("web-7") == name_key("WEB-007") == name_key("web-７")


@given(st.lists(st.ip_addresses(v=4)), st.lists(st.ip_addresses(v=6)))
def test_addresses_are_in_the_order_of_their_numbers_and_ipv4_is_first(
    four: list[IPv4Address], six: list[IPv6Address]
) -> None:
    expected = [str(each) for each in (*sorted(four), *sorted(six))]
    assert expected == sorted(map(str, [*six, *four]), key=address_key)


@given(st.ip_addresses(), st.ip_addresses())
def test_different_addresses_have_different_keys(one: object, other: object) -> None:
    assert (one == other) is (address_key(str(one)) == address_key(str(other)))
    assert ip_address(str(one)) == one
