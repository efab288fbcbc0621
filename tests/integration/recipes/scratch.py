"""A copy of the package in which a recipe is carried out."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Lines:
    """New *lines* below the first one that holds *below*."""

    below: str
    lines: str


Places = Mapping[str, str | tuple[Lines, ...]]
"""By path below `src/monitor`: the text of a new file, or lines for one that exists."""


def carried_out(places: Places, proof: str, directory: Path, **environ: str) -> str:
    """Return what *proof*, a program, prints with the changed copy."""
    package = directory / "src/monitor"
    shutil.copytree(ROOT / "src/monitor", package, ignore=shutil.ignore_patterns("__pycache__", "ui"))
    for path, change in places.items():
        file = package / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(change if isinstance(change, str) else _with_lines(file.read_text(), change))
    done = subprocess.run(
        (sys.executable, "-W", "error", "-c", proof),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{package.parent}:{ROOT}", **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _with_lines(text: str, changes: tuple[Lines, ...]) -> str:
    for change in changes:
        before, found, after = text.partition(change.below)
        assert found, change.below
        rest, _, below = after.partition("\n")
        text = f"{before}{found}{rest}\n{change.lines}\n{below}"
    return text


def module_of(test: Path, *names: str) -> str:
    """Return a module with the definitions of these *names* in the *test*, and the imports that they need."""
    source = test.read_text()
    nodes = ast.parse(source).body
    defined = [ast.get_source_segment(source, node) or "" for node in nodes if _name(node) in names]
    text = "\n\n\n".join(defined)
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    needed = [
        f"from {node.module} import {alias.name}" for node in imports for alias in node.names if alias.name in text
    ]
    return "\n".join(needed) + f"\n\n\n{text}\n"


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return getattr(node, "name", "")
