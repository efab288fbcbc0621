"""Everything in this process's memory and gone with it: to embed the core without a database, or to test against.

`MemoryStore` keeps what SQL would, with the same constraints and the same rollback; `FixedClock`, `CountedSecrets` and
`InsecurePasswordHasher` make a test's time, randomness and waiting its own.
"""

from monitor.adapters.memory.stand_ins import CountedSecrets, FixedClock, InsecurePasswordHasher
from monitor.adapters.memory.store import MemoryQueries, MemoryStore, MemoryUnitOfWork

__all__ = [
    "CountedSecrets",
    "FixedClock",
    "InsecurePasswordHasher",
    "MemoryQueries",
    "MemoryStore",
    "MemoryUnitOfWork",
]
