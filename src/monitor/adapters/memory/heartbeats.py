from monitor.adapters.memory.state import Draft
from monitor.application.ports.heartbeats import Heartbeats


class MemoryHeartbeats(Heartbeats):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.heartbeats

    def beat(self, process: str) -> None:
        self._rows[process] = self._rows.get(process, 0) + 1

    def numbers(self) -> dict[str, int]:
        return dict(self._rows.items())

    def end(self, process: str, at: int | None = None) -> bool:
        if process not in self._rows or at not in (None, self._rows[process]):
            return False
        del self._rows[process]
        return True
