"""What every answer says about how it may be used."""

from collections.abc import Iterable

Header = tuple[bytes, bytes]

_CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# Swagger UI draws with style attributes and data: images; its scripts are files of ours.
_SCHEMA_CSP = f"{_CSP}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
# The screen saves charts as pictures, and a build may put a small one into a style sheet.
_UI_CSP = f"{_CSP}; img-src 'self' data: blob:"
_HEADERS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_PERMISSIONS: Header = (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()")
# For a year, and for no other host of the domain.
_HSTS: Header = (b"strict-transport-security", b"max-age=31536000")
_NO_STORE: Header = (b"cache-control", b"no-store")


def is_api(path: str) -> bool:
    """The screen may well have an address such as /api-keys."""
    return path == "/api" or path.startswith("/api/")


def security_headers(
    path: str, *, is_ui: bool = False, hsts: bool = False, present: Iterable[Header] = ()
) -> list[Header]:
    """To be added to those that are *present*. *is_ui*: a page or file of the screen. *hsts*: people
    come to this host over TLS alone."""
    policy = _UI_CSP if is_ui else _SCHEMA_CSP if path.startswith("/schema") else _CSP
    headers = [*_HEADERS, (b"content-security-policy", policy.encode())]
    if not is_api(path):
        headers.append(_PERMISSIONS)
    elif not any(name.lower() == b"cache-control" for name, _ in present):
        headers.append(_NO_STORE)
    if hsts:
        headers.append(_HSTS)
    return headers
