"""Any sequence of samples, in any grouping, with failures at any commit, ends like a plain set."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.application.intake.store_samples import Outcome
from monitor.domain.errors import StorageUnavailable, TransactionConflict
from monitor.domain.fleet.servers import Status
from monitor.domain.intake.samples import Sample
from tests.unit.application.core import Core

SERVERS = 3
reports = st.lists(st.tuples(st.integers(0, SERVERS - 1), st.integers(0, 8)), max_size=25)
cuts = st.lists(st.integers(1, 6), max_size=25)


def world(times: list[tuple[int, int]]) -> tuple[Core, list[Sample]]:
    """Each sample has a value of its own; times are in the past."""
    core = Core()
    servers = [core.server(f"10.0.0.{number}") for number in range(SERVERS)]
    samples = [core.sample(servers[which], -second, cpu=n / 100) for n, (which, second) in enumerate(times)]
    return core, samples


def groups(samples: list[Sample], sizes: list[int]) -> list[list[Sample]]:
    found, rest = [], samples
    for size in sizes:
        found.append(rest[:size])
        rest = rest[size:]
    return [group for group in (*found, rest) if group]


def expected(samples: list[Sample]) -> tuple[list[Outcome], set[Sample]]:
    """Return the expected rows: the first of each server and time."""
    first: dict[tuple[int, object], Sample] = {}
    outcomes = []
    for sample in samples:
        key = (sample.server_id, sample.recorded_at)
        outcomes.append(Outcome.DUPLICATE if key in first else Outcome.STORED)
        first.setdefault(key, sample)
    return outcomes, set(first.values())


@given(times=reports, sizes=cuts)
def test_any_grouping_stores_the_first_of_each(times: list[tuple[int, int]], sizes: list[int]) -> None:
    core, samples = world(times)
    outcomes = [outcome for group in groups(samples, sizes) for outcome in core.store_samples(group)]
    assert (outcomes, set(core.stored_samples())) == expected(samples)


@given(times=reports, sizes=cuts)
def test_memory_agrees_with_the_database(times: list[tuple[int, int]], sizes: list[int]) -> None:
    core, samples = world(times)
    for group in groups(samples, sizes):
        core.store_samples(group)
    fresh = core.other_process()
    fresh.fleet.refresh()
    assert {i: live.sample for i, live in core.fleet.live.items()} == {
        i: live.sample for i, live in fresh.fleet.live.items()
    }
    heard_of = {sample.server_id for sample in samples}
    for server_id, live in core.fleet.live.items():
        status = Status.ONLINE if server_id in heard_of else Status.OFFLINE
        assert live.status is core.stored_server(server_id).status is status


@given(times=reports, sizes=cuts, troubles=st.lists(st.sampled_from(["fine", "fails", "is lost", "conflicts"])))
def test_an_agent_that_retries_until_it_gets_an_answer_loses_and_doubles_nothing(
    times: list[tuple[int, int]], sizes: list[int], troubles: list[str]
) -> None:
    core, samples = world(times)
    for group, trouble in zip(groups(samples, sizes), [*troubles, *["fine"] * len(samples)], strict=False):
        if trouble == "fails":
            core.faults.append(StorageUnavailable())
        elif trouble == "conflicts":
            core.faults.append(TransactionConflict())
        elif trouble == "is lost":
            core.lost_answers.append(StorageUnavailable())
        try:
            core.store_samples(group)
        except StorageUnavailable:
            assert Outcome.UNKNOWN_SERVER not in core.store_samples(group)
    assert set(core.stored_samples()) == expected(samples)[1]


@given(times=reports, sizes=cuts, which=st.lists(st.booleans(), max_size=25))
def test_two_processes_share_the_work(times: list[tuple[int, int]], sizes: list[int], which: list[bool]) -> None:
    core, samples = world(times)
    other = core.other_process()
    other.fleet.refresh()
    outcomes = []
    for group, elsewhere in zip(groups(samples, sizes), [*which, *[False] * len(samples)], strict=False):
        outcomes += (other if elsewhere else core).store_samples(group)
    assert (outcomes, set(core.stored_samples())) == expected(samples)


@given(times=reports, sizes=cuts, deleted=st.integers(0, SERVERS - 1), at=st.integers(0, 10))
def test_a_server_deleted_in_between_loses_only_its_own_samples(
    times: list[tuple[int, int]], sizes: list[int], deleted: int, at: int
) -> None:
    core, samples = world(times)
    gone = list(core.fleet.live)[deleted]
    root = core.admin()
    stored_after = []
    for number, group in enumerate(groups(samples, sizes)):
        if number == at:
            core.delete_server(root, gone)
        outcomes = core.store_samples(group)
        if number >= at:
            stored_after += list(zip(group, outcomes, strict=True))
    kept = {sample for sample in expected(samples)[1] if sample.server_id != gone}
    assert {sample for sample in core.stored_samples() if sample.server_id != gone} == kept
    assert all((outcome is Outcome.UNKNOWN_SERVER) == (sample.server_id == gone) for sample, outcome in stored_after)
