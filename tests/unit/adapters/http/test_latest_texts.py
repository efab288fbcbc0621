"""The dashboard's answer is rebuilt only where something changed."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from monitor.adapters.http.history.stats import LatestOut, LatestTexts
from monitor.adapters.memory.store import MemoryStore
from monitor.application.fleet.fleet import Fleet
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample
from tests.contracts.builders import a_server

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def shown(texts: LatestTexts, fleet: Fleet, *servers: tuple[Server, Live]) -> list[LatestOut]:
    return [msgspec.json.decode(text, type=LatestOut) for text in texts.of(servers, fleet)]


def test_every_change_is_seen_and_the_rest_is_not_made_again():
    fleet, texts = Fleet(MemoryStore().queries), LatestTexts()
    one = a_server(id=ServerId(1))
    two = a_server("192.0.2.2", id=ServerId(2))
    sample = Sample(one.id, NOW, NOW, 12.5, 20.0, 30.0, None, None, ())
    live = Live(status=Status.ONLINE, sample=sample)
    other = Live(status=Status.ONLINE, sample=sample._replace(server_id=two.id))

    def check(*servers: tuple[Server, Live]) -> None:
        expected = [LatestOut.of(server, now, fleet.clock_skew.get(server.id)) for server, now in servers]
        assert [out for out in expected if out] == shown(texts, fleet, *servers)

    check((one, live), (two, other), (a_server("192.0.2.3", id=ServerId(3)), Live()))
    kept = texts.of([(two, other)], fleet)[0]
    check((one, live._replace(sample=sample._replace(cpu=99.0))), (two, other))
    check((one, live._replace(status=Status.OFFLINE)), (two, other))
    fleet.clock_skew[one.id] = 90
    check((one, live), (two, other))
    check((replace(one, name="renamed"), live), (two, other))
    assert texts.of([(two, other)], fleet)[0] is kept
