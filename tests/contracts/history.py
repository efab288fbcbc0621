from datetime import timedelta

import pytest

from monitor.application.history import tiers
from monitor.application.history.blocks import StoredBlock
from monitor.application.history.newest import newest
from monitor.application.history.ports import OpenHour, RawHour, RawSpan, SampleFilter
from monitor.application.history.sealing import prepared, write
from monitor.domain.errors import ConstraintViolated
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode
from monitor.domain.history.frames import DECLARED, Frame, frame_of
from monitor.domain.history.rollups import ROLLUP_SPANS, metrics_of
from monitor.domain.intake.samples import Sample
from tests.contracts.builders import (
    ADMIN,
    AT,
    MICROSECOND,
    SECOND,
    a_chunk,
    a_rollup,
    a_sample,
    store_samples,
    stored_server,
)

HOUR = int(AT.timestamp()) // 3600
UNKNOWN = ServerId(1_000_000)


def save(new_uow, *rows: StoredBlock) -> None:
    with new_uow() as uow:
        uow.history.save(rows)
        uow.commit()


class HistoryContract:
    def test_chunks_are_read_back_in_order(self, new_uow, queries):
        """Only the server's chunks of these hours, without limit of size."""
        one, two = stored_server(new_uow, "192.0.2.1").id, stored_server(new_uow, "192.0.2.2").id
        data = [bytes([n]) * 70_000 for n in range(4)]
        rows = [a_chunk(one, HOUR + n, n, data[n]) for n in range(4)]
        save(new_uow, *rows[::-1], a_chunk(two, HOUR, 9, bytes(range(256))))
        assert queries.history.chunks(one, HOUR, HOUR + 4) == rows
        assert queries.history.chunks(one, HOUR + 1, HOUR + 3) == rows[1:3]
        assert queries.history.chunks(two, HOUR - 10_000, HOUR + 10_000) == [a_chunk(two, HOUR, 9, bytes(range(256)))]
        assert queries.history.chunks(UNKNOWN, HOUR, HOUR + 4) == []
        of_both = queries.history.blocks([two, UNKNOWN, one], 0, HOUR, HOUR + 2)
        assert [(one, HOUR), (one, HOUR + 1), (two, HOUR)] == [(each.server_id, each.period) for each in of_both]
        assert [] == queries.history.blocks([], 0, HOUR, HOUR + 2)

    def test_a_chunk_replaces_the_previous_one(self, new_uow, queries):
        server = stored_server(new_uow).id
        save(new_uow, a_chunk(server, HOUR, 1, b"old"), a_chunk(server, HOUR + 1, 2, b"other"))
        save(new_uow, a_chunk(server, HOUR, 3, b"new"))
        assert queries.history.chunks(server, HOUR, HOUR + 2) == [
            a_chunk(server, HOUR, 3, b"new"),
            a_chunk(server, HOUR + 1, 2, b"other"),
        ]
        with new_uow() as uow:
            assert uow.history.sealed(server, [HOUR, HOUR + 1, HOUR + 2]) == {HOUR: (3, 0), HOUR + 1: (2, 0)}
            assert uow.history.sealed(server, []) == {}

    def test_a_chunk_knows_how_many_of_its_samples_are_rows(self, new_uow, queries):
        one, two = stored_server(new_uow, "192.0.2.1").id, stored_server(new_uow, "192.0.2.2").id
        save(new_uow, *(a_chunk(server, HOUR + n, 5, b"c", 5) for server in (one, two) for n in range(3)))
        assert queries.history.chunks_of_hour(None, HOUR) == []  # all its samples are rows
        with new_uow() as uow:
            uow.history.set_raw_samples(one, {HOUR: 4, HOUR + 1: 0, HOUR + 7: 3})
            uow.history.set_raw_samples(one, {})
            uow.commit()
        assert [chunk.raw_samples for chunk in queries.history.chunks(one, HOUR, HOUR + 9)] == [4, 0, 5]
        assert [chunk.raw_samples for chunk in queries.history.chunks(two, HOUR, HOUR + 9)] == [5, 5, 5]
        assert queries.history.chunks_of_hour(None, HOUR) == [a_chunk(one, HOUR, 5, b"c", 4)]
        save(new_uow, a_chunk(one, HOUR, 6, b"d", 6))
        with new_uow() as uow:
            assert uow.history.sealed(one, [HOUR, HOUR + 1]) == {HOUR: (6, 6), HOUR + 1: (5, 0)}

    def test_an_hour_of_amended_rows_is_open(self, new_uow, queries):
        """Each time changes its number, so who prepared a chunk meanwhile notices. Other hours stay as they are."""
        one, two = stored_server(new_uow, "192.0.2.1").id, stored_server(new_uow, "192.0.2.2").id
        save(new_uow, *(a_chunk(server, HOUR + n, 5, b"c", 3 * n) for server in (one, two) for n in range(2)))
        for number in (-1, -2):
            with new_uow() as uow:
                uow.history.note_amended(one, [HOUR, HOUR + 1, HOUR + 2])
                uow.commit()
            with new_uow() as uow:
                found = uow.history.sealed(one, range(HOUR, HOUR + 4))
            assert found == {HOUR: (5, number), HOUR + 1: (5, number), HOUR + 2: (0, number)}
        *held, empty = queries.history.chunks(one, HOUR, HOUR + 9)
        assert [b"c", b"c"] == [chunk.data for chunk in held]
        assert decode(empty.data) == Frame()
        assert [0, 3] == [chunk.raw_samples for chunk in queries.history.chunks(two, HOUR, HOUR + 9)]
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.history.note_amended(UNKNOWN, [HOUR])

    def test_rollups_are_kept_apart_by_width(self, new_uow, queries):
        server = stored_server(new_uow).id
        rollups = [a_rollup(server, width, period, b"%d" % period) for width in (600, 3600) for period in (7, 8, 9)]
        save(new_uow, *rollups[::-1])
        save(new_uow, rollups[0]._replace(data=b"new"))
        assert queries.history.rollups(server, 600, 7, 9) == [rollups[0]._replace(data=b"new"), rollups[1]]
        assert queries.history.rollups(server, 3600, 0, 100) == rollups[3:]
        other = a_rollup(stored_server(new_uow, "192.0.2.2").id, 3600, 8, b"other")
        save(new_uow, other)
        of_both = queries.history.blocks([other.server_id, UNKNOWN, server], 3600, 8, 9)
        assert of_both == [rollups[4], other]
        with new_uow() as uow:
            assert uow.history.rollups(server, 3600, {9, 7, 12}) == [rollups[3], rollups[5]]

    def test_a_deleted_server_has_no_history(self, new_uow, queries):
        kept, doomed = stored_server(new_uow, "192.0.2.1").id, stored_server(new_uow, "192.0.2.2").id
        for server in (kept, doomed):
            save(new_uow, a_chunk(server, HOUR, 1, b"c"), a_rollup(server, 600, 1, b"b"))
        with new_uow() as uow:
            uow.servers.delete([doomed])
            uow.commit()
        assert [chunk.server_id for chunk in queries.history.chunks_of_hour(None, HOUR)] == [kept]
        assert queries.history.rollups(doomed, 600, 0, 10) == []
        for row in (a_chunk(doomed, HOUR, 1, b"c"), a_rollup(doomed, 600, 1, b"b")):
            with pytest.raises(ConstraintViolated):
                save(new_uow, row)

    def test_rows_are_removed_by_id_and_counted(self, new_uow, queries):
        """Rows deleted before are not counted."""
        server = stored_server(new_uow).id
        samples = [a_sample(server, AT + n * SECOND, extra={"load1": 0.5} if n % 2 else None) for n in range(1_200)]
        store_samples(new_uow, *samples)
        ids, frame = queries.history.raw_rows(server, HOUR)
        assert frame == frame_of(samples)
        with new_uow() as uow:
            assert uow.history.remove_rows(ids[5:]) == 1_195
            assert uow.history.remove_rows(ids[4:7]) == 1
            assert uow.history.remove_rows([]) == 0
            uow.commit()
        assert queries.history.raw_rows(server, HOUR).frame == frame_of(samples[:4])
        assert queries.samples.latest() == [samples[3]]

    def test_without_a_commit_nothing_changes(self, new_uow, queries):
        server = stored_server(new_uow).id
        store_samples(new_uow, a_sample(server))
        ids, _ = queries.history.raw_rows(server, HOUR)
        with new_uow() as uow:
            uow.history.save([a_chunk(server, HOUR, 1, b"c")])
            uow.history.save([a_rollup(server, 600, 1, b"b")])
            assert uow.history.remove_rows(ids) == 1
        assert queries.samples.latest() == [a_sample(server)]
        assert queries.history.chunks(server, HOUR, HOUR + 1) == []
        assert queries.history.rollups(server, 600, 0, 9) == []

    def test_raw_rows_are_of_one_server_and_hour(self, new_uow, queries):
        one, two = stored_server(new_uow, "192.0.2.1").id, stored_server(new_uow, "192.0.2.2").id
        samples = [a_sample(one, AT + n * MICROSECOND) for n in (-1, 0, 1, 3_599_999_999, 3_600_000_000)]
        store_samples(new_uow, *samples[::-1], a_sample(two, AT + SECOND))
        ids, frame = queries.history.raw_rows(one, HOUR)
        assert (len(set(ids)), frame) == (3, frame_of(samples[1:4]))
        assert queries.history.raw_rows(one, HOUR - 1).frame == frame_of(samples[:1])
        assert queries.history.raw_rows(two, HOUR + 1) == ([], frame_of([]))

    def test_raw_hours_show_rows_that_the_chunk_lacks(self, new_uow, queries):
        one, two = stored_server(new_uow, "192.0.2.1").id, stored_server(new_uow, "192.0.2.2").id
        times = [AT + hour * timedelta(hours=1) + n * MICROSECOND for hour in range(4) for n in range(-1, 2)]
        store_samples(new_uow, *(a_sample(one, at) for at in times[1:]), a_sample(two))
        save(
            new_uow,
            a_chunk(one, HOUR, 3, b"c", 3),
            a_chunk(one, HOUR + 1, 9, b"c", 2),
            a_chunk(one, HOUR + 9, 9, b"c", 9),
        )
        found = queries.history.raw_hours(one, HOUR - 5, HOUR + 9)
        assert found == [
            RawHour(HOUR, 3, 3),
            RawHour(HOUR + 1, 3, 2),
            *(RawHour(HOUR + n, 3 - n // 3, None) for n in (2, 3)),
        ]
        assert [each.is_open for each in found] == [False, True, True, True]
        assert queries.history.raw_hours(one, HOUR + 1, HOUR + 3) == found[1:3]
        assert queries.history.raw_hours(two, -(10**7), 10**8) == [RawHour(HOUR, 1, None)]
        assert queries.history.raw_hours(two, HOUR + 1, HOUR + 9) == []

    def test_open_hours_show_bounds_of_a_metric_with_a_column(self, new_uow, queries):
        one = stored_server(new_uow).id
        hours = [[3.5, 70.25, 7.0], [99.99], [5.0]]
        store_samples(
            new_uow,
            *(
                a_sample(one, AT + timedelta(hours=hour, seconds=n), cpu=value, extra={"load1": 1.0})
                for hour, values in enumerate(hours)
                for n, value in enumerate(values)
            ),
        )
        save(new_uow, a_chunk(one, HOUR, 9, b"c", 2), a_chunk(one, HOUR + 2, 1, b"c", 1))
        found = queries.history.open_hours(one, HOUR, HOUR + 3, "cpu")
        assert found == [OpenHour(HOUR, 3, 3.5, 70.25), OpenHour(HOUR + 1, 1, 99.99, 99.99)]
        assert queries.history.open_hours(one, HOUR + 1, HOUR + 3, "cpu") == found[1:]
        for metric in ("load1", "disk:/", DECLARED):
            assert queries.history.open_hours(one, HOUR, HOUR + 1, metric) == [OpenHour(HOUR, 3)]

    def test_open_hours_are_found_of_all_servers(self, new_uow, queries):
        one, two, other, sealed = (stored_server(new_uow, f"192.0.2.{n}").id for n in (1, 2, 3, 4))
        store_samples(
            new_uow,
            *(a_sample(one, AT + n * MICROSECOND, cpu=n % 7) for n in (-1, 0, 5, 3_599_999_999, 3_600_000_000)),
            a_sample(two, AT + SECOND, cpu=99.99),
            a_sample(other, AT - SECOND),
            a_sample(sealed, AT + timedelta(days=1)),
            a_sample(sealed, AT + timedelta(days=1, hours=3)),
        )
        save(new_uow, a_chunk(one, HOUR, 9, b"c", 2), a_chunk(other, HOUR, 9, b"c", 9))
        save(new_uow, *(a_chunk(sealed, HOUR + n, 1, b"c", 1) for n in (24, 27)))
        progress: list[float] = []
        found = queries.history.open_hours_of_all("cpu", progress.append)
        assert found[one][1:] == [OpenHour(HOUR, 3, 0, 5), OpenHour(HOUR + 1, 1, 2, 2)]
        assert found[two] == [OpenHour(HOUR, 1, 99.99, 99.99)]
        assert sealed not in found
        assert progress == sorted(progress)
        for metric in ("cpu", "load1"):
            found = queries.history.open_hours_of_all(metric, progress.append)
            assert found == {
                id_: queries.history.open_hours(id_, HOUR - 9, HOUR + 99, metric) for id_ in (one, two, other)
            }

    def test_without_samples_no_hour_is_open(self, queries):
        assert queries.history.open_hours_of_all("cpu", lambda _: None) == {}

    def test_chunks_are_found_by_their_hours(self, new_uow, queries):
        one, other = (stored_server(new_uow, f"192.0.2.{n}").id for n in (1, 2))
        chunks = [a_chunk(one, hour, 1, b"c") for hour in range(1200)]
        save(new_uow, *chunks, a_chunk(other, 3, 1, b"c"))
        assert queries.history.chunks_at(one, {7, 3, 5, 9999}) == [chunks[3], chunks[5], chunks[7]]
        assert queries.history.chunks_at(one, range(1200)) == chunks
        assert queries.history.chunks_at(one, []) == queries.history.chunks_at(other, [4]) == []

    def test_raw_spans_are_of_servers_with_samples(self, new_uow, queries):
        one, empty, two = (stored_server(new_uow, f"192.0.2.{n}").id for n in (1, 2, 3))
        assert empty
        store_samples(new_uow, *(a_sample(one, AT + n * SECOND) for n in (3, 1, 2)), a_sample(two))
        spans = [RawSpan(one, AT + SECOND, AT + 3 * SECOND), RawSpan(two, AT, AT)]
        assert queries.history.raw_spans(ServerId(0), 10) == spans
        assert queries.history.raw_spans(ServerId(0), 1) == spans[:1]
        assert queries.history.raw_spans(one, 10) == spans[1:]
        assert queries.history.raw_spans(two, 10) == []

    def test_hours_are_found_newest_first(self, new_uow, queries):
        one, two, other = (stored_server(new_uow, f"192.0.2.{n}").id for n in (1, 2, 3))
        rows = [a_chunk(server, HOUR + n, 1, b"c") for server, hours in ((one, (0, 5)), (two, (3, 5))) for n in hours]
        save(new_uow, *rows)
        find = queries.history.newest_hour
        assert [find(None, HOUR + n) for n in (9, 5, 3, 0)] == [HOUR + 5, HOUR + 3, HOUR, None]
        assert [find([one], HOUR + n) for n in (9, 5, 0)] == [HOUR + 5, HOUR, None]
        assert find([one, two, other], HOUR + 5) == HOUR + 3
        assert find([other], HOUR + 9) is find([], HOUR + 9) is None
        of_hour = queries.history.chunks_of_hour
        assert of_hour(None, HOUR + 5) == of_hour([two, one], HOUR + 5) == [rows[1], rows[3]]
        assert of_hour([two], HOUR + 5) == [rows[3]]
        assert of_hour([other], HOUR + 5) == of_hour(None, HOUR + 1) == []

    @pytest.mark.parametrize("stays", [True, False], ids=["raw", "only sealed"])
    def test_intervals_are_sealed_with_their_samples(self, new_uow, queries, stays):
        """A late sample changes no interval of its neighbours."""
        server = stored_server(new_uow).id
        intervals = [15.0, None, 1 / 3, 60.0]
        samples = [a_sample(server, AT + n * SECOND, interval=each) for n, each in enumerate(intervals)]
        late = [a_sample(server, at, interval=each) for at, each in ((AT + MICROSECOND, None), (AT + 9 * SECOND, 5.0))]
        held: list[Sample] = []
        for some in (samples, late):
            store_samples(new_uow, *some)
            ids, frame = queries.history.raw_rows(server, HOUR)
            hand = {HOUR: len(ids) if stays else 0}
            sealing = prepared(queries, server, {HOUR: frame}, ids=[] if stays else ids, raw_samples=hand)
            with new_uow() as uow:
                write(uow, sealing)
                uow.commit()
            held = sorted([*held, *some], key=lambda sample: sample.recorded_at)
            (chunk,) = queries.history.chunks(server, HOUR, HOUR + 1)
            assert decode(chunk.data).columns == frame_of(held).columns
            found = tiers.frame(queries, ADMIN, server, AT, AT + timedelta(hours=1), ["cpu", DECLARED])
            assert list(found.column(DECLARED)) == [sample.interval for sample in held]
            rows = newest(queries, ADMIN, SampleFilter(server_id=server))
            assert [row.sample.interval for row in rows] == [sample.interval for sample in held[::-1]]
        for width in ROLLUP_SPANS:
            (rollup,) = queries.history.rollups(server, width, 0, 2**31 - 1)
            assert sorted(metrics_of(decode(rollup.data))) == ["cpu", "disk", "memory"]

    def test_pruning_deletes_the_oldest_first_up_to_the_limit(self, new_uow, queries):
        server = stored_server(new_uow).id
        chunks = [a_chunk(server, HOUR + n, 1, b"c") for n in range(4)]
        rollups = [a_rollup(server, width, n, b"b") for width in (600, 3600) for n in range(4)]
        save(new_uow, *chunks, *rollups)
        store_samples(new_uow, *(a_sample(server, AT + n * SECOND) for n in range(4)))
        with new_uow() as uow:
            assert uow.history.prune(0, HOUR + 3, 2) == 2
            assert uow.history.prune(600, 3, 2) == 2
            assert uow.history.prune_rows(AT + 3 * SECOND, 2) == 2
            uow.commit()
        assert queries.history.chunks(server, HOUR, HOUR + 9) == chunks[2:]
        assert queries.history.rollups(server, 600, 0, 9) == rollups[2:4]
        assert queries.history.rollups(server, 3600, 0, 9) == rollups[4:]
        assert len(queries.history.raw_rows(server, HOUR).ids) == 2
        with new_uow() as uow:
            assert uow.history.prune(0, HOUR + 3, 9) == 1
            assert uow.history.prune(600, 3, 9) == uow.history.prune_rows(AT + 3 * SECOND, 9) == 1
            assert uow.history.prune(0, HOUR + 3, 9) == 0

    def test_sizes_have_the_number_of_rows_and_their_span(self, new_uow, queries):
        server = stored_server(new_uow).id
        empty = queries.history.sizes()
        assert {(tier.rows, tier.samples, tier.first, tier.last) for tier in empty.values()} == {(0, 0, None, None)}
        store_samples(new_uow, a_sample(server), a_sample(server, AT + SECOND))
        chunks = [a_chunk(server, HOUR + n, 200, b"c" * 900) for n in range(2)]
        save(new_uow, *chunks, a_rollup(server, 600, 3, b"b" * 50), a_rollup(server, 3600, 4, b"b" * 50))
        found = queries.history.sizes()
        day, hour = timedelta(days=1), timedelta(hours=1)
        begin, epoch = AT.replace(minute=0, second=0, microsecond=0), AT.fromtimestamp(0, AT.tzinfo)
        assert {name: (tier.rows, tier.samples, tier.first, tier.last) for name, tier in found.items()} == {
            "samples": (2, 2, AT, AT + SECOND),
            "chunks": (2, 400, begin, begin + 2 * hour),
            "600": (1, 0, epoch + 3 * day, epoch + 4 * day),
            "3600": (1, 0, epoch + 28 * day, epoch + 35 * day),
            "43200": (0, 0, None, None),
        }
        assert found["chunks"].bytes >= 1_800
        assert found["600"].bytes == found["3600"].bytes >= 50
