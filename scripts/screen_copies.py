"""Write the screen's copies of the domain's rules, as TypeScript below frontend/src."""

import json
from collections.abc import Iterable

from scripts.steps import ROOT

SOURCES = ROOT / "frontend" / "src"


def write(texts: dict[str, str]) -> None:
    """Write each text to its path below frontend/src."""
    for path, text in texts.items():
        (SOURCES / path).write_text(text)


def lines(rows: Iterable[object]) -> str:
    """Return the elements of an array, one a line."""
    return "".join(f"  {in_json(row)},\n" for row in rows)


def in_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
