"""Scrapes are put together beside the intake: nobody waits for it, and each key has its own turns."""

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from monitor.application.history.scrape_ports import ScrapeQueries
from monitor.application.intake import assembling
from monitor.application.intake.assembling import Assembler, Scraped
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.intake.scrapes import MakeRoom
from monitor.application.intake.store_samples import Outcome
from monitor.domain.errors import Overloaded, StorageUnavailable
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
    """Waits at `gate` before each read."""

    def __init__(self, scrapes: ScrapeQueries) -> None:
        self._scrapes = scrapes
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)
        self.count = 0

    def turn(self) -> int:
        return self._scrapes.turn()

    def newest(self, server_ids: Collection[ServerId]) -> dict[ServerId, int]:
        return self._scrapes.newest(server_ids)

    def kept(self, server_id: ServerId) -> list[Kept]:
        return self._scrapes.kept(server_id)

    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]:
        self.count += 1
        self.entered.release()
        assert self.gate.wait(DEADLINE)
        return self._scrapes.around(server_ids, first, last)


@dataclass
class ReadWith:
    """Queries of scrapes alone."""

    scrapes: ScrapeQueries


@dataclass
class Line:
    """*meanwhile*: is called before the next group is stored."""

    core: Core
    done: list[Scraped] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.now = microseconds(self.core.clock.now()) // 1000
        self.reads = HeldScrapes(self.core.store.queries.scrapes)
        store: Any = self._stored
        self.queue = IntakeQueue(store)
        self.queue.start(lambda _: None)
        queries: Any = ReadWith(self.reads)
        self.assembler = Assembler(queries, self.queue, MakeRoom(self.core.new_uow, queries), self.core.clock)
        self.assembler.start(self.done.extend)

    def _stored(self, *group: Any) -> list[Outcome]:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return self.core.store_samples(*group)

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


@pytest.mark.parametrize("remembers", [False, True])
def test_what_another_process_stores_meanwhile_is_added_to(line: Line, core: Core, server, *, remembers: bool) -> None:
    whole = line.scrape(server, 0)
    readings = list(whole.readings.items())
    halves = [whole._replace(readings=dict(some)) for some in (readings[:9], readings[9:])]
    another = Line(core)
    before = line if remembers else another
    before.wait_for(before.put(line.scrape(server, 15)))
    line.meanwhile = lambda: another.wait_for(another.put(halves[0]))
    request = line.put(halves[1])
    line.wait_for(request)
    another.close()
    assert request.error is None
    assert 1 == request.attempts
    assert dict(whole.readings) == line.kept(server)[-1].readings
    with core.new_uow() as uow:
        assert {(server.id, core.clock.now())} == uow.samples.existing([(server.id, core.clock.now())])


def test_what_was_stored_last_is_not_read_again(line: Line, server, other) -> None:
    for ago in range(90, -15, -15):
        line.wait_for(line.put(line.scrape(server, ago), line.scrape(other, ago)))
    assert 1 == line.reads.count
    assert 7 == len(line.kept(server)) == len(line.kept(other))


def test_what_reaches_from_an_old_time_to_now_is_read(line: Line, server) -> None:
    for number in range(3):
        old, now = line.scrape(server, 50_000 - 15 * number), line.scrape(server, 30 - 15 * number)
        request = line.put(old, now)
        line.wait_for(request)
        assert request.error is None
    assert 6 == len(line.kept(server))
    assert [0, 1, 1, 0, 1, 1] == [scrape.state for scrape in line.kept(server)]


def test_what_another_process_stored_before_is_read(line: Line, core: Core, server) -> None:
    another = Line(core)
    for number, each in enumerate((line, another, line, another)):
        each.wait_for(each.put(line.scrape(server, 45 - 15 * number)))
    another.close()
    times = [line.now - ago * 1000 for ago in (45, 30, 15, 0)]
    assert times == [scrape.at for scrape in line.kept(server)]
    assert [True, False, False, True] == [scrape.is_edge for scrape in line.kept(server)]


def test_what_is_remembered_of_a_server_that_is_deleted_does_no_harm(line: Line, core: Core, server, other) -> None:
    line.wait_for(line.put(line.scrape(server, 15), line.scrape(other, 15)))
    with core.new_uow() as uow:
        uow.servers.delete([server.id])
        uow.commit()
    request = line.put(line.scrape(server, 0), line.scrape(other, 0))
    line.wait_for(request)
    assert request.error is None
    assert (0, 2) == (len(line.kept(server)), len(line.kept(other)))


def test_what_failed_is_not_remembered(line: Line, server) -> None:
    def fail() -> None:
        raise StorageUnavailable("away")

    line.wait_for(line.put(line.scrape(server, 30)))
    line.meanwhile = fail
    failed = line.put(line.scrape(server, 15))
    line.wait_for(failed)
    assert isinstance(failed.error, StorageUnavailable)
    again = line.put(line.scrape(server, 15))
    line.wait_for(again)
    assert again.error is None
    assert 2 == len(line.kept(server))


def test_a_change_of_another_server_meanwhile_does_not_matter(line: Line, core: Core, server, other) -> None:
    another = Line(core)
    line.meanwhile = lambda: another.wait_for(another.put(another.scrape(other, 0)))
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


def test_what_is_tried_again_after_an_outage_is_not_stored_instead_of_new_scrapes(
    line: Line, core: Core, server: Server, other: Server
) -> None:
    """Both wait while a commit takes long."""

    def fails() -> None:
        raise StorageUnavailable("the disk is full")

    line.meanwhile = fails
    first = line.put(line.scrape(server, 15), line.scrape(server, 0))
    line.wait_for(first)
    assert isinstance(first.error, StorageUnavailable)
    gate, busy = threading.Event(), threading.Event()

    def takes_long() -> None:
        busy.set()
        gate.wait(DEADLINE)

    line.meanwhile = takes_long
    line.queue.put(Submission([core.sample(server)]))
    assert busy.wait(DEADLINE)
    line.queue.try_again()
    second = line.put(line.scrape(other, 15), line.scrape(other, 0))
    until(lambda: line.queue.depth == 5)
    gate.set()
    line.wait_for(second)
    assert second.error is None
    assert len(line.kept(other)) == 2
