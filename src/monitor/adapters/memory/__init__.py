"""Everything in this process's memory and gone with it: to embed the core without a database, or to test against.

`MemoryStore` keeps what SQL would, with the same constraints and the same rollback; `FixedClock`, `CountedSecrets` and
`InsecurePasswordHasher` make a test's time, randomness and waiting its own.
"""

from monitor.adapters.memory.clock import FixedClock
from monitor.adapters.memory.passwords import InsecurePasswordHasher
from monitor.adapters.memory.queries import MemoryQueries
from monitor.adapters.memory.secrets import CountedSecrets
from monitor.adapters.memory.store import MemoryStore
from monitor.adapters.memory.unit_of_work import MemoryUnitOfWork

__all__ = [
    "CountedSecrets",
    "FixedClock",
    "InsecurePasswordHasher",
    "MemoryQueries",
    "MemoryStore",
    "MemoryUnitOfWork",
]
