"""Chunks that cannot be read: of a newer version, or damaged on disk."""

import logging
from datetime import timedelta

import pytest

from monitor.domain.history.codec import BrokenChunk
from tests.unit.application.core import ROOT, Core
from tests.unit.application.history.sealed import hour_of, plain, read, seal, store


@pytest.mark.parametrize("width", [None, 600])
def test_rows_of_its_server_stay_and_other_servers_are_sealed(
    width: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    core = Core()
    broken, other = core.server("10.0.0.1"), core.server("10.0.0.2")
    samples = {each.id: [*hour_of(core, each, 60, 4), core.sample(each)] for each in (broken, other)}
    for found in samples.values():
        store(core, found)
    seal(core)
    with core.new_uow() as uow:
        if width is None:
            (chunk,) = core.store.queries.history.chunks(broken.id, 0, 10**6)
            uow.history.save([chunk._replace(data=b"\x63" + chunk.data[1:])])
        else:
            (rollup,) = core.store.queries.history.rollups(broken.id, width, 0, 10**6)
            uow.history.save([rollup._replace(data=b"\x63" + rollup.data[1:])])
        uow.commit()
    late = {
        each: found[1]._replace(recorded_at=found[1].recorded_at + timedelta(seconds=1))
        for each, found in samples.items()
    }
    store(core, list(late.values()))
    with caplog.at_level(logging.ERROR):
        assert seal(core) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "samples of server 1 are not sealed: its history cannot be read (version 63)"
    ]
    assert read(core, other) == plain([*samples[other.id], late[other.id]])
    assert late[broken.id] in core.stored_samples(broken.id)
    now = core.clock.now()
    with pytest.raises(BrokenChunk, match="version 63"):
        core.read_series(ROOT, broken.id, start=now - timedelta(days=3), end=now, points=1000)
