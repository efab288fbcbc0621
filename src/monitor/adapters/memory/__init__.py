"""Adapters that keep everything in the memory of this process, for tests and for embedding without a database.

`MemoryStore` has the constraints and the rollback of SQL. `FixedClock`, `CountedSecrets` and `InsecurePasswordHasher`
give tests control over time, randomness and waiting.
"""

from monitor.adapters.memory.fakes import CountedSecrets, FixedClock, InsecurePasswordHasher
from monitor.adapters.memory.store import MemoryQueries, MemoryStore, MemoryUnitOfWork

__all__ = ["CountedSecrets", "FixedClock", "InsecurePasswordHasher", "MemoryQueries", "MemoryStore", "MemoryUnitOfWork"]
