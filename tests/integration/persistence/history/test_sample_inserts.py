"""Inserts with hand-written SQL: values are read back equal, and never run as SQL."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.history.sample_inserts import extra_text, values_lists, written
from monitor.adapters.persistence.store import SqlQueries
from monitor.application.history.ports import SampleFilter
from monitor.domain.errors import ConstraintViolated
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    SECOND,
    a_sample,
    a_server,
    raw_samples,
    store_samples,
    stored_server,
)
from tests.contracts.threads import until_no_conflict
from tests.examples import examples
from tests.integration.persistence.conftest import NewUow, uow_factory

EARLIEST, LATEST = datetime(1971, 1, 1), datetime(2999, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001 (Hypothesis adds the zone)
zones = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9, minutes=-30))])
times = st.datetimes(EARLIEST, LATEST, timezones=zones)
percents = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(HOSTILE)
extras = st.none() | st.dictionaries(texts, st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5)


def samples_of(server_id: ServerId) -> st.SearchStrategy[list[Sample]]:
    intervals = st.none() | st.floats(0, 86_400, exclude_min=True)
    fields = st.tuples(st.just(server_id), times, times, percents, percents, percents, extras, intervals)
    one = fields.map(lambda values: Sample(*values))
    return st.lists(one, max_size=4, unique_by=lambda sample: sample.recorded_at)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(50))
@given(data=st.data())
def test_stored_samples_are_read_back_equal(engine: Engine, data: st.DataObject) -> None:
    new_uow, queries = uow_factory(engine), SqlQueries(engine)
    server = stored_server(new_uow)
    try:
        samples = data.draw(samples_of(server.id))
        store_samples(new_uow, *samples)

        expected = sorted(samples, key=lambda sample: sample.recorded_at)
        assert raw_samples(queries, server.id) == expected
        newest = queries.samples.newest(ADMIN, SampleFilter())
        assert [row.sample for row in newest] == expected[::-1]
        with new_uow() as uow:
            keys = {(sample.server_id, sample.recorded_at) for sample in samples}
            assert uow.samples.existing(keys) == keys
    finally:
        with new_uow() as uow:
            uow.servers.delete([server.id])
            uow.commit()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_in_extra_stay_text(engine: Engine, new_uow: NewUow, queries: SqlQueries, name: str) -> None:
    """The domain rejects such names, but this code must not depend on it."""
    server = stored_server(new_uow)
    sample = a_sample(server.id, extra={name: 1.5, f"{name}'), (1": 2.5})

    store_samples(new_uow, sample)

    assert queries.samples.latest() == [sample]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_without_json_are_refused(value: float) -> None:
    """They could be stored but not read."""
    with pytest.raises(ValueError, match="finite"):
        extra_text({"load1": value})


@pytest.mark.parametrize("place", [0, 3, 4, 5, 7])
def test_values_that_are_not_numbers_are_refused(place: int) -> None:
    """After a mistake elsewhere."""
    fields: list[Any] = list(a_sample(ServerId(1)))
    fields[place] = "1), (2"
    addresses: dict[Any, str] = dict.fromkeys([1, "1), (2"], "192.0.2.1")
    with pytest.raises(ValueError, match="format code"):
        list(values_lists([Sample(*fields)], addresses, repr))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        written(AT.replace(tzinfo=None))


def test_statements_stay_below_the_packet_limit() -> None:
    """MySQL 5.7 ends the connection at 4 MB."""
    extra = {f"{n:02}" + "m" * 62: 1.7976931348623157e308 for n in range(64)}
    samples = [a_sample(ServerId(1), AT + n * SECOND, extra=extra) for n in range(1_000)]

    statements = list(values_lists(samples, {1: "192.0.2.1"}, repr))

    assert max(map(len, statements)) < 1_100_000
    assert sum(statement.count("(1,'192.0.2.1'") for statement in statements) == 1_000


def test_a_row_keeps_the_address_of_its_time(engine: Engine, new_uow: NewUow, queries: SqlQueries) -> None:
    """Another process changes the address between two inserts."""
    server = stored_server(new_uow, "192.0.2.1")
    store_samples(new_uow, a_sample(server.id))
    other_process = create_engine(engine.url)
    with uow_factory(other_process)() as uow:
        uow.servers.save(a_server("192.0.2.2", id=server.id))
        uow.commit()
    other_process.dispose()

    until_no_conflict(lambda: store_samples(new_uow, a_sample(server.id, AT + SECOND)))

    rows = queries.samples.newest(ADMIN, SampleFilter())
    assert [row.ip_address for row in rows] == ["192.0.2.2", "192.0.2.1"]


def test_an_address_changed_and_rolled_back_is_not_remembered(new_uow: NewUow, queries: SqlQueries) -> None:
    server = stored_server(new_uow, "192.0.2.1")
    with new_uow() as uow:
        uow.servers.save(a_server("192.0.2.2", id=server.id))
        uow.samples.add([a_sample(server.id)])

    store_samples(new_uow, a_sample(server.id))

    assert [row.ip_address for row in queries.samples.newest(ADMIN, SampleFilter())] == ["192.0.2.1"]


def test_a_server_deleted_by_another_process_gets_no_samples(engine: Engine, new_uow: NewUow) -> None:
    server = stored_server(new_uow)
    store_samples(new_uow, a_sample(server.id))
    other_process = create_engine(engine.url)
    with uow_factory(other_process)() as uow:
        uow.servers.delete([server.id])
        uow.commit()
    other_process.dispose()

    with pytest.raises(ConstraintViolated):
        store_samples(new_uow, a_sample(server.id, AT + SECOND))


def test_a_large_group_takes_few_statements(pipelining_engine: Engine) -> None:
    """One for the fleet's revision, one per thousand samples, and one for addresses."""
    new_uow = uow_factory(pipelining_engine)
    server = stored_server(new_uow)
    store_samples(new_uow, a_sample(server.id))
    before = statements_so_far(pipelining_engine)

    store_samples(new_uow, *(a_sample(server.id, AT + n * SECOND) for n in range(1, 2_001)))

    assert statements_so_far(pipelining_engine) - before == Counter(select=1, insert=2, commit=1)


def statements_so_far(engine: Engine) -> Counter[str]:
    """With one connection, for one thread."""
    counts = text("SHOW SESSION STATUS WHERE Variable_name IN ('Com_select', 'Com_insert', 'Com_commit')")
    with engine.connect() as connection:
        return Counter({name.removeprefix("Com_"): int(count) for name, count in connection.execute(counts)})
