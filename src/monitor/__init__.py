"""Server monitoring as a library: the whole core, with an in-memory store to embed or to test against.

Names are loaded when first used, so that the agent, which lives in this package too, stays small.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.adapters.memory.stand_ins import FixedClock
    from monitor.embedding import Monitor, in_memory

__all__ = ["FixedClock", "Monitor", "in_memory"]

_HOMES = {
    "FixedClock": "monitor.adapters.memory.stand_ins",
    "Monitor": "monitor.embedding",
    "in_memory": "monitor.embedding",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'monitor' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
