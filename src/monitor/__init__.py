"""Server monitoring as a library: the core with an in-memory store, to embed or to test with.

Names are imported at their first use, so that the agent, which is part of this package, stays small.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.adapters.memory.fakes import FixedClock
    from monitor.embedding import Monitor, in_memory

__all__ = ["FixedClock", "Monitor", "in_memory"]

_MODULES = {
    "FixedClock": "monitor.adapters.memory.fakes",
    "Monitor": "monitor.embedding",
    "in_memory": "monitor.embedding",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'monitor' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
