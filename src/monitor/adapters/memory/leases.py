from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.adapters.memory.state import Draft, Lease
from monitor.application.ports.leases import Leases


class MemoryLeases(Leases):
    def __init__(self, draft: Draft) -> None:
        self._rows = draft.leases

    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        held = self._rows.get(name)
        if held is None:
            token = 1
        elif held.holder == holder:
            token = held.token
        elif held.expires_at <= now:
            token = held.token + 1
        else:
            return None
        self._rows[name] = Lease(holder=holder, token=token, expires_at=now + ttl)
        return token

    def free(self, holder: str) -> None:
        for name, held in [*self._rows.items()]:
            if held.holder == holder:
                self._rows[name] = replace(held, holder="", expires_at=datetime.min.replace(tzinfo=UTC))
