"""The table of what work may cost, and what each number is made of: docs/benchmarks/budget.md and .json.

`BUDGET=write pytest FILE` writes the numbers of a file's tests.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

DIRECTORY = Path(__file__).parents[2] / "docs" / "benchmarks"
HEADER = "| work | unit | budget |\n|---|---|---|\n"
STATEMENTS, ROUND_TRIPS, ROWS, CALLS = "SQL statements", "round trips", "rows read", "Python calls"
MAY_GROW = {STATEMENTS: 0.0, ROUND_TRIPS: 0.0, ROWS: 0.05, CALLS: 0.05}
"""Share of the budget."""
MAY_SHRINK = 0.1
MOST_NAMED = 12

Parts = Mapping[str, float]
"""What was counted, by the statement or function."""


class Ledger:
    def __init__(self, directory: Path = DIRECTORY, *, writes: bool | None = None) -> None:
        self._table, self._parts = directory / "budget.md", directory / "budget.json"
        self._writes = os.environ.get("BUDGET") == "write" if writes is None else writes

    def check(self, unit: str, work: str, parts: Parts) -> None:
        """Raise AssertionError if *work* costs more, or much less, than its budget; or write its cost as the budget."""
        cost = round(sum(parts.values()), 1)
        if self._writes:
            self._save({**self._rows(), (unit, work): cost}, {**self._known(), f"{unit}: {work}": _written(parts)})
            return
        budget = self._rows().get((unit, work))
        assert budget is not None, f"{work} has no budget of {unit}: `make budget` writes it"
        share = f"{cost:g} {unit}, and its budget is {budget:g}"
        assert cost <= budget * (1 + MAY_GROW[unit]), (
            f"{work} takes {share}. What grew:\n{self._grown(unit, work, parts)}"
        )
        assert cost >= budget * (1 - MAY_SHRINK), f"{work} takes only {share}: lower it with `make budget`"

    def only(self, unit: str, works: Iterable[str]) -> None:
        """Raise AssertionError if other works have a budget of this *unit*; or delete those rows."""
        rows, kept = self._rows(), {(unit, work) for work in works}
        gone = {key for key in rows if key[0] == unit} - kept
        if self._writes:
            known = {name: parts for name, parts in self._known().items() if tuple(name.split(": ", 1)) not in gone}
            self._save({key: budget for key, budget in rows.items() if key not in gone}, known)
            return
        assert not gone, f"nothing measures {sorted(gone)}: `make budget` deletes these rows"

    def _grown(self, unit: str, work: str, parts: Parts) -> str:
        known = self._known().get(f"{unit}: {work}", {})
        growth = {name: count - known.get(name, 0) for name, count in _written(parts).items()}
        named = sorted((name for name in growth if growth[name] > 0), key=lambda name: (-growth[name], name))
        return "\n".join(f"  {known.get(name, 0):g} → {parts[name]:g}  {name}" for name in named[:MOST_NAMED])

    def _rows(self) -> dict[tuple[str, str], float]:
        rows = self._table.read_text().partition(HEADER)[2].splitlines()
        cells = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows)
        return {(unit, work): float(budget.replace(",", "")) for work, unit, budget in cells}

    def _known(self) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = json.loads(self._parts.read_text()) if self._parts.exists() else {}
        return found

    def _save(self, rows: Mapping[tuple[str, str], float], known: Mapping[str, Parts]) -> None:
        lines = [f"| {work} | {unit} | {budget:,g} |\n" for (unit, work), budget in sorted(rows.items(), key=_place)]
        self._table.write_text(self._table.read_text().partition(HEADER)[0] + HEADER + "".join(lines))
        self._parts.write_text(json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _place(row: tuple[tuple[str, str], float]) -> tuple[int, str]:
    unit, work = row[0]
    return [*MAY_GROW].index(unit), work


def _written(parts: Parts) -> dict[str, float]:
    """Without what is less than a twentieth of a call, so that the file stays small."""
    return {name: round(count, 2) for name, count in parts.items() if round(count, 2) >= 0.05}


def per(count: int, parts: Counter[str]) -> Parts:
    return {name: number / count for name, number in parts.items()}
