"""One agent to a spool."""

from __future__ import annotations

import fcntl
import os

from .own_files import check_folder, open_own


class SpoolBusyError(Exception):
    """Another agent uses this spool."""


def lock_spool(path: str) -> int:
    """Own the spool at *path* until this process ends, however it ends; makes its folder where there is none.

    The lock is on a file beside it, since the spool itself is replaced now and then. Returns the descriptor that holds
    it. Raises SpoolBusyError, and OSError where the folder can't be written, or others may exchange files in it.
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
