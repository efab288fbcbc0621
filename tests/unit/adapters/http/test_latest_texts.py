"""The dashboard's answer is rebuilt only where something changed."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from monitor.adapters.http.history.stats import LatestOut, LatestTexts
from monitor.application.fleet.directory import EMPTY
from monitor.application.fleet.stretches import Stretch
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample
from tests.contracts.builders import a_server

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def stretch(*servers: tuple[Server, Live], skew: int | None = None) -> Stretch:
    return Stretch.of([server for server, _ in servers], [live for _, live in servers], [skew] * len(servers))


def shown(texts: LatestTexts, *stretches: Stretch) -> list[LatestOut]:
    return msgspec.json.decode(msgspec.json.encode(texts.of(stretches, EMPTY)), type=list[LatestOut])


def test_every_change_is_seen_and_the_rest_is_not_made_again():
    texts = LatestTexts()
    one = a_server(id=ServerId(1))
    two = a_server("192.0.2.2", id=ServerId(2))
    sample = Sample(one.id, NOW, NOW, 12.5, 20.0, 30.0, None, None, ())
    live = Live(status=Status.ONLINE, sample=sample)
    other = Live(status=Status.ONLINE, sample=sample._replace(server_id=two.id))

    def check(*stretches: Stretch) -> None:
        rows = [row for each in stretches for row in zip(each.servers, each.lives, each.clock_skews, strict=True)]
        assert [out for row in rows if (out := LatestOut.of(*row))] == shown(texts, *stretches)

    never, rest = stretch((a_server("192.0.2.3", id=ServerId(3)), Live())), stretch((two, other))
    check(never, stretch((one, live)), rest)
    kept = texts.of([rest], EMPTY)[0]
    check(stretch((one, live._replace(sample=sample._replace(cpu=99.0))), (two, other)), never)
    check(stretch((one, live._replace(status=Status.OFFLINE))), rest, never)
    check(stretch((one, live), skew=90), rest)
    check(stretch((replace(one, name="renamed"), live), (two, other)))
    assert texts.of([rest], EMPTY)[0] is kept
