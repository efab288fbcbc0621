"""RFC 6238's own examples, and what an app is shown."""

import base64
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from monitor.adapters.security.factors import PyotpCodes

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """Appendix B, with SHA-1. It has eight digits; the last six are the same."""
    assert PyotpCodes().code(SECRET, seconds // 30) == code[-6:]


@pytest.mark.parametrize(
    ("base_url", "issuer"),
    [
        (None, "monitor"),
        ("https://status.example.com:8443/a", "monitor status.example.com"),
        ("http://192.0.2.1", "monitor 192.0.2.1"),
        ("https://[2001:db8::1]:8000", "monitor"),
    ],
)
def test_an_app_shows_which_server_it_is_for(base_url: str | None, issuer: str) -> None:
    uri = urlsplit(PyotpCodes(base_url).uri(SECRET, "李 ann:b&c"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == f"/{issuer}:李 ann:b&c"
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": [issuer]}


def test_a_qr_code_is_svg_without_anything_from_elsewhere() -> None:
    drawn = PyotpCodes().drawn("otpauth://totp/" + "long" * 200)
    root = ET.fromstring(drawn)  # noqa: S314  # made here
    assert root.tag.endswith("svg")
    assert not [name for element in root.iter() for name in element.attrib if "href" in name]
    assert "script" not in drawn
