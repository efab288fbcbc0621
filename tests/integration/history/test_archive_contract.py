from tests.contracts.archives import ArchiveContract


class TestVictoriaArchive(ArchiveContract):
    """On a real VictoriaMetrics."""
