"""Every route that may change something writes into the audit log, or is listed here with the reason why not."""

from contextlib import closing

import pytest

from monitor.application.accounts.recording import Refusals
from monitor.application.checks.check_ins import PauseCheckIn
from monitor.application.checks.checks import ChangeCheck
from monitor.application.fleet.batches import ChangeServers
from monitor.domain.accounts.audit import AuditEntry
from tests.integration.http.access_requests import SUBSCRIPTION
from tests.integration.http.access_scene import Scene
from tests.integration.http.access_subjects import named_in
from tests.integration.http.access_table import ROWS, Row
from tests.integration.http.authenticator import with_totp
from tests.integration.http.world import World

UNAUDITED = {
    "POST /api/auth/refresh": "goes on with a session whose beginning is in the log, every few minutes",
    "POST /api/auth/passkeys/options": "begins what is in the log once it is done",
    "POST /api/auth/passkeys/login/options": "likewise",
    "POST /api/auth/oidc/join": "likewise",
    "POST /api/live/ticket": "is good for half a minute, for what its owner may see anyway",
    "POST /api/monitor/data": "samples have a table of their own",
    "POST /api/monitor/data/batch": "likewise",
    "POST /api/prometheus/write": "likewise",
    "POST /ping/{ping_key}": "pings have a table of their own",
    "POST /ping/{ping_key}/{event}": "likewise",
    "POST /api/alert-policies/backtest": "computes, and changes nothing",
    "POST /api/alert-policies/preview": "computes, and changes nothing",
    "POST /api/silences/preview": "computes, and changes nothing",
    "DELETE /api/alert-policies/backtest/{job_id}": "ends a computation",
    "POST /api/config/plan": "computes, and changes nothing",
    "DELETE /api/config/plan/{plan_id}": "ends a computation",
    "POST /api/on-call/rehearsal": "computes, and changes nothing",
    "DELETE /api/on-call/rehearsal/{rehearsal_id}": "ends a computation",
}
PREPARED = (
    "POST /api/auth/login-link",
    "PUT /api/auth/totp",
    "DELETE /api/auth/totp",
    "POST /api/auth/recovery-codes",
    "POST /api/auth/passkeys/login",
    "POST /api/auth/passkeys/reauthenticate",
)
DONE = (200, 204)
CHANGES = [row for row in ROWS if not row.operation.startswith("GET ") and {*DONE} & {*row.statuses.values()}]


def audit(world: World) -> list[AuditEntry]:
    """Return all entries, with the refusals that are still counted, the newest first."""
    world.container.get(Refusals)(all_of_them=True)
    return world.store.queries.audit.newest(world.admin.actor, limit=1000)


def ready(row: Row, scene: Scene) -> int:
    """Make what the request names, so that it has something to change. Return how many entries there are then."""
    for name in named_in(row.operation):
        scene.id_of(name, row.variant)
    if row.variant in ("unlink_users", "remove_tags"):
        change = scene.world.container.get(ChangeServers)
        change.link_users(scene.admin.actor, [scene.server_id], [scene.carol.id])
        change.add_tags(scene.admin.actor, [scene.server_id], ["web"])
    if row.operation == "POST /api/check-ins/{check_in_id}/resume":
        check_in_id = scene.subjects.id_of("check_in_id", row.variant)
        scene.world.container.get(PauseCheckIn).pause(scene.admin.actor, check_in_id)
    if row.operation == "POST /api/checks/{check_id}/resume":
        check_id = scene.subjects.id_of("check_id", row.variant)
        scene.world.container.get(ChangeCheck).pause(scene.admin.actor, check_id, paused=True)
    if row.operation == "DELETE /api/users/{user_id}/totp":
        with_totp(scene.world, scene.carol)
    if row.operation == "DELETE /api/auth/me/push":
        scene.world.send("POST", "/api/auth/me/push", scene.admin, json=SUBSCRIPTION)
    if row.operation in ("POST /api/alerts/drill", "POST /api/on-call/rehearsal"):
        scene.request(row, scene.admin)  # makes what its body names
    return len(audit(scene.world))


def test_what_is_not_audited_is_a_route() -> None:
    assert set() == UNAUDITED.keys() - {row.operation for row in CHANGES}


@pytest.mark.parametrize("row", CHANGES, ids=lambda row: f"{row.operation} {row.variant}")
def test_a_change_is_in_the_log(row: Row) -> None:
    """With who made it and from where, unless nobody is logged in yet."""
    who = next(name for name in ("admin", "user", "agent") if row.statuses[name] in DONE)
    with closing(World()) as world:
        scene = Scene(world)
        before = ready(row, scene)
        caller = getattr(scene, who)
        assert row.statuses[who] == scene.send(row, caller).status_code
        new = audit(world)[: len(audit(world)) - before]
    if row.operation in UNAUDITED:
        assert [] == new
        return
    # What a request needs is made without one, and from nowhere.
    new = [entry for entry in new if entry.address or row.operation not in PREPARED]
    assert new, "no entry"
    assert all(entry.address for entry in new)
    assert all(entry.action.count(".") == 1 for entry in new)
    if row.statuses["anonymous"] != 200:
        assert {caller.name} == {entry.username for entry in new}


WHO_MAY_BE_REFUSED = ("user", "other", "reader")
REFUSED = [row for row in CHANGES if 403 in map(row.statuses.get, WHO_MAY_BE_REFUSED)]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: f"{row.operation} {row.variant}")
def test_a_refused_attempt_is_in_the_log_too(row: Row) -> None:
    who = next(name for name in WHO_MAY_BE_REFUSED if row.statuses[name] == 403)
    with closing(World()) as world:
        scene = Scene(world)
        before = ready(row, scene)
        caller = getattr(scene, who)
        assert 403 == scene.send(row, caller).status_code
        [new] = audit(world)[: len(audit(world)) - before]
    assert ("access.refused", caller.name, "forbidden") == (new.action, new.username, new.detail)
    assert new.target.startswith(row.operation.split()[0])
