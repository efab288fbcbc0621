"""Numbers of created things by user; a count blocks other transactions' counts."""

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.limits import Quota
from monitor.domain.accounts.users import User
from monitor.domain.errors import ConstraintViolated
from monitor.domain.policies.policies import Scope
from tests.contracts.builders import (
    AT,
    MICROSECOND,
    NewUow,
    a_silence,
    stored_key,
    stored_policy,
    stored_server,
    stored_silence,
    stored_token,
    stored_user,
)
from tests.contracts.threads import at_once, until_no_conflict

COUNTED = (Quota.SERVERS, Quota.SILENCES, Quota.POLICIES, Quota.KEYS, Quota.TOKENS)
LIMIT, CREATIONS, THREADS = 10, 50, 5
UNKNOWN = UserId(1_000_000)


def counted(new_uow: NewUow, user: User) -> list[int]:
    with new_uow() as uow:
        return [uow.creators.count(user.id, what, AT) for what in COUNTED]


def one_of_each(new_uow: NewUow, creator: User, address: str) -> None:
    server = stored_server(new_uow, address)
    policy = stored_policy(new_uow, scope=Scope(server_id=server.id))
    stored_silence(new_uow, scope=Scope(server_id=server.id), created_by=creator.id)
    stored_key(new_uow, address, server_id=server.id, owner_id=creator.id)
    stored_token(new_uow, creator.id, address)
    with new_uow() as uow:
        uow.creators.note_servers(creator.id, [server.id])
        uow.creators.note_policy(creator.id, policy.id)
        uow.commit()


class CreatorsContract:
    def test_existing_things_are_counted_by_creator(self, new_uow):
        ann, bob = stored_user(new_uow, "ann"), stored_user(new_uow, "bob")
        for number in range(3):
            one_of_each(new_uow, ann, f"192.0.2.{number}")
        one_of_each(new_uow, bob, "192.0.2.9")
        server = stored_server(new_uow, "192.0.2.10")  # without a known creator
        stored_policy(new_uow, scope=Scope(server_id=server.id))
        assert ([3] * 5, [1] * 5) == (counted(new_uow, ann), counted(new_uow, bob))
        with new_uow() as uow:
            uow.servers.delete([known.id for known in uow.servers.by_addresses(["192.0.2.0"])])
            uow.commit()
        assert ([*[2] * 4, 3], [1] * 5) == (counted(new_uow, ann), counted(new_uow, bob))

    def test_silences_that_are_over_are_not_counted(self, new_uow):
        ann = stored_user(new_uow)
        ends = stored_silence(new_uow, created_by=ann.id).ends_at
        with new_uow() as uow:
            found = [uow.creators.count(ann.id, Quota.SILENCES, at) for at in (ends - MICROSECOND, ends)]
        assert [1, 0] == found

    def test_a_deleted_user_has_created_nothing(self, new_uow):
        ann = stored_user(new_uow, "ann")
        one_of_each(new_uow, ann, "192.0.2.1")
        with new_uow() as uow:
            uow.users.delete(ann.id)
            uow.commit()
        assert [0] * 5 == counted(new_uow, ann)

    def test_an_unknown_creator_is_refused(self, new_uow):
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        with pytest.raises(ConstraintViolated), new_uow() as uow:
            uow.creators.note_servers(UNKNOWN, [server.id])
        with pytest.raises(ConstraintViolated), new_uow() as uow:
            uow.creators.note_policy(UNKNOWN, policy.id)

    def test_uncommitted_things_are_not_counted(self, new_uow):
        ann, server = stored_user(new_uow, "ann"), stored_server(new_uow)
        with new_uow() as uow:
            uow.creators.note_servers(ann.id, [server.id])
        assert [0] * 5 == counted(new_uow, ann)

    def test_parallel_transactions_do_not_exceed_the_quota(self, new_uow):
        ann = stored_user(new_uow, "ann")

        def make() -> None:
            with new_uow() as uow:
                if uow.creators.count(ann.id, Quota.SILENCES, AT) < LIMIT:
                    uow.silences.add(a_silence(created_by=ann.id, created_at=AT))
                    uow.commit()

        def make_many() -> None:
            for _ in range(CREATIONS // THREADS):
                until_no_conflict(make)

        at_once(*([make_many] * THREADS))
        assert [0, LIMIT, 0, 0, 0] == counted(new_uow, ann)
