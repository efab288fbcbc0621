"""The table in docs/drills.md: the last run of each drill."""

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "drills.md"
HEAD = "| drill | attack | size | result | missing or twice | other figures | seconds | date | version |"
RULE = "|" + "---|" * HEAD.count(" | ") + "---|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """*result*: held or fell. *version*: the commit, with a `+` if it was not all committed."""

    name: str
    attack: str
    size: str
    result: str
    missed: str
    seen: str
    seconds: str
    date: str
    version: str

    def __str__(self) -> str:
        name, *others = (" ".join(str(cell).replace("|", "\\|").split()) or "-" for cell in astuple(self))
        return f"| {' | '.join([f'`{name}`', *others])} |"


def write(page: Path, rows: Mapping[str, Row], order: Collection[str]) -> None:
    """Replace the *rows* that were run, by name; others stay. Rows stand in that *order*, which names all drills.

    Raises ValueError if the page has no such table.
    """
    lines = page.read_text().splitlines()
    if HEAD not in lines:
        raise ValueError(f"{page} has no table that begins with: {HEAD}")
    first = lines.index(HEAD) + 2
    last = next((n for n in range(first, len(lines)) if not lines[n].startswith("|")), len(lines))
    kept = {line.split("`")[1]: line for line in lines[first:last] if "`" in line}
    kept |= {name: str(row) for name, row in rows.items()}
    lines[first:last] = [kept[name] for name in order if name in kept]
    whole = page.with_suffix(".new")
    whole.write_text("\n".join(lines) + "\n")
    whole.replace(page)
