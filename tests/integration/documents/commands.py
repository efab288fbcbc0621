"""Run the commands of a block as a shell does, with what is otherwise here."""

import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.integration.cli.running import DEADLINE, call, environment


def here(text: str, replaced: Mapping[str, str]) -> str:
    """Return *text* with its examples replaced: each must be in it."""
    for there, ours in replaced.items():
        assert there in text, f"the document no longer says {there}"
        text = text.replace(there, ours)
    return text


def run_commands(text: str, home: Path, settings: Mapping[str, str]) -> list[str]:
    """Run each `monitor` command of *text* within this process, and return what each printed. None may fail."""
    return [_run(words, home, {**settings, **given}) for words, given in commands(text)]


def commands(text: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield the words of each `monitor` command, and the variables that are set for it by then."""
    exported: dict[str, str] = {}
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        is_export = words[:1] == ["export"]
        given = {}
        for word in words[is_export:]:
            name, equals, value = word.partition("=")
            if not (equals and name.isupper()):
                break
            given[name] = value
        if is_export:
            exported |= given
        elif words:
            program, *arguments = words[len(given) :]
            assert program == "monitor"
            yield arguments, exported | given


def _run(arguments: list[str], home: Path, settings: dict[str, str]) -> str:
    done = call(home, *arguments, settings=settings)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


def run_shell(text: str, home: Path, settings: Mapping[str, str]) -> str:
    """Run *text* by a real shell, with `monitor` in its path, and return what it printed. No command may fail."""
    path = f"{Path(sys.executable).parent}:{environment(home)['PATH']}"
    done = subprocess.run(
        ("bash", "-eu", "-o", "pipefail", "-c", text),
        cwd=home,
        env=environment(home, **settings, PATH=path),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 0, (text, done.stdout, done.stderr)
    return done.stdout
