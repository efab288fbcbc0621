"""Who was on call, while a process of the version before runs beside this one."""

from datetime import timedelta

from sqlalchemy import Engine, update

from monitor.adapters.persistence.tables.oncall import rotas
from monitor.domain.accounts.actors import UserId
from monitor.domain.oncall.hand_overs import HandedOver
from tests.contracts.builders import AT, stored_rota
from tests.integration.persistence.conftest import NewUow

HOUR = timedelta(hours=1)


def test_what_an_older_process_announced_leaves_unknown_who_was_on_call(engine: Engine, new_uow: NewUow) -> None:
    """Else its hand-over would look like a change, and be announced again."""
    rota_id = stored_rota(new_uow).id
    with new_uow() as uow:
        uow.rotas.save_handed_over({rota_id: HandedOver(AT, UserId(1))})
        uow.commit()
    with engine.begin() as connection:
        connection.execute(update(rotas).values(handed_over_at=AT + HOUR))
    with new_uow() as uow:
        assert {rota_id: HandedOver(AT + HOUR)} == uow.rotas.handed_over()
