"""Notices of the quiet rule, and what it keeps, as text."""

import msgspec

from monitor.domain.alerts.quiet import Notice, Quiet

_encode = msgspec.json.Encoder().encode
_notice = msgspec.json.Decoder(Notice).decode
_quiet = msgspec.json.Decoder(Quiet).decode


def notice_text(notice: Notice | None) -> str | None:
    return None if notice is None else _encode(notice).decode()


def to_notice(text: str | None) -> Notice | None:
    return None if text is None else _notice(text)


def quiet_text(quiet: Quiet) -> str:
    return _encode(quiet).decode()


def to_quiet(text: str | None) -> Quiet:
    return Quiet() if text is None else _quiet(text)
