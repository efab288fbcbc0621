"""Samples in memory against a flat list, with any order of arrival, deletions and pages."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from monitor.adapters.memory.store import MemoryStore
from monitor.application.history.ports import SampleFilter
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from tests.contracts.builders import ADMIN, AT, SECOND, a_sample, a_server, actor_of, stored_user

seconds = st.integers(0, 12)
moments = st.none() | st.integers(-1, 13).map(lambda n: AT + n * SECOND)


class SampleMachine(RuleBasedStateMachine):
    servers = Bundle[ServerId]("servers")

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.user = stored_user(self.store)
        self.plain: dict[tuple[datetime, ServerId], Sample] = {}
        self.linked: dict[ServerId, bool] = {}

    @rule(target=servers, linked=st.booleans())
    def add_server(self, linked: bool) -> ServerId:
        with self.store() as uow:
            users = frozenset({self.user.id} if linked else ())
            server = uow.servers.add(a_server(f"10.0.0.{len(self.linked) + 1}", user_ids=users))
            uow.commit()
        self.linked[server.id] = linked
        return server.id

    @rule(server_id=consumes(servers))
    def delete_server(self, server_id: ServerId) -> None:
        with self.store() as uow:
            uow.servers.delete([server_id])
            uow.commit()
        self.plain = {key: sample for key, sample in self.plain.items() if key[1] != server_id}

    @rule(
        server_id=servers,
        offsets=st.sets(seconds, max_size=4),
        commits=st.booleans(),
        until=st.integers(-1, 13),
        count=st.integers(0, 5),
    )
    def add_samples(self, server_id: ServerId, offsets: set[int], commits: bool, until: int, count: int) -> None:
        samples = [a_sample(server_id, AT + n * SECOND, received_at=AT + timedelta(hours=n)) for n in offsets]
        with self.store() as uow:
            known = uow.samples.existing([(server_id, sample.recorded_at) for sample in samples])
            fresh = [sample for sample in samples if (server_id, sample.recorded_at) not in known]
            uow.samples.add(fresh)
            received = uow.samples.last_received([server_id])
            mine = [sample for sample in [*self.plain.values(), *fresh] if sample.server_id == server_id]
            assert received == ({server_id: max(mine).received_at} if mine else {})
            times = sorted(s.recorded_at for s in mine if s.recorded_at <= AT + until * SECOND)
            recent = uow.samples.recent_times([server_id], AT + until * SECOND, count)
            assert recent.get(server_id, []) == times[max(0, len(times) - count) :]
            if commits:
                uow.commit()
                self.plain |= {(sample.recorded_at, server_id): sample for sample in fresh}

    @rule(start=moments, end=moments, limit=st.integers(1, 6), is_admin=st.booleans(), data=st.data())
    def read_page_by_page(
        self, start: datetime | None, end: datetime | None, limit: int, is_admin: bool, data: st.DataObject
    ) -> None:
        actor = ADMIN if is_admin else actor_of(self.user)
        visible = sorted({key[1] for key in self.plain if is_admin or self.linked[key[1]]})
        server_id = data.draw(st.none() | st.sampled_from(visible)) if visible else None
        seen: list[Sample] = []
        before = None
        while rows := self.page(
            actor, SampleFilter(server_id=server_id, start=start, end=end, before=before, limit=limit)
        ):
            seen += rows
            assert len(seen) <= len(self.plain), "the pages go round in a circle"
            before = (rows[-1].recorded_at, rows[-1].server_id)
        expected = [
            sample
            for (at, owner), sample in sorted(self.plain.items(), reverse=True)
            if owner in visible
            and server_id in (None, owner)
            and (start is None or start <= at)
            and (end is None or at < end)
        ]
        assert seen == expected

    def page(self, actor: Actor, wanted: SampleFilter) -> list[Sample]:
        return [row.sample for row in self.store.queries.samples.newest(actor, wanted)]

    @invariant()
    def the_latest_are_the_newest_of_each(self) -> None:
        newest = {server_id: sample for (_, server_id), sample in sorted(self.plain.items())}
        assert {sample.server_id: sample for sample in self.store.queries.samples.latest()} == newest

    @invariant()
    def ids_are_never_used_twice(self) -> None:
        rows = self.store.queries.samples.newest(ADMIN, SampleFilter(limit=10_000))
        assert len({row.id for row in rows}) == len(rows) == len(self.plain)


TestSamples = SampleMachine.TestCase
