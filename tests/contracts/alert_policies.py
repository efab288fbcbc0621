from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.operations.ports import UnitOfWork
from monitor.domain.errors import ConstraintViolated, NotFound, PolicyExists
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import default_policies
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import LONGEST, LONGEST_NOTE, OFFLINE, THRESHOLD, Direction, PolicyId, Scope
from tests.contracts.builders import HOSTILE, a_policy, stored_policy, stored_server
from tests.contracts.threads import at_once, until_no_conflict

UNKNOWN = PolicyId(1_000_000)
TAGS = [text for text in HOSTILE if ";" not in text and "," not in text]


class AlertPoliciesContract:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"warning": None},
            {"critical": None},
            {"warning": 0.1 + 0.2, "critical": 1e15},
            {"warning": -5e-324, "critical": -1.5e308, "direction": Direction.BELOW},
            {"warning": 0.0, "sustained_for": timedelta(0), "clear_for": timedelta(0), "clear_margin": 0.0},
            {"sustained_for": LONGEST, "clear_for": LONGEST, "clear_margin": 1 / 3},
            {"sustained_for": timedelta(seconds=7.5), "clear_for": timedelta(microseconds=1)},
            {"metric": OFFLINE, "warning": None, "critical": None},
            {"metric": "m" * 64, "scope": Scope(tag="t" * 50), "enabled": False},
            {"metric": "disk:/var/lib-x_y.z"},
            {"metric": "m" * 64, "kind": FORECAST, "scope": Scope(tag="t" * 50)},
            {"kind": FORECAST, "over": timedelta(hours=1.5), "within": timedelta(days=90)},
            {"warning": None, "critical": None, "clear_margin": 0.0, "kind": RANGE},
            {
                "warning": None,
                "critical": None,
                "clear_margin": 0.0,
                "kind": RANGE,
                "days": 30,
                "beyond": 0.1 + 0.2,
                "level": Level.CRITICAL,
            },
            {"note": "# What to do\n\n- `df -h`\n- 删除旧日志 🙂 <b>"},
            {"note": "字" * LONGEST_NOTE},
        ],
    )
    def test_an_added_policy_is_read_back_equal(self, new_uow, changes):
        """No digit is lost of a threshold, and no microsecond of a duration."""
        policy = stored_policy(new_uow, **changes)
        assert policy.id > 0
        with new_uow() as uow:
            assert uow.alert_policies.get(policy.id) == policy
            assert uow.alert_policies.all() == [policy]

    @pytest.mark.parametrize("tag", TAGS)
    def test_a_hostile_tag_is_read_back_equal(self, new_uow, tag):
        policy = stored_policy(new_uow, scope=Scope(tag=tag))
        with new_uow() as uow:
            assert uow.alert_policies.get(policy.id) == policy

    def test_all_are_in_id_order(self, new_uow):
        with new_uow() as uow:
            assert uow.alert_policies.all() == []
            policies = [uow.alert_policies.add(policy) for policy in default_policies()]
            assert uow.alert_policies.all() == policies
            uow.commit()
        with new_uow() as uow:
            assert uow.alert_policies.all() == sorted(policies, key=lambda policy: policy.id)
            uow.alert_policies.save(replace(policies[0], enabled=False))
            assert [policy.id for policy in uow.alert_policies.all()] == [policy.id for policy in policies]

    def test_there_is_one_for_each_metric_and_scope(self, new_uow):
        """For each kind of scope, enabled or disabled."""
        server = stored_server(new_uow)
        for scope in (Scope(), Scope(tag="web"), Scope(server_id=server.id)):
            stored_policy(new_uow, scope=scope)
            with pytest.raises(PolicyExists):
                stored_policy(new_uow, scope=scope, warning=1.0, enabled=False)
            stored_policy(new_uow, scope=scope, metric="memory")

    def test_there_is_one_of_each_kind(self, new_uow):
        server = stored_server(new_uow)
        for scope in (Scope(), Scope(tag="web"), Scope(server_id=server.id)):
            threshold = stored_policy(new_uow, scope=scope)
            forecast = stored_policy(new_uow, scope=scope, kind=FORECAST)
            with pytest.raises(PolicyExists):
                stored_policy(new_uow, scope=scope, kind=FORECAST, warning=1.0)
            with new_uow() as uow, pytest.raises(PolicyExists):
                uow.alert_policies.save(replace(forecast, kind=THRESHOLD, over=None, within=None))
            with new_uow() as uow:
                assert {threshold, forecast} <= {*uow.alert_policies.all()}

    def test_a_metric_and_scope_are_taken_within_the_unit_of_work(self, new_uow):
        with new_uow() as uow:
            uow.alert_policies.add(a_policy())
            with pytest.raises(PolicyExists):
                uow.alert_policies.add(a_policy())

    def test_other_metrics_and_scopes_are_free(self, new_uow):
        """Databases that ignore case, accents or width would refuse some of these."""
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        tags = ["web", "Web", "wéb", "we\u0301b", "ｗｅｂ", "web 1", "w_b", "w%"]
        scopes = [Scope(), *(Scope(tag=tag) for tag in tags), Scope(server_id=one.id), Scope(server_id=two.id)]
        policies = [stored_policy(new_uow, metric=m, scope=scope) for m in ("cpu", "cp_", "cpu.") for scope in scopes]
        with new_uow() as uow:
            assert uow.alert_policies.all() == policies

    def test_a_tag_that_reads_as_a_server_is_another_scope(self, new_uow):
        server = stored_server(new_uow)
        policies = [
            stored_policy(new_uow, scope=scope) for scope in (Scope(server_id=server.id), Scope(tag=str(server.id)))
        ]
        with new_uow() as uow:
            assert uow.alert_policies.all() == policies

    def test_one_for_a_server_that_is_gone_violates_a_constraint(self, new_uow):
        with pytest.raises(ConstraintViolated):
            stored_policy(new_uow, scope=Scope(server_id=ServerId(1_000_000)))
        policy = stored_policy(new_uow)
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.alert_policies.save(replace(policy, scope=Scope(server_id=ServerId(1_000_000))))

    def test_save_replaces_every_field(self, new_uow):
        server = stored_server(new_uow)
        policy = stored_policy(new_uow, scope=Scope(tag="web"))
        changed = a_policy(
            id=policy.id,
            metric="memory",
            warning=None,
            critical=10.5,
            direction=Direction.BELOW,
            sustained_for=timedelta(seconds=1),
            clear_margin=0.25,
            clear_for=timedelta(seconds=2),
            scope=Scope(server_id=server.id),
            enabled=False,
        )
        with new_uow() as uow:
            uow.alert_policies.save(changed)
            uow.commit()
        with new_uow() as uow:
            assert uow.alert_policies.get(policy.id) == changed

    def test_saving_an_unchanged_policy_is_no_error(self, new_uow):
        policy = stored_policy(new_uow)
        with new_uow() as uow:
            uow.alert_policies.save(policy)
            uow.commit()
        with new_uow() as uow:
            assert uow.alert_policies.get(policy.id) == policy

    def test_save_refuses_the_metric_and_scope_of_another_policy(self, new_uow):
        stored_policy(new_uow, scope=Scope(tag="web"))
        policy = stored_policy(new_uow)
        with new_uow() as uow, pytest.raises(PolicyExists):
            uow.alert_policies.save(replace(policy, scope=Scope(tag="web")))
        with new_uow() as uow:
            assert uow.alert_policies.get(policy.id) == policy

    def test_a_scope_that_was_given_up_is_free(self, new_uow):
        policy = stored_policy(new_uow)
        with new_uow() as uow:
            uow.alert_policies.save(replace(policy, metric="memory"))
            uow.commit()
        again = stored_policy(new_uow)
        with new_uow() as uow:
            uow.alert_policies.delete(again.id)
            uow.commit()
        assert stored_policy(new_uow).id > again.id

    def test_an_unknown_policy_is_not_found(self, new_uow):
        attempts: list[Callable[[UnitOfWork], object]] = [
            lambda uow: uow.alert_policies.get(UNKNOWN),
            lambda uow: uow.alert_policies.save(a_policy(id=UNKNOWN)),
            lambda uow: uow.alert_policies.delete(UNKNOWN),
        ]
        for attempt in attempts:
            with new_uow() as uow, pytest.raises(NotFound):
                attempt(uow)

    def test_delete_removes_one(self, new_uow):
        policy, kept = stored_policy(new_uow), stored_policy(new_uow, metric="memory")
        with new_uow() as uow:
            uow.alert_policies.delete(policy.id)
            assert uow.alert_policies.all() == [kept]
            uow.commit()
        with new_uow() as uow:
            assert uow.alert_policies.all() == [kept]
            with pytest.raises(NotFound):
                uow.alert_policies.get(policy.id)

    def test_one_of_two_simultaneous_equal_policies_is_stored(self, new_uow):
        """Also for everything, whose scope has neither server nor tag to compare."""
        outcomes: list[str] = []

        def add() -> None:
            try:
                stored_policy(new_uow)
                outcomes.append("stored")
            except PolicyExists:
                outcomes.append("exists")

        at_once(*[lambda: until_no_conflict(add)] * 2)
        assert sorted(outcomes) == ["exists", "stored"]

    def test_two_simultaneous_changes_of_a_policy_lose_nothing(self, new_uow):
        """get() locks: a second transaction waits, or conflicts, until the first has ended."""
        policy, rounds = stored_policy(new_uow, critical=None, warning=0.0), 8

        def add_one() -> None:
            with new_uow() as uow:
                present = uow.alert_policies.get(policy.id)
                uow.alert_policies.save(replace(present, warning=(present.warning or 0.0) + 1.0))
                uow.commit()

        def work() -> None:
            for _ in range(rounds):
                until_no_conflict(add_one)

        at_once(work, work)
        with new_uow() as uow:
            assert uow.alert_policies.get(policy.id).warning == 2.0 * rounds
