"""The audit log is kept as long as the settings say."""

from datetime import timedelta

import pytest

from monitor.application.operations.maintenance import ROWS_AT_ONCE, PruneAudit
from monitor.domain.accounts.audit import AuditEntry
from tests.unit.application.core import Core


@pytest.fixture
def prune(core: Core) -> PruneAudit:
    return PruneAudit(core.new_uow, core.fleet, core.clock)


def add(core: Core, days_ago: float, count: int = 1) -> None:
    with core.new_uow() as uow:
        for number in range(count):
            uow.audit.add(AuditEntry(at=core.clock.now() - timedelta(days=days_ago), action="x.y", target=f"{number}"))
        uow.commit()


def test_entries_are_deleted_after_400_days_and_the_log_says_so(core: Core, prune: PruneAudit):
    add(core, 402)
    add(core, 400.5)
    add(core, 399.5)
    prune()
    pruned, kept = core.audit()
    assert ("audit.prune", f"before {core.clock.now() - timedelta(days=400):%Y-%m-%d %H:%M:%S}") == (
        pruned.action,
        pruned.detail,
    )
    assert "x.y" == kept.action


def test_it_says_so_once_a_day(core: Core, prune: PruneAudit):
    for hours in range(24 * 5):
        add(core, 400 - hours / 24 + 1 / 48)
    for _ in range(24 * 6 * 5):
        prune()
        core.clock.advance(timedelta(minutes=10))
    assert 3 <= sum(entry.action == "audit.prune" for entry in core.audit()) <= 6


def test_without_old_entries_nothing_is_written(core: Core, prune: PruneAudit):
    prune()
    add(core, 400.9)
    prune()
    assert ["x.y"] == [entry.action for entry in core.audit()]


def test_many_are_deleted_in_several_transactions(core: Core, prune: PruneAudit):
    add(core, 500, 2 * ROWS_AT_ONCE + 7)
    prune()
    assert ["audit.prune"] == [entry.action for entry in core.audit()]


def test_the_time_is_a_setting(core: Core, prune: PruneAudit):
    add(core, 40)
    with core.new_uow() as uow:
        uow.preferences.save({"audit_days": 30})
        uow.commit()
    prune()
    assert ["audit.prune"] == [entry.action for entry in core.audit()]
