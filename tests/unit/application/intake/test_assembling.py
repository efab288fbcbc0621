"""Scrapes are put together beside the intake: nobody waits for it, and each key has its own turns."""

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from monitor.application.history.ports import ScrapeQueries
from monitor.application.intake import assembling
from monitor.application.intake.assembling import Assembler, Scraped
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.intake.scrapes import MakeRoom
from monitor.application.intake.store_samples import Outcome
from monitor.domain.errors import Overloaded
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.prometheus import series_key
from monitor.domain.intake.scrapes import MAX_ISOLATED, Kept, Part, Scrape
from monitor.domain.times import microseconds
from tests.contracts.threads import until
from tests.remote_writes import host_series
from tests.unit.application.core import Core

DEADLINE = 30.0
ONE, OTHER = ApiKeyId(1), ApiKeyId(2)


class HeldScrapes(ScrapeQueries):
    """Waits at `gate` before each read. *meanwhile*: is called after the next read."""

    def __init__(self, scrapes: ScrapeQueries) -> None:
        self._scrapes = scrapes
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)
        self.meanwhile: Callable[[], object] | None = None

    def turn(self) -> int:
        return self._scrapes.turn()

    def newest(self, server_ids: Collection[ServerId]) -> dict[ServerId, int]:
        return self._scrapes.newest(server_ids)

    def kept(self, server_id: ServerId) -> list[Kept]:
        return self._scrapes.kept(server_id)

    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        self.entered.release()
        assert self.gate.wait(DEADLINE)
        found = self._scrapes.around(server_ids, first, last)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return found


@dataclass
class ReadWith:
    """Queries of scrapes alone."""

    scrapes: ScrapeQueries


@dataclass
class Line:
    core: Core
    done: list[Scraped] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = microseconds(self.core.clock.now()) // 1000
        self.reads = HeldScrapes(self.core.store.queries.scrapes)
        self.queue = IntakeQueue(self.core.store_samples)
        self.queue.start(lambda _: None)
        queries: Any = ReadWith(self.reads)
        self.assembler = Assembler(queries, self.queue, MakeRoom(self.core.new_uow, queries), self.core.clock)
        self.assembler.start(self.done.extend)

    def put(self, *parts: Part, key: ApiKeyId = ONE) -> Scraped:
        request = Scraped(key, parts)
        self.assembler.put(request)
        return request

    def wait_for(self, *requests: Scraped) -> None:
        until(lambda: all(request in self.done for request in requests))

    def kept(self, server: Server) -> list[Scrape]:
        return self.core.store.queries.scrapes.around([server.id], 0, 2 * self.now)

    def scrape(self, server: Server, ago: int) -> Part:
        """Return a whole scrape so many seconds ago."""
        readings: dict[str, float | None] = {}
        for labels, [(_, value)] in host_series(self.now - ago * 1000, seconds=1000 - ago):
            key = series_key(labels, kept=())
            assert key is not None
            readings[key.reading] = value
        return Part(server.id, 1, self.now - ago * 1000, readings)

    def close(self) -> None:
        self.reads.gate.set()
        self.assembler.close(DEADLINE)
        self.queue.close(DEADLINE)


@pytest.fixture
def line(core: Core) -> Iterator[Line]:
    made = Line(core)
    yield made
    made.close()


@pytest.fixture
def other(core: Core) -> Server:
    return core.server("10.0.0.2")


def isolated(line: Line, server: Server, count: int, first: int = 0) -> list[Part]:
    return [Part(server.id, 1, line.now - (first + n) * 450_000, {"node_load1": 1.0}) for n in range(count)]


def test_others_are_stored_while_scrapes_are_put_together(line: Line, core: Core, server) -> None:
    line.reads.gate.clear()
    request = line.put(line.scrape(server, 15), line.scrape(server, 0))
    assert line.reads.entered.acquire(timeout=DEADLINE)
    agent = Submission([core.sample(server)])
    line.queue.put(agent)
    until(lambda: bool(agent.outcomes))
    assert [Outcome.STORED] == agent.outcomes
    assert line.done == []
    line.reads.gate.set()
    line.wait_for(request)
    assert request.error is None
    assert 2 == len(line.kept(server))


