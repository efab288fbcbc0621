from tests.contracts.storage import StorageContract


class TestSql(StorageContract):
    """All contracts on SQLite and on MariaDB."""
