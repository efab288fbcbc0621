"""The export of the audit log: in batches, and itself in the log."""

from datetime import timedelta

import pytest

from monitor.application.accounts import recording
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry, AuditFilter
from monitor.domain.errors import Forbidden
from tests.unit.application.core import Core

MANY = 25


@pytest.fixture
def filled(core: Core, monkeypatch: pytest.MonkeyPatch) -> Core:
    monkeypatch.setattr(recording, "BATCH", 10)
    with core.new_uow() as uow:
        for n in range(MANY):
            at = core.clock.now() - timedelta(seconds=n // 3)
            uow.audit.add(AuditEntry(at=at, action="server.delete", target=f"host {n}", username="ann"))
        uow.commit()
    return core


def test_batches_hold_everything_once_in_order(filled: Core, root: Actor) -> None:
    listed = filled.audit()
    batches = [*filled.export_audit(root, AuditFilter(), "csv")]
    assert [10, 10, 5] == [len(batch) for batch in batches]
    assert listed == [entry for batch in batches for entry in batch]


def test_the_export_is_recorded_and_does_not_hold_itself(filled: Core, root: Actor) -> None:
    batches = [*filled.export_audit(root, AuditFilter(username="ann", since=filled.clock.now()), "jsonl")]
    [recorded] = [entry for entry in filled.audit() if entry.action == "audit.export"]
    detail = 'format: null -> "jsonl", username: null -> "ann", since: null -> "2030-01-01 12:00:00"'
    assert (root.username, detail) == (recorded.username, recorded.detail)
    assert recorded not in [entry for batch in batches for entry in batch]
    assert [] == [*filled.export_audit(root, AuditFilter(username="nobody here"), "csv")]


def test_entries_that_come_meanwhile_repeat_and_hide_none(filled: Core, root: Actor) -> None:
    expected = filled.audit()
    found: list[AuditEntry] = []
    for batch in filled.export_audit(root, AuditFilter(), "csv"):
        found += batch
        filled.user(f"new {len(found)}")
        filled.end_sessions.of_actor(root)
    assert expected == found


def test_only_admins_export_it_and_nothing_is_recorded_for_others(filled: Core, ann: Actor) -> None:
    with pytest.raises(Forbidden):
        filled.export_audit(ann, AuditFilter(), "csv")
    assert MANY == len(filled.audit())
