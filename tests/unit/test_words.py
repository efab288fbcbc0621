"""One word for one thing: the retired words of CONTRIBUTING's glossary appear nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "CONTRIBUTING.md"
ROW = re.compile(r"^\|[^|]*\|([^|]*)\|[^|]*\|$", re.MULTILINE)
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "docs/decisions/*.md", "docs/benchmarks/*.md")

ALLOWED = {
    r"untold": "The API promises this field in the answer of /api/alerts/coverage.",
    r"`bulletins`|`happening`|`alerts\.last_told_at`": "The changelog says what a migration renamed.",
}
"""Patterns of retired words that stay, and why."""


def retired() -> Iterator[str]:
    """Yield a pattern for each retired word. In backquotes it is exact, else in any case and within identifiers."""
    for row in ROW.findall(GLOSSARY.read_text().partition("| write | not |")[2]):
        for word in filter(None, (part.strip() for part in row.split(","))):
            if set(word) <= {"-"}:
                continue
            if word.startswith("`"):
                yield rf"\b{word.strip('`')}\b"
            else:
                yield "(?i)(?<![a-z])" + re.escape(word).replace(r"\ ", r"[ _]+") + r"s?(?![a-z])"


def prose() -> Iterator[tuple[str, str]]:
    """Yield name and text of each file, without the glossary's table."""
    paths = [*(ROOT / "src/monitor").rglob("*.py"), *(path for glob in DOCUMENTS for path in ROOT.glob(glob))]
    for path in paths:
        text = path.read_text()
        text = ROW.sub("", text) if path == GLOSSARY else text
        yield str(path.relative_to(ROOT)), re.sub("|".join(ALLOWED), "", text)


def found(pattern: str, text: str) -> list[str]:
    """Return the lines of *text* that match."""
    return [line.strip() for line in text.splitlines() if re.search(pattern, line)]


@pytest.mark.parametrize("pattern", sorted(retired()))
def test_a_retired_word_is_written_nowhere(pattern: str) -> None:
    assert [] == [f"{name}: {line}" for name, text in prose() for line in found(pattern, text)]


def test_the_glossary_is_read() -> None:
    """A changed table must not switch the test off."""
    assert r"\bSteps\b" in set(retired())
    assert len(set(retired())) > 10
