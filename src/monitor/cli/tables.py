"""What commands print about a running server: aligned tables for people, JSON for scripts."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

import click

from monitor.domain.text import escaped

_GAP = "  "


def print_json(data: Any) -> None:
    """Print *data*. What could confuse a terminal is escaped, which is the same JSON."""
    click.echo("\n".join(map(escaped, json.dumps(data, ensure_ascii=False, indent=2).split("\n"))))


def print_table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under *titles*. Numbers stand at the right; None is shown as a dash."""
    columns = [_column(title, [row[index] for row in rows]) for index, title in enumerate(titles)]
    for line in zip(*columns, strict=True):
        click.echo(_GAP.join(line).rstrip())


def _column(title: str, values: Sequence[object]) -> list[str]:
    """Return title and values as texts of one width."""
    known = [value for value in values if value is not None]
    is_number = bool(known) and all(isinstance(value, (int, float)) for value in known)
    cells = [title, *map(_cell, values)]
    width = max(map(_width, cells))
    return [_padded(cell, width - _width(cell), is_number) for cell in cells]


def _cell(value: object) -> str:
    match value:
        case None | "":
            return "-"
        case float():
            return f"{value:.10g}"
    return escaped(str(value))


def _padded(cell: str, space: int, is_number: bool) -> str:
    return " " * space + cell if is_number else cell + " " * space


def _width(text: str) -> int:
    """Return how many columns a terminal needs: Chinese characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)
