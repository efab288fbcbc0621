"""Leases of background jobs, secrets at rest, and what guards a migration."""

from mutants.mutant import Mutant, Mutants

_LEASES, _CIPHER = "adapters/persistence/operations.py", "adapters/security/cipher.py"
_PLANS = "adapters/persistence/engine/migration_plans.py"
_SQL = "integration/persistence/test_contracts.py::TestSql"

MUTANTS: Mutants = {
    "leases": [
        Mutant(
            "two processes hold one",
            _LEASES,
            "elif row.expires_at > now:\n            return None",
            "elif row.expires_at > now + ttl:\n            return None",
            f"{_SQL}::TestLeases::test_only_one_holds_it[sqlite]",
        ),
        Mutant(
            "who takes over has the token of before",
            _LEASES,
            "token = row.token + 1",
            "token = row.token",
            f"{_SQL}::TestLeases::test_each_takeover_raises_the_token[sqlite]",
        ),
        Mutant(
            "a living process loses its leases",
            "application/operations/processes.py",
            "other.polls = other.polls + 1 if other.number == number else 0",
            "other.polls = other.polls + 1",
            "unit/application/operations/test_dead_processes.py",
        ),
        Mutant(
            "a dead process keeps them",
            "application/operations/processes.py",
            "uow.leases.free(process)",
            "uow.leases.free(self._process)",
            "unit/application/operations/test_dead_processes.py",
        ),
        Mutant(
            "one that resumes loses them",
            "application/operations/processes.py",
            "self._free(process, number)",
            "self._free(process)",
            "unit/application/operations/test_dead_processes.py",
        ),
    ],
    "secrets at rest": [
        Mutant(
            "one is good in another row",
            _CIPHER,
            "cipher.update(place.encode())",
            'cipher.update(b"")',
            "unit/adapters/security/test_cipher.py",
        ),
        Mutant(
            "a changed one is taken",
            _CIPHER,
            ".decrypt_and_verify(text, tag)",
            ".decrypt(text)",
            "unit/adapters/security/test_cipher.py",
        ),
    ],
    "migrations": [
        Mutant(
            "a schema of a later version is taken",
            "adapters/persistence/engine/migrations.py",
            "if present and present not in revisions():",
            "if present and not revisions():",
            "integration/persistence/engine/test_contract_mark.py::"
            "test_older_code_neither_expands_nor_contracts_a_newer_schema[sqlite]",
        ),
        Mutant(
            "two releases are expanded at once",
            _PLANS,
            "if not any(migration.half is Half.EXPAND for migration in pending[len(first) :]):",
            "if first:",
            "unit/adapters/persistence/test_migration_plans.py",
        ),
        Mutant(
            "a schema is contracted before it is expanded",
            _PLANS,
            "if pending and pending[0].half is Half.EXPAND:",
            "if not pending:",
            "unit/adapters/persistence/test_migration_plans.py",
        ),
        Mutant(
            "it contracts while older processes serve",
            "adapters/persistence/engine/serving_processes.py",
            "return _living(engine, lambda known: known < revision, sleep)",
            "return _living(engine, lambda known: not revision, sleep)",
            "integration/persistence/engine/test_serving_processes.py::test_those_that_live_are_named[sqlite]",
        ),
    ],
}
