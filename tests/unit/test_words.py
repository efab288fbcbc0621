"""One word for one thing: the retired words of CONTRIBUTING's glossary appear nowhere."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "CONTRIBUTING.md"
TABLE = "| write | not | meaning |"
ROW = re.compile(r"^\|[^|]*\|([^|]*)\|[^|]*\|$", re.MULTILINE)
TEXTS = (
    *(
        "*.md",
        "docs/*.md",
        "docs/zh/*.md",
        "docs/decisions/*.md",
        "docs/benchmarks/*.md",
        ".importlinter",
        "pyproject.toml",
    ),
    *("src/monitor/**/*.py", "bench/**/*.py", "bench/**/*.lua", "drills/**/*.py", "mutants/**/*.py", "scripts/*"),
    *("tests/**/*.py", "tests/**/*.js", "tests/**/*.sql", "tests/**/*.yaml"),
    *("frontend/src/**/*.ts", "frontend/src/**/*.vue", "frontend/src/**/*.css"),
)

OLD_NAMES = r"\bbulletins\b|\bhappening\b|\blast_told_at\b"
ALLOWED = [
    ("tests/unit/test_words.py", r".*", "It names retired words, as do the next two."),
    (
        "tests/unit/adapters/http/test_sentences.py",
        r'^    r"\\b\(told.*',
        "Words that sentences of the API do not have.",
    ),
    ("frontend/src/locales/words.spec.ts", r"^  \[/.*", "Words that the texts of the screen do not have."),
    ("CHANGELOG.md", OLD_NAMES, "It says what a migration renamed."),
    ("src/monitor/adapters/persistence/backup/taking.py", OLD_NAMES, "It reads tables of older schemas."),
    ("tests/integration/persistence/*", OLD_NAMES, "They migrate tables that have the old names."),
    ("*", r"\b[Uu]ntold(Out)?\b", "The API promises this field in the answer of /api/alerts/coverage."),
    (
        "*",
        r"\btold(?=: (?:bool|boolean|true|false)\b|=|\?|\"|'|`)|(?<=\.)told\b|(?<=\")told(?=\")",
        "The API promises this field, and the reason of this name, in the answer of /api/alerts/explain.",
    ),
    ("frontend/src/*.vue", r"</?summary>|^(details\[open\] )?summary \{", "An element of HTML."),
    ("tests/integration/web/fit.js", r"\bsummary\b", "An element of HTML."),
    (
        "*",
        r"\bsummary(=|: FromQuery|\?: boolean|\": \")|\bif summary:",
        "The API has this parameter of /api/monitor/stats.",
    ),
    ("*", r"(\[|add\()\"summary\"", "Events in calendars have this property."),
    ("scripts/packaging.py", r"\bSummary: ", "RPM gives a line this name."),
    ("bench/lua/report.lua", r"\bsummary\b", "wrk gives its results this name."),
]
"""Files, the retired words that may stay in them, and why."""


def retired() -> Iterator[str]:
    """Yield each retired word as the glossary writes it."""
    for table in GLOSSARY.read_text().split(TABLE)[1:]:
        for row in ROW.findall(table):
            yield from (word for part in row.split(",") if (word := part.strip()) and not set(word) <= {"-"})


def patterns(word: str) -> list[str]:
    """Return patterns for *word*: exact if it is in backquotes, else in any case and within identifiers.

    Each begins with plain text, which is found fast.
    """
    if word.startswith("`"):
        exact = word.strip("`")
        return [rf"{exact}(?<!\w{exact})\b"]
    first, *others = word.split(" ")
    rest = "".join(rf"[ _]+{other}" for other in others)
    return [
        rf"{first}(?<![A-Za-z]{first}){rest}s?(?![a-z])",
        rf"{first.capitalize()}{rest}s?(?![a-z])",
        rf"{first.upper()}(?<![A-Z]{first.upper()}){rest.upper()}S?(?![A-Z])",
    ]


@cache
def prose() -> dict[str, str]:
    """Return the text of each file by its name, without the glossary's tables and what is allowed."""
    texts = {}
    for path in {path for glob in TEXTS for path in ROOT.glob(glob) if path.is_file()}:
        name, text = path.relative_to(ROOT).as_posix(), path.read_text()
        text = ROW.sub("", text) if path == GLOSSARY else text
        for files, pattern, _ in ALLOWED:
            if fnmatch(name, files):
                text = re.sub(pattern, "", text, flags=re.MULTILINE)
        texts[name] = text
    return texts


def found(word: str, text: str) -> list[str]:
    """Return the lines of *text* that have the word."""
    written = [pattern for pattern in patterns(word) if re.search(pattern, text)]
    return [line.strip() for line in text.splitlines() if any(re.search(pattern, line) for pattern in written)]


@pytest.mark.parametrize("word", sorted(set(retired())))
def test_a_retired_word_is_written_nowhere(word: str) -> None:
    assert [] == [f"{name}: {line}" for name, text in prose().items() for line in found(word, text)]


@pytest.mark.parametrize(("files", "pattern", "_why"), ALLOWED)
def test_a_retired_word_is_allowed_only_where_it_is_needed(files: str, pattern: str, _why: str) -> None:
    """An exception that no file needs is removed."""
    names = [name for name in prose() if fnmatch(name, files)]
    assert any(re.search(pattern, (ROOT / name).read_text(), re.MULTILINE) for name in names)


def test_words_are_found_within_identifiers() -> None:
    for text in ("was_told", "lastToldAt", "ToldAlert", "LAST_TOLD", "be told."):
        assert [text] == found("told", text)
    for text in ("stolde", "untold"):
        assert [] == found("told", text)
    assert ["hot_samples", "Hot samples"] == found("hot sample", "hot_samples\nHot samples\nhotel")
    assert ["Steps = 1"] == found("`Steps`", "Steps = 1\nsteps\nAlertSteps")


def test_the_glossary_is_read() -> None:
    """A changed table must not switch the test off."""
    assert {"`Steps`", "told", "回差"} <= set(retired())
