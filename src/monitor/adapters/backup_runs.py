"""Backups in processes of their own: they take no time from the samples, and give all memory back."""

import atexit
import os
import re
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from monitor.application.operations.backups import BackupRuns

_NAME = re.compile(r"monitor-\d{4}-\d\d-\d\d-\d{6}\.zip(\.part)?")
_NICE = 10
_LONGEST = 4096


class BackupProcesses(BackupRuns):
    """Each runs `monitor backup`, which compares and renames the file, at a low priority."""

    def __init__(self, directory: Path, data_dir: Path, command: tuple[str, ...] = (sys.executable, "-m", "monitor")):
        self._directory = directory
        self._environment = os.environ | {"MONITOR_DATA_DIR": str(data_dir.absolute())}
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._failure = ""
        atexit.register(self.stop)

    def begin(self, now: datetime) -> None:
        self._process, self._failure = None, ""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in self._found():
                if path.suffix == ".part":  # of a process that was killed
                    path.unlink(missing_ok=True)
            self._start(self._directory / f"monitor-{now:%Y-%m-%d-%H%M%S}.zip")
        except OSError as error:
            self._failure = f"{error.filename or self._directory}: {error.strerror}"

    def _start(self, path: Path) -> None:
        self._said = TemporaryFile()  # noqa: SIM115 (read when the process has ended)
        self._process = subprocess.Popen(  # noqa: S603 (our own command)
            (*self._command, "backup", "--scheduled", str(path)),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICE)

    def result(self) -> str | None:
        if self._process is None:
            return self._failure
        code = self._process.poll()
        if code is None or code == 0:
            return None if code is None else ""
        return self._last_line() or f"exit code {code}"

    def _last_line(self) -> str:
        if self._said is None:
            return ""
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - _LONGEST))
        lines = self._said.read().decode(errors="replace").split("\n")
        return next((line.strip().removeprefix("monitor: ") for line in reversed(lines) if line.strip()), "")

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def keep(self, newest: int) -> None:
        taken = sorted(path for path in self._found() if path.suffix == ".zip")
        for path in taken[:-newest]:
            path.unlink(missing_ok=True)

    def _found(self) -> list[Path]:
        return [path for path in self._directory.iterdir() if _NAME.fullmatch(path.name)]
