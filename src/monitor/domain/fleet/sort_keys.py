"""Keys that bring names and addresses into the order which people expect."""

import re
import unicodedata
from ipaddress import ip_address

_NUMBER = re.compile("[0-9]+")


def name_key(name: str) -> str:
    """Return a key for the natural order: web-2 before web-10, whatever the case, and é beside e.

    Before each number stands how many digits it has, after a digit, so that numbers sort among other characters as
    digits do.
    """
    folded = name.casefold()
    if not folded.isascii():
        folded = "".join(each for each in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(each))
    return _NUMBER.sub(_with_length, folded)


def _with_length(found: re.Match[str]) -> str:
    digits = found[0].lstrip("0")
    return f"0{chr(len(digits))}{digits}"


def address_key(canonical: str) -> bytes:
    """Return a key for a canonical address: 10.0.0.9 before 10.0.0.10, and IPv4 before IPv6."""
    if ":" in canonical:
        return b"6" + ip_address(canonical).packed
    return b"4" + bytes(map(int, canonical.split(".")))
