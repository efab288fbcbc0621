"""Notices of the quiet rule as text, beside events and notifications."""

import msgspec

from monitor.domain.alerts.quiet import Notice

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Notice).decode


def notice_text(notice: Notice | None) -> str | None:
    return None if notice is None else _encode(notice).decode()


def to_notice(text: str | None) -> Notice | None:
    return None if text is None else _decode(text)
