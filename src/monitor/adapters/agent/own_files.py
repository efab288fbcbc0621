"""Opening files in places where others may write: no link is followed, and no file of theirs is taken for ours.

What is opened is never passed on to another program; Python sees to that.
"""

from __future__ import annotations

import errno
import os
import stat


def open_to_read(path: str) -> int:
    """A descriptor of the file at *path*; does not wait for the other end of a pipe. Raises OSError."""
    file = _open(path, os.O_RDONLY | os.O_NONBLOCK)
    if stat.S_ISDIR(os.fstat(file).st_mode):
        os.close(file)
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    return file


def open_own(path: str, flags: int = 0) -> int:
    """A descriptor, to read and write, of a file of this user's at *path*, made where there is none.

    Raises OSError: it cannot be opened, or is somebody else's.
    """
    file = _open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | flags)
    found = os.fstat(file)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1:
        return file
    os.close(file)
    raise PermissionError(errno.EPERM, "it is no plain file of this user's with this one name")


def check_folder(path: str) -> None:
    """Raises OSError where others could exchange the files in the folder of *path*."""
    found = os.stat(os.path.dirname(path) or ".")
    if found.st_uid not in (0, os.geteuid()):
        raise PermissionError(errno.EPERM, "its folder belongs to another user")
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        raise PermissionError(errno.EPERM, "everyone may write to its folder")


def _open(path: str, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise OSError(errno.ELOOP, "it is a symbolic link; name the file itself") from None
