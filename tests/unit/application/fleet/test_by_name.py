"""The order of names follows the directory, and makes only what changed again."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.application.fleet.listing import MOST_MOVED, ByName, Listed
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server, ServerId
from tests.contracts.builders import ADMIN
from tests.unit.application.fleet.fleets import ANN, NOW, directory_of, servers


def all_of(drawn: list[Server], revision: int = 1) -> VisibleFleet:
    return VisibleFleet(directory_of(drawn, revision), ADMIN)


@given(st.lists(servers(), min_size=1, max_size=3), st.sampled_from([ADMIN, ANN]))
def test_each_directory_is_shown_as_if_it_were_the_first(fleets: list[list[Server]], actor: Actor) -> None:
    by_name = ByName()
    for revision, drawn in enumerate(fleets):
        visible = VisibleFleet(directory_of(drawn, revision), actor)
        found = by_name.sorted(visible)
        expected = sorted((Listed.of(server) for server in visible.servers), key=lambda row: row.order)
        assert expected == list(found) == list(ByName().sorted(visible))


def test_unchanged_servers_keep_what_was_made_of_them() -> None:
    by_name = ByName()
    one, two, three = (
        Server(id=ServerId(number), name=f"web-{number}", ip_address=f"192.0.2.{number}", created_at=NOW)
        for number in (1, 2, 3)
    )
    before = {row.server.id: row for row in by_name.sorted(all_of([one, two, three]))}
    renamed = replace(one, name="web-9")
    after = by_name.sorted(all_of([renamed, two], 2))
    assert [two, renamed] == [row.server for row in after]
    assert after[0] is before[two.id]


def test_a_large_change_is_followed_like_a_small_one() -> None:
    by_name, many = ByName(), MOST_MOVED + 1
    drawn = [
        Server(
            id=ServerId(number), name=f"web-{number}", ip_address=f"10.0.{number >> 8}.{number & 255}", created_at=NOW
        )
        for number in range(1, many + 1)
    ]
    assert drawn == [row.server for row in by_name.sorted(all_of(drawn))]
    kept = drawn[: many // 2]
    assert kept == [row.server for row in by_name.sorted(all_of(kept, 2))]
    assert drawn == [row.server for row in by_name.sorted(all_of(drawn, 3))]
