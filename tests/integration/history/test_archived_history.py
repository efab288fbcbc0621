from tests.contracts.archived_history import ArchivedHistoryContract, world

__all__ = ["world"]


class TestArchivedHistory(ArchivedHistoryContract):
    """On each database, and a real VictoriaMetrics."""
