"""The table of drills in docs/drills.md: a run of some replaces the rows of these alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from drills.known import DRILLS
from drills.table import HEAD, PAGE, RULE, Row, write

KILLS = Row(
    name="kills",
    attack="it is killed",
    size="50 kills",
    result="held",
    missed="0 of 9",
    seen="",
    seconds="60",
    date="2026-12-01",
    version="abc",
)
SOAK = replace(KILLS, name="soak", size="an hour")
ORDER = ["kills", "soak", "new"]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    made = tmp_path / "drills.md"
    made.write_text(f"# Drills\n\n{HEAD}\n{RULE}\n\nafter it\n")
    return made


def rows(page: Path) -> list[str]:
    return [line for line in page.read_text().splitlines() if line.startswith("| `")]


def test_rows_stand_in_the_order_of_the_drills(page: Path) -> None:
    write(page, {"soak": SOAK}, ORDER)
    write(page, {"kills": KILLS}, ORDER)
    assert [str(KILLS), str(SOAK)] == rows(page)
    assert page.read_text().startswith(
        f"# Drills\n\n{HEAD}\n{RULE}\n| `kills` | it is killed | 50 kills | held | 0 of 9 | - |"
    )
    assert page.read_text().endswith("|\n\nafter it\n")


def test_a_run_replaces_its_own_rows(page: Path) -> None:
    write(page, {"kills": KILLS, "soak": SOAK}, ORDER)
    fallen = replace(KILLS, result="FELL")
    write(page, {"kills": fallen}, ORDER)
    assert [str(fallen), str(SOAK)] == rows(page)


def test_a_drill_that_is_gone_has_no_row(page: Path) -> None:
    write(page, {"kills": KILLS, "soak": SOAK}, ORDER)
    write(page, {}, ["soak"])
    assert [str(SOAK)] == rows(page)


def test_whatever_a_drill_says_is_one_line_of_as_many_cells() -> None:
    line = str(replace(KILLS, seen="two\nlines | and a bar"))
    assert "two lines \\| and a bar" in line
    assert HEAD.count("|") == line.replace("\\|", "").count("|") == RULE.count("|")


def test_a_page_without_the_table_is_left_alone(page: Path) -> None:
    page.write_text("# Drills\n")
    with pytest.raises(ValueError, match="has no table"):
        write(page, {"kills": KILLS}, ORDER)
    assert page.read_text() == "# Drills\n"


def test_the_page_has_rows_of_known_drills_alone() -> None:
    names = [line.split("`")[1] for line in rows(PAGE)]
    assert names == [name for name in DRILLS if name in names]
