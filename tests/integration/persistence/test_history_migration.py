"""History that was sealed before there were summaries of half a day."""

from monitor.adapters.persistence import migrations
from monitor.adapters.persistence.engine import create_engine
from monitor.adapters.persistence.queries import SqlQueries
from monitor.application.ports.history import Block
from monitor.domain.history.codec import decode, encode
from monitor.domain.history.frames import Frame, joined
from monitor.domain.history.rollups import HALF_DAY, HOUR, folded, summarised
from tests.contracts.builders import stored_server
from tests.integration.persistence.conftest import uow_factory

WEEK, FIRST = 7 * 24, 2607  # a week in the midst of four


def hour(number: int) -> Frame:
    times = [number * HOUR + n * 900_000_000 for n in range(4)]
    return folded(summarised(Frame(times, {"cpu": [number % 97 + n / 4 for n in range(4)]})), HOUR)


def test_it_is_summarised_when_the_database_is_upgraded(database_url: str) -> None:
    migrations.upgrade(database_url, "0004")
    engine = create_engine(database_url)
    new_uow = uow_factory(engine)
    one, silent = (stored_server(new_uow, f"192.0.2.{n}").id for n in (1, 2))
    weeks = [joined([hour(n) for n in range(week * WEEK + 5, week * WEEK + 100)]) for week in range(FIRST, FIRST + 5)]
    with new_uow() as uow:
        uow.history.save_blocks([Block(one, 3600, FIRST + n, encode(week)) for n, week in enumerate(weeks)])
        uow.commit()

    migrations.upgrade(database_url)

    history = SqlQueries(engine).history
    found = history.blocks(one, 43_200, 0, FIRST)
    assert [block.period for block in found] == sorted({week // 4 for week in range(FIRST, FIRST + 5)})
    assert joined([decode(block.data) for block in found]) == folded(joined(weeks), HALF_DAY)
    assert history.blocks(silent, 43_200, 0, FIRST) == []
    migrations.downgrade(database_url, "0004")
    assert history.blocks(one, 43_200, 0, FIRST) == []
    assert len(history.blocks(one, 3600, 0, 2 * FIRST)) == len(weeks)
    engine.dispose()
