"""The zip for those who help: only what is chosen here goes into it, and a manifest says what does not."""

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from functools import partial
from importlib.metadata import distributions
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from monitor.adapters.persistence.inspection import content_of
from monitor.application.operations.itself import ReadFigures
from monitor.cli.doctor.examining import Answer, examined
from monitor.cli.doctor.redaction import redacted
from monitor.container import Container
from monitor.settings import Settings

PATIENCE, _LONGEST_LOG = 10.0, 2 * 2**20  # seconds for all parts; bytes
_LEFT_OUT = {
    "doctor.json": "words of other programs, such as errors",
    "settings.json": "texts: it says which are set",
    "jobs.json": "names of machines, and texts of errors",
    "tables.json": "what the tables hold",
    "log.txt": "texts and values that this program did not choose",
}


def write_bundle(path: Path, container: Container, answers: Mapping[str, Answer], log: Path | None) -> None:
    """Write a new file with mode 0600. A part that fails, or takes too long, is left out. Raises OSError."""
    parts: dict[str, Callable[[], object]] = {
        "doctor.json": lambda: [{"name": name, "ok": each.ok, "text": each.said} for name, each in answers.items()],
        "settings.json": lambda: _settings(container.settings),
        "versions.json": lambda: (
            {"python": sys.version, "system": platform.platform()}
            | {each.name: each.version for each in distributions()}
        ),
        "tables.json": partial(content_of, container.settings.database_url),
        "metrics.json": container.get(ReadFigures),
        "jobs.json": lambda: _jobs(container),
        "log.txt": lambda: _log(log),
    }
    made = examined({name: partial(_made, part) for name, part in parts.items()}, PATIENCE)
    files = {name: each.said for name, each in made.items() if each.ok}
    missing = {name: each.said for name, each in made.items() if not each.ok}
    files["manifest.json"] = _made(lambda: {"files": [*files], "missing": missing, "left_out": _LEFT_OUT}).said
    with (
        open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        ZipFile(file, "w", ZIP_DEFLATED) as bundle,
    ):
        for name, text in files.items():
            bundle.writestr(name, text)


def _made(part: Callable[[], object]) -> Answer:
    value = part()
    return Answer(True, value if isinstance(value, str) else json.dumps(value, indent=1))


def _settings(settings: Settings) -> object:
    """Return numbers as they are, and of all else whether it is set."""
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    numbers = {name: v.total_seconds() if isinstance(v, timedelta) else v for name, v in values.items()}
    return {name: v if isinstance(v, int | float) else "set" if v else "not set" for name, v in numbers.items()}


def _jobs(container: Container) -> object:
    """Return the jobs of each process. Of an error only its class is known to be ours."""
    reports = [each.report for each in container.queries.cluster.processes(container.clock.now()) if each.report]
    return [[asdict(job) | {"error": job.error.split("(")[0]} for job in each.jobs] for each in reports]


def _log(path: Path | None) -> str:
    if path is None:
        raise LookupError("no --log")
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST_LOG))
        return "\n".join(redacted(file.read(_LONGEST_LOG).decode(errors="replace").split("\n")))
