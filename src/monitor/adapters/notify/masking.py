"""Secrets as people may see them."""

from urllib.parse import urlsplit

MASK = "***"
"""Stands where a secret is. A setting that holds it was copied from what is shown, and changes nothing."""


def without_secrets(url: str) -> str:
    """Return the scheme, host and port of *url* alone.

    Chat services put their tokens into the path (Slack, Discord, Feishu, Telegram), the query (DingTalk, WeCom) or the
    userinfo, so nothing of these is shown.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    userinfo, at, host = parts.netloc.rpartition("@")
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment
    return f"{parts.scheme}://{MASK + at if userinfo else ''}{host}{'/' + MASK if has_more else parts.path}"
