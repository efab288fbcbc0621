"""Secrets as people may see them."""

from urllib.parse import urlsplit, urlunsplit

MASK = "***"
"""Stands where a secret is; a setting that holds it was copied from what is shown, and is refused."""


def without_secrets(url: str) -> str:
    """*url* without its userinfo and the values of its query, where tokens travel."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    userinfo, at, host = parts.netloc.rpartition("@")
    netloc = f"{MASK}@{host}" if at and userinfo else host
    return urlunsplit((parts.scheme, netloc, parts.path, _masked_query(parts.query), ""))


def _masked_query(query: str) -> str:
    names = [(name, equals) for name, equals, _ in (part.partition("=") for part in query.split("&")) if name]
    return "&".join(f"{name}={MASK}" if equals else MASK for name, equals in names)
