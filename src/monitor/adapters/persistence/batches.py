from collections.abc import Collection, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

IN_LIST = 500
"""How many values one IN list holds: databases limit the parameters of a statement."""


def batches(items: Collection[T], size: int = IN_LIST) -> Iterator[list[T]]:
    """*items* in lists of at most *size*."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
