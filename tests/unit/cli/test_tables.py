"""What commands print about a running server."""

import json

import pytest

from monitor.cli.tables import print_json, print_table

HOSTILE = "web\x1b[31m\u202e\r\n\u2028\x7f\x9b\u200b\U000e0001"


def test_columns_are_aligned_in_any_script(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("ID", "NAME", "VALUE"), [(7, "数据库", 81.25), (1200, "e\u0301té", None), (3, "", 5.0)])
    assert [
        "  ID  NAME    VALUE",
        "   7  数据库  81.25",
        "1200  e\u0301té         -",
        "   3  -           5",
    ] == capsys.readouterr().out.splitlines()


def test_an_empty_table_has_its_titles(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("ID", "NAME"), [])
    assert "ID  NAME\n" == capsys.readouterr().out


def test_nothing_reaches_the_terminal_but_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("NAME",), [(HOSTILE,)])
    print_json([{HOSTILE: [HOSTILE, "数据库", 1.5, None]}])
    printed = capsys.readouterr().out
    assert [] == [c for c in printed if c != "\n" and not c.isprintable()]
    _, row, rest = printed.split("\n", 2)
    assert row.startswith("web\\u001b[31m\\u202e")
    assert [{HOSTILE: [HOSTILE, "数据库", 1.5, None]}] == json.loads(rest)
