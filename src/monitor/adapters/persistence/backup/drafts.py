"""A file that is written beside its place, under a name of its own, by one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.adapters.persistence.backup.backup_file import BackupRefused

ENDING = ".part"
_BESIDE = ("", "-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps."""


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Yield an empty file beside *target*, for its owner only, and delete it at the end unless it was moved.

    What a killed process left is overwritten. Raises BackupRefused while another process writes there; OSError.
    """
    path = target.with_name(target.name + ENDING)
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        _take(lock, path)
        try:
            yield path
        finally:
            if _is_at(lock, path):
                _delete(path, _BESIDE)
    finally:
        os.close(lock)


def _take(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupRefused(f"another process writes {path}") from None
    if not _is_at(lock, path):
        raise BackupRefused(f"another process has just written {path}")
    os.fchmod(lock, 0o600)
    os.ftruncate(lock, 0)
    _delete(path, _BESIDE[1:])


def _is_at(lock: int, path: Path) -> bool:
    return path.exists() and os.path.samestat(os.fstat(lock), path.stat())


def _delete(path: Path, endings: tuple[str, ...]) -> None:
    for ending in endings:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def sync_directory(path: Path) -> None:
    """Have a new name in this directory outlive a power cut."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
