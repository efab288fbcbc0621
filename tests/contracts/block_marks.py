from monitor.application.history.blocks import Block, Place, StoredBlock
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import NewUow, a_chunk, a_rollup, stored_server
from tests.contracts.history import HOUR, save


def take(
    new_uow: NewUow, width: int = 0, before: int = HOUR + 100, after: Place | None = None, limit: int = 100
) -> list[StoredBlock]:
    with new_uow() as uow:
        found = uow.blocks.take(width, before, after, limit)
        uow.commit()
    return found


def move(new_uow: NewUow, *rows: StoredBlock) -> int:
    with new_uow() as uow:
        count = uow.blocks.mark_moved([row.block for row in rows])
        uow.commit()
    return count


class BlockMarksContract:
    def test_blocks_are_taken_in_order_and_get_a_generation(self, new_uow, queries):
        one, two = stored_server(new_uow, "192.0.2.1").id, stored_server(new_uow, "192.0.2.2").id
        rows = [a_chunk(server, HOUR + n, 5, b"c%d" % n) for n in range(3) for server in (one, two)]
        save(new_uow, *rows[::-1], a_chunk(one, HOUR + 5, 5, b"c", 1))
        numbered = [row._replace(generation=1) for row in rows]
        assert take(new_uow, before=HOUR + 2, limit=3) == numbered[:3]
        assert take(new_uow, after=(HOUR + 1, one)) == numbered[3:]
        assert take(new_uow) == numbered
        assert queries.history.chunks(one, HOUR, HOUR + 9)[-1].generation == 0  # it has rows
        assert take(new_uow, before=HOUR) == take(new_uow, after=(HOUR + 2, two)) == []

    def test_rollups_are_taken_by_width(self, new_uow, queries):
        server = stored_server(new_uow).id
        rows = [a_rollup(server, width, n, b"%d" % n) for width in (600, 3600) for n in range(3)]
        save(new_uow, *rows)
        assert take(new_uow, 600, 2) == [row._replace(generation=1) for row in rows[:2]]
        assert queries.history.rollups(server, 3600, 0, 9) == rows[3:]

    def test_a_moved_block_has_no_content_and_is_not_taken_again(self, new_uow, queries):
        server = stored_server(new_uow).id
        save(
            new_uow, a_chunk(server, HOUR, 5, b"c"), a_chunk(server, HOUR + 1, 6, b"d"), a_rollup(server, 600, 1, b"r")
        )
        first, second = take(new_uow)
        (rollup,) = take(new_uow, 600)
        assert move(new_uow, first, rollup) == 2
        assert queries.history.chunks(server, HOUR, HOUR + 9) == [a_chunk(server, HOUR, 5, b"", 0, 1), second]
        assert queries.history.rollups(server, 600, 0, 9) == [a_rollup(server, 600, 1, b"", 1)]
        assert move(new_uow, first) == 0
        assert take(new_uow) == [second]
        with new_uow() as uow:
            assert uow.blocks.moved(0, None, 9) == [a_chunk(server, HOUR, 5, b"", 0, 1)]
            assert uow.blocks.moved(600, None, 9) == [a_rollup(server, 600, 1, b"", 1)]
            assert uow.blocks.moved(0, (HOUR, server), 9) == uow.blocks.moved(3600, None, 9) == []
            assert uow.blocks.count(0, HOUR + 100) == (1, 1)
            assert uow.blocks.count(600, 9) == (0, 1)
            assert uow.blocks.count(3600, 9) == (0, 0)

    def test_another_content_has_another_generation(self, new_uow, queries):
        """So what was proven of the old one moves nothing."""
        server = stored_server(new_uow).id
        save(new_uow, a_chunk(server, HOUR, 5, b"c"), a_rollup(server, 600, 1, b"r"))
        save(new_uow, a_chunk(server, HOUR, 6, b"d"))
        (chunk,), (rollup,) = take(new_uow), take(new_uow, 600)
        assert chunk == a_chunk(server, HOUR, 6, b"d", 0, 1)  # the archive never knew of the first
        save(new_uow, a_chunk(server, HOUR, 7, b"e"), a_rollup(server, 600, 1, b"s"))
        assert move(new_uow, chunk, rollup) == 0
        (chunk,), (rollup,) = take(new_uow), take(new_uow, 600)
        assert (chunk.data, chunk.generation, rollup.data, rollup.generation) == (b"e", 2, b"s", 2)
        assert move(new_uow, chunk, rollup) == 2
        save(new_uow, a_chunk(server, HOUR, 8, b"f"), a_rollup(server, 600, 1, b"t"))
        assert queries.history.chunks(server, HOUR, HOUR + 1) == [a_chunk(server, HOUR, 8, b"f", 0, 3)]
        assert queries.history.rollups(server, 600, 0, 9) == [a_rollup(server, 600, 1, b"t", 3)]

    def test_a_chunk_with_rows_does_not_move(self, new_uow, queries):
        server = stored_server(new_uow).id
        save(new_uow, a_chunk(server, HOUR, 5, b"c"))
        (chunk,) = take(new_uow)
        with new_uow() as uow:
            uow.history.set_raw_samples(server, {HOUR: 1})
            uow.commit()
        assert move(new_uow, chunk) == 0

    def test_a_refused_block_gets_the_next_generation(self, new_uow):
        server = stored_server(new_uow).id
        save(new_uow, a_chunk(server, HOUR, 5, b"c"), a_chunk(server, HOUR + 1, 5, b"c"))
        first, second = take(new_uow)
        assert move(new_uow, second) == 1
        with new_uow() as uow:
            uow.blocks.renumber([first.block, second.block, Block(server, 0, HOUR + 7, 1)])
            uow.commit()
        assert take(new_uow) == [first._replace(generation=2)]
        with new_uow() as uow:
            assert uow.blocks.moved(0, None, 9) == [second._replace(data=b"")]

    def test_a_block_is_brought_back(self, new_uow, queries):
        server = stored_server(new_uow).id
        save(new_uow, a_chunk(server, HOUR, 5, b"c"), a_rollup(server, 600, 1, b"r"))
        (chunk,), (rollup,) = take(new_uow), take(new_uow, 600)
        move(new_uow, chunk, rollup)
        contents = {chunk.block: b"C", rollup.block: b"R", Block(server, 0, HOUR, 2): b"no"}
        for count in (2, 0):
            with new_uow() as uow:
                assert uow.blocks.bring_back(contents) == count
                uow.commit()
        assert queries.history.chunks(server, HOUR, HOUR + 1) == [chunk._replace(data=b"C")]
        assert queries.history.rollups(server, 600, 0, 9) == [rollup._replace(data=b"R")]

    def test_deleted_servers_are_listed_if_an_archive_may_know_them(self, new_uow):
        kept, unknown, one, two = (stored_server(new_uow, f"192.0.2.{n}").id for n in range(1, 5))
        save(new_uow, *(a_chunk(server, HOUR, 1, b"c") for server in (kept, one)), a_rollup(two, 600, 1, b"r"))
        take(new_uow)
        take(new_uow, 600)
        save(new_uow, a_chunk(unknown, HOUR, 1, b"c"))
        with new_uow() as uow:
            assert uow.blocks.deleted_servers() == []
            uow.servers.delete([unknown, one, two])
            uow.commit()
        with new_uow() as uow:
            assert uow.blocks.deleted_servers() == [one, two]
            uow.blocks.forget_servers([one, ServerId(1_000_000)])
            uow.commit()
        with new_uow() as uow:
            assert uow.blocks.deleted_servers() == [two]
