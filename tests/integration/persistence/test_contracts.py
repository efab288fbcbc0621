from tests.contracts.storage import StorageContract


class TestSql(StorageContract):
    """On SQLite and on MariaDB."""
