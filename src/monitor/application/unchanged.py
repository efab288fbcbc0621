"""A marker that tells "leave it unchanged" from None in a partial change."""

from enum import Enum
from typing import Final, TypeVar

T = TypeVar("T")


class Unchanged(Enum):
    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


def either(value: T | Unchanged, present: T) -> T:
    return present if isinstance(value, Unchanged) else value
