"""Whatever one key sends for a server: what is kept, read, unpacked and computed of it is bounded."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake import assembly, known, scrapes
from monitor.domain.intake.assembly import assemble
from monitor.domain.intake.known import LOOKBACK, WINDOW, Known
from monitor.domain.intake.scrapes import Kept, Part, Scrape, packed, surplus

SERVER = ServerId(1)
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
T0 = 1_893_495_600_000
DAY = 86_400_000


def part(at: int, source: int = 1, readings: Mapping[str, float] = MappingProxyType({"node_load1": 1.0})) -> Part:
    return Part(SERVER, source, at, dict(readings))


def kept(*parts: Part) -> list[Scrape]:
    """Return scrapes as they are read from the database: packed."""
    return [replace(scrape) for scrape in assemble(Known.of([]), parts, NOW).changed.values()]


def test_between_two_distant_times_nothing_is_read() -> None:
    held = kept(*(part(T0 - number * 10 * LOOKBACK) for number in range(100)))
    found = assemble(Known.of(held), [part(T0 - 98 * 10 * LOOKBACK + 1), part(T0 + 1)], NOW)
    assert 2 == len(found.changed.keys() - {scrape.key for scrape in held})
    unpacked = [scrape.at for scrape in held if "readings" in vars(scrape)]
    assert {T0, T0 - 98 * 10 * LOOKBACK} >= set(unpacked)


def test_further_targets_are_refused_in_each_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_TARGETS", 3)
    held = kept(part(T0, 1), part(T0, 2))
    parts = [part(T0 + 1, source) for source in (1, 2, 3, 4)]
    found = assemble(Known.of(held), [*parts, part(T0 + WINDOW, 4)], NOW)
    assert [("too_many_targets", 3, parts[3])] == [(full.code, full.limit, which) for which, full in found.refused]
    assert {(1, T0 + 1), (2, T0 + 1), (3, T0 + 1), (4, T0 + WINDOW)} <= found.changed.keys()


def test_further_scrapes_are_refused_but_not_parts_of_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_SCRAPES", 2)
    held = kept(part(T0), part(T0 + 1))
    found = assemble(Known.of(held), [part(T0 + 2), part(T0, 1, {"node_load5": 2.0})], NOW)
    assert ["too_many_scrapes"] == [full.code for _, full in found.refused]
    assert {"node_load1": 1.0, "node_load5": 2.0} == found.changed[1, T0].readings


def test_further_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_PACKED", 1_000)
    parts = [part(T0 + n, 1, {f"node_{n}_{each}": each / 7 for each in range(20)}) for n in range(10)]
    found = assemble(Known.of([]), parts, NOW)
    assert {"too_many_bytes"} == {full.code for _, full in found.refused}
    assert sum(len(scrape.packed) for scrape in found.changed.values()) <= 1_000


def test_the_names_of_a_scrape_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "MAX_NAMES", 100)
    names = [f"node_{n}".ljust(30, "x") for n in range(10)]
    [scrape] = kept(part(T0, 1, dict.fromkeys(names, 1.0)))
    assert names[:3] == list(scrape.readings)
    assert {} == assemble(Known.of([scrape]), [part(T0, 1, dict.fromkeys(names, 1.0))], NOW).changed


def test_what_is_stored_unpacks_to_no_more_than_a_multiple() -> None:
    readings = {f"node_{'x' * 500}_{n}": 1.0 for n in range(1_000)}
    text = json.dumps(readings, separators=(",", ":"))
    assert len(text) > 20 * len(zlib.compress(text.encode(), 1))
    assert len(text) <= scrapes.MOST_PACKED * len(packed(readings))
    [scrape] = kept(part(T0, 1, readings))
    assert readings == scrape.readings


def test_few_scrapes_are_unpacked_at_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    held = kept(*(part(T0 + n * 1000, n % 5 + 1, {f"node_{each}": each / 7 for each in range(50)}) for n in range(200)))
    assembly_limit = 5 * len(held[0].packed)
    monkeypatch.setattr(assembly, "UNPACKED", assembly_limit)
    assemble(Known.of(held), [part(T0 + 100_500)], NOW)
    assert sum(len(scrape.packed) for scrape in held if "readings" in vars(scrape)) <= 2 * assembly_limit


def test_only_the_nearest_of_many_scrapes_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "MOST_RECHECKED", 10)
    held = kept(*(part(T0 + n * 1000, 1, {"node_load1": float(n)}) for n in range(200)))
    assemble(Known.of(held), [part(T0 + 100_500)], NOW)
    unpacked = {(scrape.at - T0) // 1000 for scrape in held if "readings" in vars(scrape)}
    assert set(range(101, 111)) <= unpacked
    assert len(unpacked) <= 10 + assembly.EARLIER


def test_those_that_came_first_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(*each: tuple[int, bool, int]) -> list[Kept]:
        return [Kept((1, at), is_edge, size) for at, is_edge, size in each]

    monkeypatch.setattr(scrapes, "MAX_KEPT", 3)
    assert [(1, 1), (1, 0)] == surplus(listed(*((at, False, 1) for at in (4, 3, 2, 1, 0))))
    monkeypatch.setattr(scrapes, "MAX_ISOLATED", 1)
    assert [(1, 3)] == surplus(listed((4, True, 1), (3, True, 1), (2, False, 1)))
    monkeypatch.setattr(scrapes, "MAX_KEPT_BYTES", 10)
    assert [(1, 3)] == surplus(listed((4, False, 6), (3, False, 6), (2, False, 4)))
