from typing import Any

from bench.figures import Figure, Result
from bench.report import page, table

ABOUT = {
    "cpu": "a fast one",
    "cores": 2,
    "memory": "4 GiB",
    "system": "Linux 6.1",
    "python": "3.13.1",
    "mariadb": "11.8.3",
    "load": 0.2,
    "when": "2026-11-25 13:00",
    "commit": "0a1b2c3d",
    "rounds": 3,
    "seconds": 5.0,
}


def result(*figures: Figure, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"about": ABOUT, **Result(figures=figures, rounds={}, notes=notes).as_json()}


def test_missed_goals_are_reported_like_reached_ones():
    text = table(
        {
            "intake": result(Figure(what="p99", goal="≤ 20 ms", measured="31 ms", met=False)),
            "batches": result(Figure(what="p99", goal="≤ 25 ms", measured="9 ms", beside="peer 1 ms", met=True)),
            "agent": result(Figure(what="size", goal="", measured="17 MB")),
        }
    )
    assert text.splitlines()[2:] == [
        "| p99 | ≤ 20 ms | 31 ms |  | **missed** |",
        "| p99 | ≤ 25 ms | 9 ms | peer 1 ms | reached |",
        "| size |  | 17 MB |  |  |",
    ]


def test_the_page_has_machine_method_and_notes():
    text = page({"intake": result(Figure(what="p99", goal="", measured="31 ms"), notes=("a peer was not there",))})
    assert "| intake | 2026-11-25 13:00 UTC | 0a1b2c3d | 3 × 5 s | 2 cores (a fast one), 4 GiB, Linux 6.1" in text
    assert "- a peer was not there" in text
    assert "![](intake.png)" in text
