from collections.abc import Mapping

from monitor.adapters.memory.state import Draft
from monitor.application.ports.preferences import Preferences


class MemoryPreferences(Preferences):
    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def all(self) -> dict[str, float]:
        return dict(self._draft.preferences)

    def save(self, values: Mapping[str, float]) -> None:
        self._draft.preferences.update(values)
        self._draft.fleet_changed |= bool(values)
