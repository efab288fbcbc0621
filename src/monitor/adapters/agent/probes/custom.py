"""Metrics that scripts on this host leave in files."""

from __future__ import annotations

import math
import os
import re
import stat

from ..files import open_to_read
from ..log import Log

MAX_AGE = 300.0
_MAX_SIZE = 64 * 1024
_MAX_FILES = 64
_SUFFIXES = (".prom", ".txt")
_LINE = re.compile(r"(?P<name>[^\s{#]+)(?:\{(?P<labels>[^}]*)\})?\s+(?P<value>\S+)(?:\s+-?\d+)?")
_LABEL = re.compile(r'"((?:[^"\\]|\\.)*)"')


class CustomMetrics:
    """Reads `name value` lines from a directory's `*.prom` and `*.txt` files at each sample.

    As in node-exporter's textfile collector, Prometheus' text format works too: comments and timestamps are skipped,
    and label values are appended to the name (`backup_age{job="db"} 5` is `backup_age:db`). A file that is malformed or
    older than five minutes is ignored, and logged once until it is valid again. A script should write its file under
    another name and then rename it, so that the agent never reads half a file.
    """

    def __init__(self, directory: str, log: Log) -> None:
        self._directory = directory
        self._log = log
        self._named: dict[str, str] = {}

    def read(self, epoch: float) -> list[tuple[str, float]]:
        """Return the metrics of all files at *epoch* (seconds), in the order of the file names."""
        readings: list[tuple[str, float]] = []
        problems: dict[str, str] = {}
        try:
            names = sorted(name for name in os.listdir(self._directory) if name.endswith(_SUFFIXES))
        except OSError as error:
            names, problems = [], {self._directory: error.strerror or str(error)}
        for name in names[:_MAX_FILES]:
            path = os.path.join(self._directory, name)
            try:
                readings += parse(_fresh_text(path, epoch))
            except (OSError, ValueError) as error:
                problems[path] = getattr(error, "strerror", None) or str(error)
        for path, problem in problems.items():
            if path not in self._named:
                self._log(f"AGENT_METRICS_DIR: {path} is ignored: {problem}")
        self._named = problems
        return readings


def _fresh_text(path: str, epoch: float) -> str:
    with open(open_to_read(path), encoding="utf-8") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if epoch - status.st_mtime > MAX_AGE:
            raise ValueError(f"older than {MAX_AGE:.0f} s")
        if status.st_size > _MAX_SIZE:
            raise ValueError(f"larger than {_MAX_SIZE} bytes")
        return file.read(_MAX_SIZE)


def parse(text: str) -> list[tuple[str, float]]:
    """Return the finite metrics in *text*. Raises ValueError for lines other than comments and `name value`."""
    readings = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"line {number} is not `name value`")
        try:
            value = float(match["value"])
        except ValueError:
            raise ValueError(f"line {number} does not end with a number") from None
        if math.isfinite(value):
            readings.append((":".join([match["name"], *_LABEL.findall(match["labels"] or "")]), value))
    return readings
