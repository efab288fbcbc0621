from datetime import datetime, timedelta

import pytest

from monitor.domain.accounts.errors import InvalidCredentials, TooManyAttempts
from monitor.domain.accounts.sessions import REFRESH_TTL
from monitor.domain.errors import StorageUnavailable
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.intake.samples import OLDEST_ACCEPTED
from tests.contracts.builders import a_silence
from tests.unit.application.core import ORIGIN, PASSWORD, ROOT, Core


def key_uses(core: Core) -> dict[ApiKeyId, datetime | None]:
    return {key.id: key.last_used_at for key in core.store.queries.api_keys.all(ROOT)}


def test_the_last_use_of_a_key_is_kept(core: Core, root) -> None:
    used, unused = core.fleet_key(root), core.fleet_key(root)
    core.fleet.key_used[used.id] = core.clock.now()
    core.save_key_use()
    assert key_uses(core) == {used.id: core.clock.now(), unused.id: None}


def test_it_is_written_once(core: Core, root) -> None:
    key = core.fleet_key(root)
    core.fleet.key_used[key.id] = core.clock.now()
    core.save_key_use()
    assert core.fleet.key_used == {}
    core.save_key_use()
    assert key_uses(core) == {key.id: core.clock.now()}


def test_a_use_that_could_not_be_written_is_written_next_time(core: Core, root) -> None:
    key, later = core.fleet_key(root), core.fleet_key(root)
    core.fleet.key_used[key.id] = core.clock.now()
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.save_key_use()
    core.fleet.key_used[later.id] = core.clock.now()
    core.save_key_use()
    assert key_uses(core) == {key.id: core.clock.now(), later.id: core.clock.now()}


def test_a_revoked_key_is_ignored(core: Core, root) -> None:
    key = core.fleet_key(root)
    core.fleet.key_used[key.id] = core.clock.now()
    core.revoke_api_key(root, key.id)
    core.save_key_use()
    assert key_uses(core) == {}


def test_saving_uses_does_not_raise_the_revision(core: Core, root) -> None:
    key = core.fleet_key(root)
    core.fleet.key_used[key.id] = core.clock.now()
    core.save_key_use()
    assert not core.fleet.is_stale


def test_tidying_up_keeps_what_is_still_valid(core: Core, ann) -> None:
    logged_in = core.log_in("ann", PASSWORD, ORIGIN)
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            core.log_in("ann", "wrong", ORIGIN)
    ticket = core.live_tickets.issue(core.authenticate(logged_in.access_token, "").claims)
    core.clock.advance(29)
    core.tidy_up()
    assert core.live_tickets.redeem(ticket)
    with pytest.raises(TooManyAttempts):
        core.log_in("ann", PASSWORD, ORIGIN)
    core.clock.advance(REFRESH_TTL - timedelta(seconds=30))
    core.tidy_up()
    assert core.refresh_session(logged_in.refresh_token or "")


def test_tidying_up_deletes_what_has_expired(core: Core, ann) -> None:
    core.log_in("ann", PASSWORD, ORIGIN)
    core.clock.advance(REFRESH_TTL)
    core.tidy_up()
    core.clock.advance(-timedelta(days=1))
    assert core.store.queries.users.sessions(ann, core.clock.now()) == []


def test_tidying_up_deletes_silences_when_no_sample_of_their_time_is_accepted(core: Core, ann) -> None:
    silence = a_silence()
    with core.new_uow() as uow:
        uow.silences.add(silence)
        uow.commit()
    found = []
    core.clock.advance(silence.ends_at + OLDEST_ACCEPTED - core.clock.now())
    for _ in range(2):
        core.tidy_up()
        core.fleet.refresh()
        found.append(len(core.fleet.directory.rules.silences.all))
        core.clock.advance(1)
    assert found == [1, 0]
