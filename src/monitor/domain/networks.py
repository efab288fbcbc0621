"""Who counts as one client."""

from ipaddress import IPv6Address, IPv6Network, ip_address


def client_network(address: str) -> str:
    """The address itself, of IPv6 its /64: one customer has all of that to send from. As it is where it is none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    # On a socket that takes both families, IPv4 arrives mapped: all of it would share one /64.
    return str(parsed.ipv4_mapped or IPv6Network((parsed, 64), strict=False))
