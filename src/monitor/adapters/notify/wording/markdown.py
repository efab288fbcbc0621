"""The notes of policies in mails: a little of Markdown as HTML.

Headings, lists, code, bold, italic and links to http, https and mailto. Everything else, HTML above all, stays the text
that it is. The screen's `MarkdownText.vue` shows the same.
"""

import re
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby

_FENCE = re.compile(r"\s*(```|~~~)")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_BULLET = re.compile(r"\s*[-*+]\s+(.*)")
_NUMBER = re.compile(r"\s*\d{1,9}[.)]\s+(.*)")
_SAFE = r"(?:https?://|mailto:)[^\s()<>\"']+"
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|\*(?P<italic>[^*\s][^*]*)\*"
    rf"|\[(?P<text>[^\[\]]+)\]\((?P<link>{_SAFE})\)|(?P<address>https?://[^\s()<>\"']+)"
)
_STYLE = re.compile(r' style="[^"]*"')
_CODE = "background:#f4f5f7;font-family:monospace"


def note_html(note: str) -> str:
    """Return *note*, lines without control characters, as HTML."""
    return "".join(f"{_block(kind, lines)}" for kind, lines in _blocks(note))


def plain_note_html(note: str) -> str:
    """Return the same without styles, for a page that has a style sheet."""
    return _STYLE.sub("", note_html(note))  # in texts, quotation marks are escaped


def _blocks(note: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each block: its kind, and its lines without their marks."""
    for kind, members in groupby(_marked(note), key=lambda each: each[0]):
        lines = [line for _, line in members]
        if kind == "heading":
            yield from ((kind, [line]) for line in lines)
        elif kind != "gap":
            yield kind, lines


def _marked(note: str) -> Iterator[tuple[str, str]]:
    is_code = False
    for line in note.split("\n"):
        if _FENCE.match(line):
            is_code = not is_code
            yield "gap", ""
        elif is_code:
            yield "code", line
        elif not line.strip():
            yield "gap", ""
        elif found := _HEADING.fullmatch(line):
            yield "heading", found[1]
        elif found := _BULLET.fullmatch(line):
            yield "bullets", found[1]
        elif found := _NUMBER.fullmatch(line):
            yield "numbers", found[1]
        else:
            yield "text", line


def _block(kind: str, lines: list[str]) -> str:
    match kind:
        case "code":
            return f'<pre style="margin:4px 0;padding:6px 8px;white-space:pre-wrap;{_CODE}">{_plain(lines)}</pre>'
        case "heading":
            return f'<p style="margin:8px 0 4px"><strong>{_inline(lines[0])}</strong></p>'
        case "bullets" | "numbers":
            tag = "ul" if kind == "bullets" else "ol"
            items = "".join(f"<li>{_inline(line)}</li>" for line in lines)
            return f'<{tag} style="margin:4px 0;padding-left:24px">{items}</{tag}>'
        case _:
            return f'<p style="margin:4px 0">{"<br>".join(map(_inline, lines))}</p>'


def _plain(lines: list[str]) -> str:
    return escape("\n".join(lines))


def _inline(line: str) -> str:
    parts, end = [], 0
    for found in _INLINE.finditer(line):
        parts += [escape(line[end : found.start()]), _SHOWN[found.lastgroup or ""](found)]
        end = found.end()
    return "".join([*parts, escape(line[end:])])


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}" rel="noopener noreferrer">{escape(text)}</a>'


_SHOWN: dict[str, Callable[[re.Match[str]], str]] = {
    "code": lambda found: f'<code style="{_CODE}">{escape(found["code"])}</code>',
    "bold": lambda found: f"<strong>{escape(found['bold'])}</strong>",
    "italic": lambda found: f"<em>{escape(found['italic'])}</em>",
    "link": lambda found: _link(found["link"], found["text"]),
    "address": lambda found: _link(found["address"], found["address"]),
}
"""By the last group that a match has."""
