from datetime import datetime, timedelta

import pytest

from monitor.application.history.ports import SampleFilter, StoredSample
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED
from monitor.domain.times import microseconds, moment
from tests.contracts.builders import (
    ADMIN,
    AT,
    MICROSECOND,
    NOBODY,
    SECOND,
    a_chunk,
    a_sample,
    actor_of,
    store_samples,
    stored_server,
    stored_user,
)

MINUTE = timedelta(minutes=1)


def places(rows: list[StoredSample]) -> list[tuple[object, ServerId]]:
    return [(row.sample.recorded_at, row.sample.server_id) for row in rows]


class SampleQueriesContract:
    def test_newest_names_the_server_and_the_row(self, new_uow, queries):
        server = stored_server(new_uow, "2001:db8::1", name="Web服务器")
        sample = a_sample(server.id, AT + 123456 * MICROSECOND, extra={"load1": 0.5})
        store_samples(new_uow, sample)
        (row,) = queries.samples.newest(ADMIN, SampleFilter())
        assert (row.server_name, row.ip_address, row.sample) == ("Web服务器", "2001:db8::1", sample)
        assert isinstance(row.id, int)

    def test_newest_is_by_time_and_then_by_server_descending(self, new_uow, queries):
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        store_samples(
            new_uow,
            a_sample(two.id, AT),
            a_sample(one.id, AT + SECOND),
            a_sample(one.id, AT),
            a_sample(two.id, AT + MICROSECOND),
        )
        expected = [(AT + SECOND, one.id), (AT + MICROSECOND, two.id), (AT, two.id), (AT, one.id)]
        rows = queries.samples.newest(ADMIN, SampleFilter())
        assert places(rows) == expected
        assert len({row.id for row in rows}) == 4
        assert places(queries.samples.newest(ADMIN, SampleFilter(limit=2))) == expected[:2]
        assert places(queries.samples.newest(ADMIN, SampleFilter(server_id=one.id))) == [expected[0], expected[3]]

    def test_start_is_included_and_end_is_not(self, new_uow, queries):
        server = stored_server(new_uow)
        times = [AT + n * SECOND for n in range(5)]
        store_samples(new_uow, *(a_sample(server.id, at) for at in times))

        def newest(**limits) -> list[object]:
            return [at for at, _ in places(queries.samples.newest(ADMIN, SampleFilter(**limits)))]

        assert newest(start=times[1], end=times[4]) == times[3:0:-1]
        assert newest(start=times[3]) == times[:2:-1]
        assert newest(end=times[2]) == times[1::-1]
        assert newest(start=times[1] + MICROSECOND, end=times[4] + MICROSECOND) == times[4:1:-1]
        assert newest(start=times[4], end=times[1]) == []
        assert newest(start=times[2], end=times[2]) == []
        assert newest(start=AT - timedelta(days=1), end=AT) == []

    def test_pages_have_no_gap_and_no_repeat(self, new_uow, queries):
        """Many servers report at the same time, and the actor may see only some."""
        alice = stored_user(new_uow)
        hers = [stored_server(new_uow, f"192.0.2.{n}", user_ids=frozenset({alice.id})).id for n in (1, 2, 3)]
        other = stored_server(new_uow, "192.0.2.4").id
        keys = [(AT + n * SECOND, server_id) for n in range(5) for server_id in hers if n % 2 or server_id != hers[1]]
        hidden = [(AT + n * SECOND, other) for n in range(5)]
        store_samples(new_uow, *(a_sample(server_id, at) for at, server_id in keys + hidden))
        for actor, expected in [(actor_of(alice), keys), (ADMIN, keys + hidden)]:
            for limit in (1, 2, 3, 5, 50):
                seen: list[object] = []
                before = None
                while rows := queries.samples.newest(actor, SampleFilter(before=before, limit=limit)):
                    assert len(rows) <= limit
                    seen += places(rows)
                    assert len(seen) <= len(expected), "the pages go round in a circle"
                    before = (rows[-1].sample.recorded_at, rows[-1].sample.server_id)
                assert seen == sorted(expected, reverse=True)

    def test_a_page_of_one_server_continues_the_last_one(self, new_uow, queries):
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        times = [AT + n * MICROSECOND for n in range(4)]
        store_samples(new_uow, *(a_sample(server.id, at) for at in times for server in (one, two)))
        for server in (one, two):
            wanted = SampleFilter(server_id=server.id, start=times[1], before=(times[3], server.id))
            rows = queries.samples.newest(ADMIN, wanted)
            assert places(rows) == [(times[2], server.id), (times[1], server.id)]

    def test_users_read_only_linked_servers(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        store_samples(new_uow, a_sample(hers.id), a_sample(other.id))
        assert places(queries.samples.newest(actor_of(alice), SampleFilter())) == [(AT, hers.id)]
        assert queries.samples.newest(NOBODY, SampleFilter()) == []
        for actor, server_id in [(actor_of(alice), other.id), (NOBODY, hers.id), (ADMIN, ServerId(1_000_000))]:
            with pytest.raises(NotFound):
                queries.samples.newest(actor, SampleFilter(server_id=server_id))

    def test_a_server_without_samples_has_an_empty_page(self, new_uow, queries):
        server = stored_server(new_uow)
        assert queries.samples.newest(ADMIN, SampleFilter(server_id=server.id)) == []

    def test_values_are_those_of_the_samples_that_have_the_metric(self, new_uow, queries):
        """A column or an extra; to the microsecond, oldest first, without the end."""
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        times = [AT + n * SECOND + n * MICROSECOND for n in range(4)]
        extras = [{"load1": 0.1 + 0.2}, None, {"load1": 0.0, "disk:/var": 5e-324}, {"load1": -1e15}]
        rows = list(zip(times, extras, strict=True))
        samples = [a_sample(server.id, at, cpu=at.second + 0.25, extra=extra) for at, extra in rows]
        store_samples(new_uow, *samples[::-1], a_sample(other.id, times[1]))

        def values(metric: str, start=AT, end=AT + timedelta(days=1)) -> list[tuple[int, float]]:
            frame = queries.samples.frame(ADMIN, server.id, start, end, [metric])
            pairs = zip(frame.times, frame.column(metric), strict=True)
            return [(at, value) for at, value in pairs if value is not None]

        at = [microseconds(time) for time in times]
        assert values("cpu") == [(at[n], n + 0.25) for n in range(4)]
        assert values("memory") == [(moment, 56.78) for moment in at]
        assert values("disk") == [(moment, 90.0) for moment in at]
        assert values("load1") == [(at[0], 0.1 + 0.2), (at[2], 0.0), (at[3], -1e15)]
        assert values("disk:/var") == [(at[2], 5e-324)]
        assert values("swap") == []
        assert values("cpu", times[1], times[3]) == [(at[1], 1.25), (at[2], 2.25)]
        assert values("load1", times[0] + MICROSECOND, times[3] + MICROSECOND) == [(at[2], 0.0), (at[3], -1e15)]
        assert values("cpu", times[2], times[2]) == []

    @pytest.mark.parametrize("metrics", [None, ["cpu"]])
    def test_a_frame_has_only_hours_with_rows_that_their_chunk_lacks(self, new_uow, queries, metrics):
        server, hour = stored_server(new_uow), int(AT.timestamp()) // 3600
        times = [AT + (3600 * n + s) * SECOND for n in range(6) for s in (0, 1800, 3599)]
        store_samples(new_uow, *(a_sample(server.id, at) for at in times))
        with new_uow() as uow:
            uow.history.save(
                [a_chunk(server.id, hour + n, 3, b"c", raw_samples) for n, raw_samples in ((1, 3), (4, 2))]
            )
            uow.commit()

        def read(start, end) -> list[datetime]:
            frame = queries.samples.frame(ADMIN, server.id, start, end, metrics)
            assert len(frame.column("cpu")) == len(frame)
            return [moment(time) for time in frame.times]

        of_open = [at for at in times if at.hour != (AT.hour + 1)]
        assert read(AT, AT + timedelta(hours=9)) == of_open
        assert read(times[1], times[-1]) == of_open[1:-1]
        assert read(times[4], times[5]) == []
        store_samples(new_uow, a_sample(server.id, times[4] + SECOND))
        assert read(times[3], times[6]) == [*times[3:5], times[4] + SECOND, times[5]]

    def test_frames_of_several_servers_are_those_of_each(self, new_uow, queries):
        """One has an open hour between sealed ones, another late samples, another extras, the last nothing."""
        ids = [stored_server(new_uow, f"192.0.2.{n}").id for n in range(1, 5)]
        hour, metrics = int(AT.timestamp()) // 3600, ["cpu", "load1", DECLARED]
        times = [AT + (3600 * n + s) * SECOND for n in range(4) for s in (0, 1800)]
        extras = dict(zip(ids, (None, None, {"load1": 0.5}), strict=False))
        store_samples(
            new_uow,
            *(
                a_sample(id_, at, cpu=10.0 + place + at.hour, extra=extra)
                for place, (id_, extra) in enumerate(extras.items())
                for at in times
            ),
        )
        sealed = [(ids[0], 0, 2), (ids[0], 2, 2), (ids[1], 0, 1), (ids[1], 1, 2), (ids[1], 2, 2), (ids[1], 3, 2)]
        with new_uow() as uow:
            uow.history.save([a_chunk(id_, hour + n, 2, b"c", raw_samples) for id_, n, raw_samples in sealed])
            uow.commit()
        for start, end in [(AT, AT + timedelta(hours=9)), (times[1], times[-1]), (times[2], times[2])]:
            each = {id_: queries.samples.frame(ADMIN, id_, start, end, metrics) for id_ in ids}
            found = queries.samples.frames([*reversed(ids), ServerId(1_000_000)], start, end, metrics)
            assert {id_: frame for id_, frame in each.items() if frame.times} == found

    def test_a_frame_has_the_intervals_if_requested(self, new_uow, queries):
        """They are also in a frame of everything, which sealing uses."""
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        intervals = [15.0, None, 0.1 + 0.2]
        for at, interval in enumerate(intervals):
            store_samples(new_uow, a_sample(server.id, AT + at * SECOND, interval=interval, extra={"load1": 1.0}))
        store_samples(new_uow, a_sample(other.id))

        def columns(metrics: list[str] | None, of=server) -> dict[str, list[float | None]]:
            frame = queries.samples.frame(ADMIN, of.id, AT, AT + MINUTE, metrics)
            return {name: list(values) for name, values in frame.columns.items()}

        assert columns(["cpu", DECLARED]) == {"cpu": [12.34] * 3, DECLARED: intervals}
        assert columns([DECLARED]) == {DECLARED: intervals}
        assert columns(None)[DECLARED] == intervals
        assert columns(["cpu", "load1"]).keys() == {"cpu", "load1"}
        assert columns(None, other).keys() == columns(["cpu", "memory", "disk", DECLARED], other).keys()

    def test_values_are_hidden_like_samples(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        store_samples(new_uow, a_sample(hers.id, cpu=1.0), a_sample(other.id))
        assert len(queries.samples.frame(actor_of(alice), hers.id, AT, AT + SECOND)) == 1
        for actor, server_id in [(actor_of(alice), other.id), (NOBODY, hers.id), (ADMIN, ServerId(1_000_000))]:
            with pytest.raises(NotFound):
                queries.samples.frame(actor, server_id, AT, AT + SECOND)

    def test_minutes_are_averages_of_visible_servers_with_gaps(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = [stored_server(new_uow, f"192.0.2.{n}", user_ids=frozenset({alice.id})).id for n in (1, 2)]
        other = stored_server(new_uow, "192.0.2.3").id
        store_samples(
            new_uow,
            a_sample(hers[0], AT - MICROSECOND, cpu=99.0),
            a_sample(hers[0], AT, cpu=10.0, memory=1.0),
            a_sample(hers[0], AT + MINUTE - MICROSECOND, cpu=20.02, memory=2.0),
            a_sample(hers[0], AT + 2 * MINUTE, cpu=0.0, memory=100.0),
            a_sample(hers[0], AT + 3 * MINUTE, cpu=99.0),
            a_sample(other, AT, cpu=33.33),
        )
        asked = (other, hers[1], ServerId(1_000_000), hers[0])
        first = {"memory": [1.5, None, 100.0], "cpu": [15.01, None, 0.0]}
        found = queries.samples.minutes(actor_of(alice), asked, ["memory", "cpu"], AT, 3)
        assert found == {hers[0]: first, hers[1]: {"memory": [None] * 3, "cpu": [None] * 3}}
        assert [list(found), list(found[hers[0]])] == [hers, ["memory", "cpu"]]
        assert queries.samples.minutes(ADMIN, asked, ["cpu"], AT, 1)[other] == {"cpu": [33.33]}
        assert queries.samples.minutes(NOBODY, asked, ["cpu"], AT, 3) == {}
        assert queries.samples.minutes(ADMIN, [], ["cpu"], AT, 3) == {}

    def test_latest_has_one_for_each_server_with_samples(self, new_uow, queries):
        """The latest by measurement, not by receipt."""
        one, two, _ = (stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2, 3))
        newest = a_sample(one.id, AT + SECOND, cpu=1.0)
        backlog = a_sample(one.id, AT, received_at=AT + timedelta(hours=1))
        only = a_sample(two.id, AT - timedelta(days=30), extra={"load1": 0.25})
        store_samples(new_uow, newest, only)
        store_samples(new_uow, backlog)
        assert sorted(queries.samples.latest()) == [newest, only]
