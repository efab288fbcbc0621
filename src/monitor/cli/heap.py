"""The C library's heap, set up for a process of many threads that runs for months. Does nothing where it isn't glibc's.

Left alone, glibc gives every thread a heap of its own, and keeps what was freed in each for later: the 19 MB that
hashing a password takes stayed behind in every thread that ever logged somebody in.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # as in malloc.h
_MEGABYTE = 2**20


def prepare() -> None:
    """Call before the first thread is started."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 2)
        # What is larger comes from the system and goes back to it. glibc would raise this to the largest it ever freed.
        mallopt(_MMAP_THRESHOLD, 4 * _MEGABYTE)
        mallopt(_TRIM_THRESHOLD, 2 * _MEGABYTE)


def give_back() -> None:
    """Whole pages between what is in use, which a burst left behind."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
