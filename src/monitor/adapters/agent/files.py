"""Files in folders where other users may write: symbolic links and files of other users are refused."""

from __future__ import annotations

import errno
import fcntl
import os
import stat


class SpoolBusyError(Exception):
    """Another agent uses this spool."""


def open_to_read(path: str) -> int:
    """Return a descriptor of the file at *path*, without waiting for the writer of a pipe. Raises OSError."""
    file = _open(path, os.O_RDONLY | os.O_NONBLOCK)
    if stat.S_ISDIR(os.fstat(file).st_mode):
        os.close(file)
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    return file


def open_own(path: str, flags: int = 0) -> int:
    """Return a descriptor of this user's file, which is created if need be. Raises OSError, also if it is another's."""
    file = _open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | flags)
    found = os.fstat(file)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1:
        return file
    os.close(file)
    raise PermissionError(errno.EPERM, "it is not a regular file of this user with a single name")


def check_folder(path: str) -> None:
    """Raise OSError if other users could replace files in the folder of *path*."""
    found = os.stat(os.path.dirname(path) or ".")
    if found.st_uid not in (0, os.geteuid()):
        raise PermissionError(errno.EPERM, "its folder belongs to another user")
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        raise PermissionError(errno.EPERM, "everyone may write to its folder")


def lock_spool(path: str) -> int:
    """Lock the spool at *path* until this process ends, and create its folder if need be; return the lock's descriptor.

    The lock is on a separate file, because the spool is replaced at times. Raises SpoolBusyError, and OSError as
    `check_folder` does.
    """
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    check_folder(path)
    lock = open_own(path + ".lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise SpoolBusyError(path) from None
    return lock


def _open(path: str, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise OSError(errno.ELOOP, "it is a symbolic link; name the file itself") from None
