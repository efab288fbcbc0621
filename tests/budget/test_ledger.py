"""The budget says what grew, asks to be lowered, and is written on demand."""

from pathlib import Path

import pytest

from tests.budget.ledger import CALLS, HEADER, STATEMENTS, Ledger

WORK = "a group"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    (tmp_path / "budget.md").write_text("# Budget\n\n" + HEADER)
    for unit, parts in ((STATEMENTS, {"SELECT": 2.0}), (CALLS, {"slow": 60.0, "fast": 40.0})):
        Ledger(tmp_path, writes=True).check(unit, WORK, parts)
    return Ledger(tmp_path, writes=False)


@pytest.mark.parametrize(
    ("unit", "parts"), [(STATEMENTS, {"SELECT": 2.0}), (CALLS, {"slow": 64.0, "fast": 41.0}), (CALLS, {"slow": 90.0})]
)
def test_within_the_budget(ledger: Ledger, unit: str, parts: dict[str, float]) -> None:
    ledger.check(unit, WORK, parts)


def test_more_names_what_grew(ledger: Ledger) -> None:
    with pytest.raises(AssertionError, match=r"3 SQL statements, and its budget is 2.*\n  0 → 1  INSERT"):
        ledger.check(STATEMENTS, WORK, {"SELECT": 2.0, "INSERT": 1.0})
    with pytest.raises(AssertionError, match=r"grew:\n  0 → 4  new\n  40 → 42  fast$"):
        ledger.check(CALLS, WORK, {"slow": 60.0, "fast": 42.0, "new": 4.0})


def test_less_asks_for_a_lower_budget(ledger: Ledger) -> None:
    with pytest.raises(AssertionError, match=r"takes only 89 Python calls.*`make budget`"):
        ledger.check(CALLS, WORK, {"slow": 89.0})


def test_a_work_without_a_budget_and_a_budget_without_a_work(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"no budget of SQL statements"):
        ledger.check(STATEMENTS, "another", {"SELECT": 1.0})
    with pytest.raises(AssertionError, match=r"nothing measures"):
        ledger.only(STATEMENTS, ["another"])
    Ledger(tmp_path, writes=True).only(STATEMENTS, ["another"])
    ledger.only(STATEMENTS, ["another"])
    ledger.check(CALLS, WORK, {"slow": 60.0, "fast": 40.0})
