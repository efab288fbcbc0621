"""What is remembered of servers is bounded: first the readings that are unpacked, then all of it."""

from datetime import timedelta

import pytest

from monitor.application.intake import scrapes as module
from monitor.application.intake.scrapes import Recent
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.assembly import assemble
from monitor.domain.intake.known import Known
from monitor.domain.intake.scrapes import Part, Scrape
from tests.contracts.builders import AT

T0 = 1_893_499_200_000
IDS = [ServerId(number) for number in (1, 2, 3)]


def known(server_id: ServerId, scrapes: int = 1, readings: int = 10) -> Known:
    """Return what is known after so many scrapes, each added to those before."""
    found = Known.of([], since=T0 - 600_000)
    for number in range(scrapes):
        part = Part(server_id, 1, T0 + 15_000 * number, {f"node_{each}": 1.0 * number for each in range(readings)})
        assembled = assemble(found, [part], AT + number * timedelta(seconds=15))
        found = found.with_stored([*assembled.settled([]), *assembled.inner], assembled.room)
    return found


def unpacked(found: Known | None) -> list[int]:
    assert found is not None
    return [scrape.unpacked for scrape in found.scrapes.values()]


def test_the_newest_scrape_of_a_target_stays_unpacked():
    found = known(IDS[0], scrapes=5)
    assert [0, 0, 2_560] == unpacked(found)
    assert found.unpacked == 2_560


def test_what_is_unpacked_of_a_scrape_is_what_is_stored_of_it():
    for held in known(IDS[0], scrapes=3).scrapes.values():
        values = {name: value for name, value in vars(held).items() if name in Scrape.__dataclass_fields__}
        assert Scrape(**values).readings == held.readings
        assert Scrape(**values).families == held.families


def test_those_that_sent_last_stay_unpacked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_UNPACKED", 6_100)
    held = Recent()
    for server_id in [*IDS, IDS[0]]:
        held.take(server_id)
        held.keep(server_id, known(server_id))
    assert [[2_560], [0], [2_560]] == [unpacked(held.take(server_id)) for server_id in IDS]
    for server_id in IDS:  # the count is exact: there is room for two again
        held.keep(server_id, known(server_id))
    assert [[0], [2_560], [2_560]] == [unpacked(held.take(server_id)) for server_id in IDS]


def test_one_that_is_too_large_alone_is_remembered_packed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_UNPACKED", 2_000)
    held = Recent()
    held.keep(IDS[0], known(IDS[0]))
    assert [0] == unpacked(held.take(IDS[0]))


def test_those_that_sent_last_are_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2.5 * known(IDS[0]).size)
    held = Recent()
    for server_id in IDS:
        held.keep(server_id, known(server_id))
    assert [False, True, True] == [held.take(server_id) is not None for server_id in IDS]
