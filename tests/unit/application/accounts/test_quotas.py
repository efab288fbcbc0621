"""Quotas of what users create, and of what each user may run at once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.fleet.server_csv import ImportServers
from monitor.application.fleet.servers import CreateServer
from monitor.application.hindsight.backtest import AT_ONCE, Backtests, RunBacktest
from monitor.application.policies.policies import CreatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence, SilenceServers
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import QuotaReached, TooManyAtOnce
from monitor.domain.accounts.limits import Quotas
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import Policy, Scope
from monitor.domain.policies.silences import Silence
from tests.unit.application.alerts.alert_world import ROOT, World
from tests.unit.application.core import Core
from tests.unit.application.hindsight.backtests import SOMEBODY, finished
from tests.unit.application.hindsight.test_backtest_jobs import SlowQueries
from tests.unit.domain.alerts.test_alert_engine import CPU

LIMIT = 3
QUOTAS = Quotas(servers=LIMIT, silences=LIMIT, policies=LIMIT, keys=LIMIT, tokens=LIMIT, backtests=2)
Make = Callable[[Actor, int], Any]


def a_silence(core: Core) -> Silence:
    now = core.clock.now()
    return Silence(scope=Scope(), starts_at=now, ends_at=now + timedelta(hours=1), reason="", created_at=now)


def makers(core: Core, server_id: ServerId) -> dict[str, Make]:
    new_uow, clock, scope = core.store, core.clock, Scope(server_id=server_id)
    create_server, create_key = CreateServer(new_uow, clock, QUOTAS), replace(core.create_api_key, quotas=QUOTAS)
    create_token = replace(core.create_token, quotas=QUOTAS)
    create_silence, create_policy = CreateSilence(new_uow, clock, QUOTAS), CreatePolicy(new_uow, clock, QUOTAS)
    return {
        "servers": lambda actor, n: create_server(actor, name="s", ip_address=f"10.9.{actor.user_id}.{n}"),
        "silences": lambda actor, _: create_silence(actor, replace(a_silence(core), scope=scope)),
        "policies": lambda actor, n: create_policy(actor, Policy(metric=f"m{n}", critical=1.0, scope=scope)),
        "keys": lambda actor, n: create_key(actor, name=f"k{n}", server_id=server_id),
        "tokens": lambda actor, n: create_token(actor, name=f"t{n}", scope=TokenScope.READ),
    }


@pytest.mark.parametrize("what", ["servers", "silences", "policies", "keys", "tokens"])
def test_users_have_a_quota_and_administrators_have_none(core: Core, root, ann, bob, what: str) -> None:
    make = makers(core, core.server("10.0.0.1", [ann, bob]).id)[what]
    for number in range(LIMIT):
        make(ann, number)
    log = core.audit()
    with pytest.raises(QuotaReached) as refusal:
        make(ann, LIMIT)
    assert (what, LIMIT) == (refusal.value.what, refusal.value.limit)
    assert log == core.audit()
    for number in range(LIMIT + 2):
        make(root, 10 + number)
    make(bob, 50)


def test_a_deletion_makes_room(core: Core, ann) -> None:
    make = makers(core, core.server("10.0.0.1", [ann]).id)["silences"]
    made = [make(ann, number) for number in range(LIMIT)]
    DeleteSilence(core.store, core.clock)(ann, made[0].id)
    make(ann, LIMIT)


def test_silences_that_are_over_make_room(core: Core, ann) -> None:
    make = makers(core, core.server("10.0.0.1", [ann]).id)["silences"]
    for number in range(LIMIT):
        make(ann, number)
    core.clock.advance(3600)
    for number in range(LIMIT):
        make(ann, number)
    with pytest.raises(QuotaReached):
        make(ann, LIMIT)


def test_silencing_many_servers_counts_each(core: Core, ann) -> None:
    ids = [core.server(f"10.0.0.{number}", [ann]).id for number in range(1, LIMIT + 2)]
    silence_servers = SilenceServers(core.store, core.clock, QUOTAS)
    with pytest.raises(QuotaReached):
        silence_servers(ann, ids, a_silence(core))
    core.fleet.refresh()
    assert [] == list(core.fleet.directory.rules.silences.all)
    assert LIMIT == silence_servers(ann, ids[1:], a_silence(core))


def test_an_import_names_each_line_above_the_quota(core: Core, root, ann) -> None:
    """Lines that only change a server don't count."""
    core.server("10.0.0.1", [ann], name="old")
    import_servers = ImportServers(core.store, core.clock, core.cancel_open_alerts, QUOTAS)
    lines = ["server_name,ip_address", "web,10.0.0.1", *(f"s{number},10.0.0.{number}" for number in range(2, 7))]
    for dry_run in (True, False):
        with pytest.raises(InvalidInput) as refusal:
            import_servers(ann, "\n".join(lines), dry_run=dry_run)
        too_many = Problem("quota_reached", {"limit": LIMIT})
        assert {"line 6": too_many, "line 7": too_many} == refusal.value.problems
    assert 4 == len(import_servers(ann, "\n".join(lines[:5]), dry_run=False))
    with pytest.raises(InvalidInput):
        import_servers(ann, f"{lines[0]}\n{lines[6]}", dry_run=False)
    assert 6 == len(import_servers(root, "\n".join(lines), dry_run=False))


def test_one_more_backtest_waits_until_one_has_ended(world: World, web) -> None:
    """This applies to administrators too. Ended and cancelled ones don't count."""
    other = world.server("db", "10.0.0.2")
    for server in (web, other):
        world.report(server.id, 99.0)
    world.clock.advance(1)
    slow = SlowQueries(world.store.queries)
    backtests = Backtests(replace(world.process.get(RunBacktest), queries=slow), world.secrets, QUOTAS)
    first, second = (str(backtests.start(ROOT, CPU, AT_ONCE)) for _ in range(2))
    for days in (1, AT_ONCE):
        with pytest.raises(TooManyAtOnce):
            backtests.start(ROOT, CPU, days)
    backtests.start(SOMEBODY, CPU, AT_ONCE)
    backtests.cancel(ROOT, second)
    third = str(backtests.start(ROOT, CPU, AT_ONCE))
    slow.go_on.set()
    for job_id in (first, third):
        finished(backtests, job_id)
    assert isinstance(backtests.start(ROOT, CPU, AT_ONCE), str)
    backtests.close()


def test_a_short_backtest_counts_while_it_runs(world: World, web) -> None:
    world.report(web.id, 99.0)
    world.clock.advance(1)
    slow = SlowQueries(world.store.queries)
    backtests = Backtests(replace(world.process.get(RunBacktest), queries=slow), world.secrets, QUOTAS)
    asked = [threading.Thread(target=backtests.start, args=(ROOT, CPU, 1)) for _ in range(2)]
    for thread in asked:
        thread.start()
        slow.asked.acquire()
    with pytest.raises(TooManyAtOnce):
        backtests.start(ROOT, CPU, 1)
    slow.go_on.set()
    for thread in asked:
        thread.join()
    backtests.start(ROOT, CPU, 1)
    backtests.close()
