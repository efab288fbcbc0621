from abc import ABC, abstractmethod

from monitor.domain.audit import AuditEntry


class Audit(ABC):
    @abstractmethod
    def add(self, entry: AuditEntry) -> None: ...
