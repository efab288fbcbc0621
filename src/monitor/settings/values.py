"""What the text of a variable means. Each raises ValueError, which says what the text must be."""

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from monitor.adapters.security.cipher import parsed_keys
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.users import DEFAULT_PASSWORD, DEFAULT_USERNAME, check_password
from monitor.domain.errors import InvalidInput
from monitor.domain.text import checked_email

Network = IPv4Network | IPv6Network

MIN_SECRET_BYTES = 32
# No more than this: the address also stands in the agent's installer, a shell script.
_WEB_ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")
_HOST_NAME = re.compile(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


def host_name(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"must be a host's name or address, not {text!r}")
    return text


def port_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise ValueError(f"must be a port from 1 to 65535, not {text!r}")
    return int(text)


def limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:8]) <= 1_000_000):
        raise ValueError(f"must be a whole number from 1 to 1000000, not {text!r}")
    return int(text)


def seconds(text: str) -> timedelta:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 86400 * 30:
        raise ValueError(f"must be a number of seconds from 1 to 2592000, not {text!r}")
    return timedelta(seconds=value)


def secret(text: str) -> str:
    if len(text.encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes long")
    return text


def keys_in_file(path: str) -> tuple[bytes, ...]:
    try:
        return parsed_keys(Path(path).read_text())
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text") from None
    except OSError as error:
        raise ValueError(f"can't read {path}: {error.strerror}") from None


def first_password(text: str) -> str:
    if text == DEFAULT_PASSWORD:
        raise ValueError("choose another one than the documented default")
    try:
        check_password(text, username=DEFAULT_USERNAME, role=Role.ADMIN)
    except InvalidInput as error:
        # Common ones are refused when it is used: an upgrade with a longer list must not stop a start.
        if [problem.code for problem in error.problems.values()] != ["common_password"]:
            raise ValueError("must be 8 to 128 characters, and not the user's name") from None
    return text


def web_address(text: str) -> str:
    found = _WEB_ADDRESS.fullmatch(text)
    if not found or (found[2] and not 1 <= int(found[2][1:]) <= 65535):
        raise ValueError(f"must be an address such as https://monitor.example.com, not {text!r}")
    return text.rstrip("/")


def host_names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for name in names:
        if not (_HOST_NAME.fullmatch(name) or _is_address(name)):
            raise ValueError(f"must be names such as monitor.lan or *.example.com separated by commas, not {name!r}")
    return names


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"must be addresses or networks separated by commas ({error})") from None


def proxies(text: str) -> tuple[Network, ...]:
    return tuple(_plain_network(network) for network in networks(text))


def _plain_network(network: Network) -> Network:
    """`::ffff:10.0.0.0/104` is 10.0.0.0/8: the addresses of clients are written so."""
    if isinstance(network, IPv4Network) or network.network_address.ipv4_mapped is None or network.prefixlen < 96:
        return network
    return IPv4Network((network.network_address.ipv4_mapped, network.prefixlen - 96))


def mailbox(text: str) -> str:
    try:
        found = checked_email(text)
    except InvalidInput:
        found = None
    if found is None:
        raise ValueError(f"must be an e-mail address, not {text!r}")
    return found
