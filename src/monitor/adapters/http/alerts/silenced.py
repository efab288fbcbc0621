"""Active silences of a server, as responses and the live stream show them."""

from datetime import datetime

from msgspec import Struct

from monitor.adapters.http.alerts.policies import ScopeOut
from monitor.adapters.http.edge import times
from monitor.application.fleet.directory import Directory
from monitor.domain.alerts.silences import SilenceId
from monitor.domain.alerts.silencing import Acting, Silenced
from monitor.domain.fleet.servers import Server, ServerId


class SilencedOut(Struct, frozen=True, kw_only=True):
    """Active silence, of one *metric* or (null) of all. *until*: its end. *recurring*: it will be active again."""

    id: int
    scope: ScopeOut
    metric: str | None
    until: str
    reason: str
    recurring: bool
    created_by: str | None

    @staticmethod
    def of(acting: Acting, directory: Directory) -> "SilencedOut":
        silence = acting.silence
        author = directory.users.get(silence.created_by) if silence.created_by is not None else None
        return SilencedOut(
            id=silence.id,
            scope=ScopeOut.of(silence.scope),
            metric=silence.metric,
            until=times.written(acting.until),
            reason=silence.reason,
            recurring=silence.recurrence is not None,
            created_by=author.username if author is not None else None,
        )


class SilencedChange(Struct, frozen=True):
    server_id: int
    silenced: list[SilencedOut]


class ShownSilences:
    """Active silences of each server. One that covers many is converted once."""

    def __init__(self, directory: Directory, now: datetime) -> None:
        self._directory = directory
        self._silenced = directory.rules.silencing.at(now)
        self._written: dict[SilenceId, SilencedOut] = {}

    def on(self, server: Server) -> list[SilencedOut]:
        return [self._out(acting) for acting in self._silenced.on(server)]

    def _out(self, acting: Acting) -> SilencedOut:
        written = self._written.get(acting.silence.id)
        if written is None:
            written = self._written[acting.silence.id] = SilencedOut.of(acting, self._directory)
        return written


class SilencedNews:
    """Find servers whose active silences changed since the last call."""

    def __init__(self) -> None:
        self._seen: Silenced | None = None
        self._of: dict[ServerId, list[Acting]] = {}

    def __call__(self, directory: Directory, now: datetime) -> list[SilencedChange]:
        silenced = directory.rules.silencing.at(now)
        if silenced is self._seen:
            return []
        before = self._of
        self._of = {server.id: [*on] for server in directory.servers.values() if (on := silenced.on(server))}
        self._seen = silenced
        return [
            SilencedChange(server_id, [SilencedOut.of(acting, directory) for acting in self._of.get(server_id, ())])
            for server_id in before.keys() | self._of.keys()
            if _ids_and_ends(before.get(server_id, [])) != _ids_and_ends(self._of.get(server_id, []))
        ]


def _ids_and_ends(acting: list[Acting]) -> list[tuple[int, datetime]]:
    return [(each.silence.id, each.until) for each in acting]
