"""Backups in processes of their own: they take no time from the samples, and give all memory back."""

import atexit
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from monitor.application.operations.backups import BackupRuns

_NAME = re.compile(r"monitor-\d{4}-\d\d-\d\d-\d{6}\.backup(\.part)?")


class BackupProcesses(BackupRuns):
    """Each runs `monitor backup`, which compares and renames the file."""

    def __init__(self, directory: Path, data_dir: Path) -> None:
        self._directory = directory
        self._environment = os.environ | {"MONITOR_DATA_DIR": str(data_dir.absolute())}
        self._process: subprocess.Popen[bytes] | None = None
        self._failure = ""
        atexit.register(self.stop)

    def begin(self, now: datetime) -> None:
        self._process = None
        command = (sys.executable, "-m", "monitor", "backup", "--scheduled")
        file = self._directory / f"monitor-{now:%Y-%m-%d-%H%M%S}.backup"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._delete(self._found(".part"))  # of processes that were killed
            self._process = subprocess.Popen(  # noqa: S603 (our own command)
                (*command, str(file)),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,  # has room for a day of progress
            )
        except OSError as error:
            self._failure = f"{error.filename or self._directory}: {error.strerror}"

    def result(self) -> str | None:
        if self._process is None or self._process.stderr is None:
            return self._failure
        code = self._process.poll()
        if code is not None and not self._process.stderr.closed:
            with self._process.stderr as said:
                lines = said.read().decode(errors="replace").splitlines() or [f"exit code {code}"]
            self._failure = lines[-1].removeprefix("monitor: ") if code else ""
        return None if code is None else self._failure

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def keep(self, newest: int) -> None:
        self._delete(self._found(".backup")[:-newest])

    def _found(self, ending: str) -> list[Path]:
        return sorted(path for path in self._directory.glob(f"*{ending}") if _NAME.fullmatch(path.name))

    def _delete(self, paths: list[Path]) -> None:
        for path in paths:
            path.unlink(missing_ok=True)
