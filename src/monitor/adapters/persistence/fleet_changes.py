"""The number that tells every process whether what it holds in memory is still so."""

from sqlalchemy import Connection, update

from monitor.adapters.persistence.tables import fleet_revision


class FleetChanges:
    """Whether a unit of work has changed users, servers (but for liveness), links, keys, policies, silences, channels
    or preferences."""

    def __init__(self) -> None:
        self.any = False

    def note(self, rows: int = 1) -> None:
        """*rows* were changed."""
        self.any = self.any or rows > 0


def raise_revision(connection: Connection) -> None:
    """The last statement of a transaction: all that change the fleet queue up for this row until they end."""
    connection.execute(update(fleet_revision).values(revision=fleet_revision.c.revision + 1))
