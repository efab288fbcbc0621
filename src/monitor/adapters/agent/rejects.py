"""What could not be delivered, set aside beside the spool for a person to look at."""

from __future__ import annotations

import os
from collections.abc import Iterable

from .own_files import open_own

MAX_BYTES = 1024 * 1024


class Rejects:
    """Lines in a file of bounded size. When they would not fit, it starts anew with the newest."""

    def __init__(self, path: str, *, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._max = max_bytes

    def add(self, lines: Iterable[bytes]) -> None:
        """Raises OSError."""
        file = open_own(self.path, os.O_APPEND)
        try:
            size = os.fstat(file).st_size
            for line in lines:
                text = line.rstrip(b"\n")[: self._max - 1] + b"\n"
                if size + len(text) > self._max:
                    os.ftruncate(file, 0)
                    size = 0
                size += os.write(file, text)
        finally:
            os.close(file)
