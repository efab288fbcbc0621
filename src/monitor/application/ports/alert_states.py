from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import NamedTuple

from monitor.domain.alert_engine import State
from monitor.domain.alerts import AlertId
from monitor.domain.policies import PolicyId
from monitor.domain.servers import ServerId


class StoredState(NamedTuple):
    """The engine's state of one server and metric while it is pending or firing; what is idle has no row.

    *version* tells its changes apart, also from those of one that was deleted before; 0 for one that is not stored yet.
    """

    server_id: ServerId
    metric: str
    policy_id: PolicyId
    state: State
    alert_id: AlertId | None = None
    version: int = 0


class AlertStates(ABC):
    """Guarded by versions: whoever changes what another changed meanwhile gets TransactionConflict, reloads and tries
    again. It comes at the change or later, at the commit at the latest."""

    @abstractmethod
    def all(self) -> list[StoredState]: ...

    @abstractmethod
    def of_servers(self, server_ids: Collection[ServerId]) -> list[StoredState]: ...

    @abstractmethod
    def save(self, states: Sequence[StoredState], ended: Sequence[StoredState] = ()) -> list[StoredState]:
        """Insert those with version 0, replace the others, and return them with their new versions; delete those that
        *ended*.

        Raises TransactionConflict where a row is there already, is gone, or has another version.
        """

    @abstractmethod
    def delete(self, states: Sequence[StoredState]) -> None:
        """Raises TransactionConflict where a row is gone or has another version."""
