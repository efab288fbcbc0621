"""GET /api/monitor/stats, without a query."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal
from weakref import WeakKeyDictionary

import msgspec
from litestar import MediaType, Response, get
from litestar.params import FromQuery
from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import PageLimit
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import encoded, one_more
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.edge.words.messages import language
from monitor.adapters.http.history.shared_answers import SharedAnswers
from monitor.application.alerts.lists import CountServers
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.stretches import Stretch, page
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.live import Live

_encode = msgspec.json.Encoder().encode
_NEVER = Live()
_NOTHING = msgspec.Raw(b"")


class LatestOut(Struct, frozen=True, kw_only=True):
    server_id: int
    server_name: str
    ip_address: str
    status: Literal["online", "offline"]
    cpu_value: float
    memory_value: float
    disk_value: float
    recorded_at: str
    clock_skew: int | None

    @staticmethod
    def of(server: Server, live: Live, clock_skew: int | None) -> "LatestOut | None":
        """Return None before the first sample. *clock_skew*: see `ServerOut`."""
        sample = live.sample
        return sample and LatestOut(
            server_id=server.id,
            server_name=server.name,
            ip_address=server.ip_address,
            status=live.status.value,
            cpu_value=sample.cpu,
            memory_value=sample.memory,
            disk_value=sample.disk,
            recorded_at=times.written(sample.recorded_at),
            clock_skew=clock_skew,
        )


class LatestTexts:
    """Cache of `LatestOut` as JSON, of each server and of whole stretches: encoding ten thousand takes 25 ms."""

    def __init__(self) -> None:
        self._held: dict[ServerId, tuple[Server, Live, int | None, bytes]] = {}
        self._joined: WeakKeyDictionary[Stretch, msgspec.Raw] = WeakKeyDictionary()
        self._of: Directory | None = None

    def of(self, stretches: Iterable[Stretch], directory: Directory) -> list[msgspec.Raw]:
        """Return texts of servers that have reported, with commas between them. Only what changed is encoded again."""
        if self._of is not directory:  # some servers may be deleted; changed ones are new objects
            self._held = {id_: held for id_, held in list(self._held.items()) if id_ in directory.servers}
            self._of = directory
        texts = []
        for stretch in stretches:
            text = self._joined.get(stretch)
            if text is None:
                text = self._joined[stretch] = msgspec.Raw(b",".join(self._texts(stretch)))
            if text != _NOTHING:
                texts.append(text)
        return texts

    def _texts(self, stretch: Stretch) -> Iterator[bytes]:
        held = self._held
        for server, live, skew in zip(stretch.servers, stretch.lives, stretch.clock_skews, strict=True):
            known = held.get(server.id)
            # Identity is enough: each change replaces the whole object.
            if known is None or known[1] is not live or known[0] is not server or known[2] != skew:
                out = LatestOut.of(server, live, skew)
                if out is None:
                    continue
                known = held[server.id] = (server, live, skew, _encode(out))
            yield known[3]


class StatsOut(Struct, frozen=True, kw_only=True):
    """*never_reported*: part of *offline_servers*. With `summary=true` there are the four other counts alone."""

    total_servers: int
    online_servers: int
    offline_servers: int
    alert_count: int
    never_reported: int | UnsetType = UNSET
    latest_data: list[LatestOut] | UnsetType = UNSET


class _WrittenStats(StatsOut, frozen=True, kw_only=True):
    latest_data: list[msgspec.Raw] | UnsetType = UNSET  # type: ignore[assignment]  # already encoded


@get("/monitor/stats", tags=("monitor",), sync_to_thread=True)
def stats(
    actor: Part[Actor],
    fleet: Part[Fleet],
    count_servers: Part[CountServers],
    latest_texts: Part[LatestTexts],
    shared_answers: Part[SharedAnswers],
    summary: FromQuery[bool] = False,
    limit: PageLimit = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[StatsOut]]:
    """Counts, and the newest sample of each server, of the servers that the caller may see.

    `summary=true`: four counts alone. With `limit`, a page of `latest_data`; the counts are always of all servers.
    """
    after = cursors.to_id(cursor)
    visible = fleet.visible_to(actor)
    version = fleet.version  # before anything is read
    counted = count_servers(actor)
    shown = _WrittenStats(
        total_servers=counted.total,
        online_servers=counted.online,
        offline_servers=counted.offline,
        alert_count=counted.firing,
    )
    if summary:
        return Response(ok(shown))

    def with_latest(stretches: Sequence[Stretch]) -> StatsOut:
        texts = latest_texts.of(stretches, fleet.directory)
        return msgspec.structs.replace(shown, never_reported=counted.never_reported, latest_data=texts)

    if after is not None or limit is not None:
        stretches, headers = _page(fleet, visible, after, limit)
        return encoded(with_latest(stretches), headers=headers)
    # All administrators see the same.
    view = None if actor.is_admin else actor.user_id, language(), counted
    content: Any = shared_answers.of(version, view, lambda: _encode(ok(with_latest(fleet.seen_by(actor)))))
    return Response(content, media_type=MediaType.JSON)


def _page(
    fleet: Fleet, visible: VisibleFleet, after: int | None, limit: int | None
) -> tuple[Sequence[Stretch], dict[str, str]]:
    """Return the servers to show, and the headers that name the next page."""
    servers, live, skews = visible.directory.servers, fleet.live, fleet.clock_skew
    ids = page(fleet.live, visible.server_ids, after, one_more(limit))
    headers = {} if limit is None or len(ids) <= limit else {cursors.HEADER: cursors.of_numbers(ids[limit - 1])}
    found = [servers[id_] for id_ in ids[:limit] if id_ in servers]
    lives = [live.get(server.id, _NEVER) for server in found]
    return [Stretch.of(found, lives, [skews.get(server.id) for server in found])], headers
