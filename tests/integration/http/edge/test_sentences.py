"""Whatever the core may answer has its sentence in every language: found by reading the source."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import monitor
from monitor.adapters.http.edge.words import messages
from monitor.adapters.http.edge.words.sentences import PAGES, PROBLEMS, REASONS, SUCCESS
from monitor.application.intake.store_samples import Outcome
from monitor.domain.accounts.users import LOCALES
from monitor.domain.errors import MonitorError, Problem

SOURCES = sorted(Path(monitor.__file__).parent.rglob("*.py"))
CHINESE, ENGLISH = "zh-CN", "en"
NEVER_ANSWERED = {
    *("error", "schema_drift", "migration_refused", "backup_refused"),
    *("closed", "schema_unsuitable", "name_is_ambiguous"),
}
"""Of the base class, which is never raised, of commands that migrate, back up and restore, and of the library."""


def parsed() -> Iterator[tuple[Path, ast.AST]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            yield path, node


def problems() -> dict[str, set[str] | None]:
    """Every code of a Problem in the source, with its figures (None: not written there)."""
    found: dict[str, set[str] | None] = {}
    for _, node in parsed():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem" and node.args:
            figures = node.args[1] if len(node.args) > 1 else ast.Dict([], [])
            names = (
                {str(key.value) for key in figures.keys if isinstance(key, ast.Constant)}
                if isinstance(figures, ast.Dict)
                else None
            )
            for code in constants(node.args[0]):
                found[code] = names
    return found


def constants(node: ast.AST) -> Iterator[str]:
    """Both of a choice between two."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant):
        yield str(node.value)


def reasons() -> set[str]:
    """Of every error class, in whatever package."""
    return {
        *(str(value.value) for _, node in parsed() for value in said_reasons(node) if isinstance(value, ast.Constant)),
    }


def said_reasons(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.ClassDef):
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "reason")
    elif isinstance(node, ast.Assign) and any(
        isinstance(each, ast.Name) and each.id == "reason" for each in node.targets
    ):
        yield node.value


def said_in(language: str, *, code: str, **params: object) -> str:
    messages.use_language(language)
    return messages.problem(Problem(code, params))


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_the_source_is_read() -> None:
    """Else the tests below would check nothing."""
    assert {"threshold_required", "masked", "too_long", "too_many", "invalid_url"} <= problems().keys()
    assert {"policy_exists", "alert_closed", "invalid_json"} <= reasons()


@pytest.mark.parametrize(("code", "figures"), problems().items())
def test_every_problem_has_its_sentences(code: str, figures: set[str] | None) -> None:
    """In each language with the figures that come with it."""
    given = dict.fromkeys(figures or {"limit", "low", "high", "choices", "expected"}, "7")
    chinese, english = (said_in(language, code=code, **given) for language in (CHINESE, ENGLISH))
    assert is_chinese(chinese)
    assert english.isascii()
    assert (figures is None) or all("7" in text for text in (chinese, english) if figures)


@pytest.mark.parametrize(
    "reason", sorted(reasons() - NEVER_ANSWERED | {outcome.value for outcome in Outcome} - {"stored", "duplicate"})
)
def test_every_reason_has_its_sentences(reason: str) -> None:
    messages.use_language(CHINESE)
    chinese, unknown = messages.failure(reason), messages.failure("internal")
    messages.use_language(ENGLISH)
    english = messages.failure(reason)
    assert is_chinese(chinese)
    assert english.isascii()
    assert reason == "internal" or unknown != chinese


def test_every_error_the_core_knows_is_among_the_reasons() -> None:
    def below(kind: type[MonitorError]) -> Iterator[type[MonitorError]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    assert {kind.reason for kind in below(MonitorError)} <= reasons()


def test_every_sentence_exists_in_each_language_and_mentions_the_same() -> None:
    tables = (SUCCESS, REASONS, PROBLEMS, PAGES)
    for table in tables:
        for key, sentences in table.items():
            assert len(LOCALES) == len(sentences)
            chinese, english = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in sentences)
            assert chinese == english, key
