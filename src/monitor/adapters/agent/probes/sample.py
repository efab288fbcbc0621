"""How a sample is read from this host, and the form in which the API accepts it."""

from __future__ import annotations

import binascii
import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar

MAX_EXTRA = 256
_LONGEST_NAME = 64
_NOT_ALLOWED = re.compile(r"[^a-z0-9_.:/-]")
T = TypeVar("T")


class UnreadableError(Exception):
    """This host cannot be measured; the text says what is missing and why."""


def optional(read: Callable[[], T], otherwise: T) -> T:
    """Return what *read* returns, or *otherwise* if it raises: a sandbox forbids it, or the system does not have it."""
    try:
        return read()
    except Exception:  # Systems fail in many ways: errno, a missing file, a line that cannot be parsed.
        return otherwise


def required(what: str, read: Callable[[], T]) -> T:
    """Return what *read* returns. Raises UnreadableError."""
    try:
        return read()
    except Exception as error:
        raise UnreadableError(f"{what} cannot be read: {type(error).__name__}: {error}") from error


def read_small(path: str) -> str:
    """Return the first 4 kB of a file, without the buffers of `open`, which cost more than the text. Raises OSError."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.fsdecode(os.read(file, 4096))
    finally:
        os.close(file)


def system_reader(platform: str = sys.platform) -> Any:
    """Return psutil, or on Linux an object with the same interface. Raises UnreadableError if psutil is missing."""
    if platform == "linux":
        from .linux import Linux

        return Linux()
    try:
        import psutil
    except ImportError:
        raise UnreadableError(
            "the Python package psutil is missing, which is needed on all systems but Linux; install it with "
            "`python3 -m pip install psutil`"
        ) from None
    import warnings

    # psutil warns about files that a container hides; what cannot be read is left out anyway.
    warnings.filterwarnings("ignore", module="psutil")
    return psutil


@lru_cache(512)
def metric_name(text: str) -> str:
    """Return *text* as a name that the API accepts: lower case, `_` for other characters, 64 characters at most."""
    return _NOT_ALLOWED.sub("_", text.lower())[:_LONGEST_NAME] or "_"


def instance_name(kind: str, name: str, value: str = "") -> str:
    """Return `kind:name` or `kind:name:value`. A long *name* is cut and ends with a checksum: names stay apart."""
    tail = f":{value}" if value else ""
    room = _LONGEST_NAME - len(kind) - 1 - len(tail)
    plain = _NOT_ALLOWED.sub("_", name.lower()) or "_"
    if len(plain) > room:
        plain = f"{plain[: room - 9]}-{binascii.crc32(name.encode('utf-8', 'replace')):08x}"
    return f"{kind}:{plain}{tail}"


def percent(value: float) -> float:
    """Return *value* within 0 and 100, with two decimals. Raises ValueError if it is not finite."""
    if not math.isfinite(value):
        raise ValueError(f"not a number: {value}")
    return round(min(100.0, max(0.0, value)), 2)


def extra_metrics(readings: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the first 256 finite *readings*, by names that the API accepts. Of two with one name, the first counts."""
    chosen: dict[str, float] = {}
    for raw_name, value in readings:
        name = metric_name(raw_name)
        if name not in chosen and math.isfinite(value):
            chosen[name] = round(value, 3)
            if len(chosen) == MAX_EXTRA:
                break
    return chosen


def encode(body: dict[str, Any]) -> bytes:
    """Return *body* as one line of ASCII. Raises ValueError if a number is not finite."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")