def test_who_sends_little_does_not_wait_for_all_that_another_sent(line: Line, server, other) -> None:
    line.reads.gate.clear()
    much = [line.put(*isolated(line, server, 200, 200 * n)) for n in range(5)]
    assert line.reads.entered.acquire(timeout=DEADLINE)
    little = line.put(line.scrape(other, 0), key=OTHER)
    line.reads.gate.set()
    line.wait_for(*much, little)
    assert line.done.index(little) < line.done.index(much[1])


def test_what_another_process_stores_meanwhile_is_added_to(line: Line, core: Core, server) -> None:
    whole = line.scrape(server, 0)
    readings = list(whole.readings.items())
    halves = [whole._replace(readings=dict(some)) for some in (readings[:9], readings[9:])]
    another = Line(core)
    line.wait_for(line.put(line.scrape(server, 15)))
    line.reads.meanwhile = lambda: another.wait_for(another.put(halves[0]))
    request = line.put(halves[1])
    line.wait_for(request)
    another.close()
    assert request.error is None
    assert dict(whole.readings) == line.kept(server)[-1].readings
    with core.new_uow() as uow:
        assert {(server.id, core.clock.now())} == uow.samples.existing([(server.id, core.clock.now())])


def test_a_change_of_another_server_meanwhile_does_not_matter(line: Line, core: Core, server, other) -> None:
    another = Line(core)
    line.reads.meanwhile = lambda: another.wait_for(another.put(another.scrape(other, 0)))
    request = line.put(line.scrape(server, 0))
    line.wait_for(request)
    another.close()
    assert (None, 0) == (request.error, request.attempts)
    assert 1 == len(line.kept(server)) == len(line.kept(other))


def test_what_waits_is_bounded_for_each_key(line: Line, server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembling, "MOST_OF_KEY", (3, 100))
    line.reads.gate.clear()
    first = line.put(*isolated(line, server, 5))
    with pytest.raises(Overloaded):
        line.put(*isolated(line, server, 1))
    second = line.put(*isolated(line, server, 1), key=OTHER)
    line.reads.gate.set()
    line.wait_for(first, second)
    third = line.put(*isolated(line, server, 1))
    line.wait_for(third)


def test_what_waits_of_all_is_bounded(line: Line, server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembling, "MOST", (3, 100))
    line.reads.gate.clear()
    line.put(*isolated(line, server, 3))
    with pytest.raises(Overloaded):
        line.put(*isolated(line, server, 1), key=OTHER)


def test_isolated_scrapes_that_are_kept_are_bounded(line: Line, server) -> None:
    request = line.put(*isolated(line, server, 2 * MAX_ISOLATED))
    line.wait_for(request)
    assert request.error is None
    assert MAX_ISOLATED <= len(line.kept(server)) <= MAX_ISOLATED * 6 // 5 + 1


def test_what_is_wrong_with_one_request_fails_no_other(line: Line, server, other) -> None:
    line.reads.gate.clear()
    first = line.put(line.scrape(server, 30))
    assert line.reads.entered.acquire(timeout=DEADLINE)
    broken: Any = {"node_load1": object()}
    poison = line.put(Part(server.id, 1, line.now, broken))
    fine = line.put(line.scrape(other, 0), key=OTHER)
    line.reads.gate.set()
    line.wait_for(first, poison, fine)
    assert isinstance(poison.error, TypeError)
    assert None is fine.error is first.error
    assert 1 == len(line.kept(other))


def test_what_is_refused_is_said_and_the_rest_stored(line: Line, server, other) -> None:
    parts = [Part(server.id, source, line.now, {"node_load1": 1.0}) for source in range(150)]
    request = line.put(*parts, line.scrape(other, 0))
    line.wait_for(request)
    assert request.full is not None
    assert (50, "too_many_targets", 100) == (request.refused, request.full.code, request.full.limit)
    assert (100, 1) == (len(line.kept(server)), len(line.kept(other)))


def test_what_waits_at_the_end_is_refused(line: Line, server) -> None:
    line.reads.gate.clear()
    line.put(line.scrape(server, 15))
    assert line.reads.entered.acquire(timeout=DEADLINE)
    waiting = line.put(line.scrape(server, 0))
    line.assembler.close(0)
    with pytest.raises(Overloaded):
        line.put(line.scrape(server, 0))
    line.reads.gate.set()
    line.wait_for(waiting)
    assert isinstance(waiting.error, Overloaded)
    assert 1 == len(line.kept(server))
