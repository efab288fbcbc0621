"""Backups in processes of their own: they take no time from the samples, and give all memory back."""

import atexit
import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from monitor.application.operations.backups import BackupRuns

_NAME = re.compile(r"monitor-\d{4}-\d\d-\d\d-\d{6}\.backup(\.part)?")


class BackupProcesses(BackupRuns):
    """Each runs `monitor backup`, which compares and renames the file, and ends by itself."""

    def __init__(self, directory: Path, data_dir: Path) -> None:
        self._directory = directory
        self._environment = os.environ | {"MONITOR_DATA_DIR": str(data_dir.absolute())}
        self._process: subprocess.Popen[bytes] | None = None
        self._failure = self._newest = ""
        atexit.register(self.stop)

    def begin(self, now: datetime) -> None:
        self._process, self._newest = None, f"monitor-{now:%Y-%m-%d-%H%M%S}.backup"
        file = self._directory / self._newest
        command = (sys.executable, "-m", "monitor", "backup", "--scheduled", str(file))
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _delete(each for each in self._named(".part") if not _is_in_use(each))  # of processes that were killed
            self._process = subprocess.Popen(  # noqa: S603 (our own command, with no text from outside)
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            self._failure = f"{error.filename or self._directory}: {error.strerror}"

    def result(self) -> str | None:
        if self._process is not None and (code := self._process.poll()) is not None:
            lines = self._process.communicate()[1].decode(errors="replace").splitlines() or [f"exit code {code}"]
            self._failure, self._process = lines[-1].removeprefix("monitor: ") if code else "", None
        return self._failure if self._process is None else None

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def keep(self, newest: int) -> None:
        """Those of a clock that was ahead go first."""
        found = sorted(self._named(".backup"), key=lambda path: (path.name <= self._newest, path.name))
        _delete(found[: max(0, len(found) - newest)])

    def _named(self, ending: str) -> list[Path]:
        return [path for path in self._directory.glob(f"*{ending}") if _NAME.fullmatch(path.name)]


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _is_in_use(draft: Path) -> bool:
    """Tell whether a process writes it, such as one of another installation, or it is not ours to judge."""
    try:
        with open(os.open(draft, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
