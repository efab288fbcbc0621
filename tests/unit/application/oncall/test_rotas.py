"""Who changes rotas, and which turns members give away and take back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.oncall.calendars import Calendars
from monitor.application.oncall.rotas import KEPT, ManageRotas
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.availability import Span
from monitor.domain.errors import Forbidden, InvalidInput, NotFound
from monitor.domain.oncall.limits import MAX_ROTAS
from monitor.domain.oncall.rotas import Override, Rota, RotaId, RotaNameTaken
from tests.unit.application.core import ROOT, Core

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def manage(core: Core) -> ManageRotas:
    return ManageRotas(core.new_uow, core.clock, core.fleet)


@pytest.fixture
def carl(core: Core) -> Actor:
    return core.user("carl")


def a_rota(core: Core, *people: Actor, name: str = "web") -> Rota:
    """Return turns of a day; the first one begins now."""
    user_ids = tuple(each.user_id for each in people)
    return Rota(name=name, timezone="UTC", starts_at=core.clock.now(), turn_days=1, user_ids=user_ids)


@pytest.fixture
def rota(core: Core, manage: ManageRotas, ann: Actor, bob: Actor, carl: Actor) -> Rota:
    return manage.create(ROOT, a_rota(core, ann, bob, carl))


def a_day(core: Core, who: Actor, day: int, days: int = 1) -> Override:
    """Return an override of the turn *day* days from now."""
    start = core.clock.now() + day * DAY
    return Override(who.user_id, start, start + days * DAY)


def on_call(core: Core, rota: Rota, days: int = 4) -> list[UserId]:
    """Return who is on call at noon of these days."""
    calendars, now = Calendars(core.fleet, core.clock, "secret"), core.clock.now()
    found = (calendars.on_call(rota.id, now + day * DAY + HOUR) for day in range(days))
    return [each.user_id for shifts in found for each in shifts]


def ids(*people: Actor) -> list[UserId]:
    return [each.user_id for each in people]


def last_entry(core: Core) -> tuple[str, str, str]:
    entry = core.audit()[0]
    return entry.action, entry.target, entry.detail


def test_only_administrators_create_change_and_delete(core: Core, manage: ManageRotas, rota: Rota, ann: Actor) -> None:
    changes: list[Callable[[], object]] = [
        lambda: manage.create(ann, a_rota(core, ann, name="another")),
        lambda: manage.change(ann, rota),
        lambda: manage.delete(ann, rota.id),
    ]
    for change in changes:
        with pytest.raises(Forbidden):
            change()
    assert ids(ann) == on_call(core, rota, 1)


def test_a_rota_has_a_name_of_its_own_and_people_who_exist(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor
) -> None:
    with pytest.raises(RotaNameTaken):
        manage.create(ROOT, a_rota(core, ann, name="WEB"))
    nobody = Rota(name="new", timezone="UTC", starts_at=core.clock.now(), user_ids=(UserId(4711),))
    with pytest.raises(InvalidInput) as refusal:
        manage.create(ROOT, nobody)
    assert ["user_ids"] == list(refusal.value.problems)
    with pytest.raises(NotFound):
        manage.delete(ROOT, RotaId(4711))


def test_there_are_so_many_and_no_more(core: Core, manage: ManageRotas) -> None:
    for number in range(MAX_ROTAS):
        manage.create(ROOT, a_rota(core, name=f"rota {number}"))
    core.fleet.refresh()
    with pytest.raises(InvalidInput) as refusal:
        manage.create(ROOT, a_rota(core, name="one more"))
    assert ["rotas"] == list(refusal.value.problems)


def test_a_member_gives_their_turn_to_another_one(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor, carl: Actor
) -> None:
    manage.add_override(bob, rota.id, a_day(core, carl, 1))
    assert ids(ann, carl, carl, ann) == on_call(core, rota)
    day = core.clock.now() + DAY
    expected = f'overrides: [] -> ["carl: {day:%Y-%m-%d %H:%M:%S} - {day + DAY:%Y-%m-%d %H:%M:%S}"]'
    assert ("rota.update", "web", expected) == last_entry(core)


def test_who_was_given_a_turn_gives_it_on(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor, carl: Actor
) -> None:
    manage.add_override(bob, rota.id, a_day(core, carl, 1))
    manage.add_override(carl, rota.id, a_day(core, ann, 1))
    assert ids(ann, ann, carl, ann) == on_call(core, rota)


def test_nobody_takes_what_is_not_offered(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor, carl: Actor
) -> None:
    wrong = [
        (carl, a_day(core, carl, 1)),  # bob's turn
        (ann, a_day(core, ann, 0)),  # her own, to herself
        (bob, a_day(core, carl, 0)),  # ann's
        (bob, a_day(core, carl, 1, days=2)),  # his and carl's
    ]
    for actor, override in wrong:
        with pytest.raises(InvalidInput):
            manage.add_override(actor, rota.id, override)
    assert ids(ann, bob, carl, ann) == on_call(core, rota)


def test_a_turn_goes_to_members_alone_and_comes_from_them(
    core: Core, manage: ManageRotas, rota: Rota, bob: Actor
) -> None:
    dan = core.user("dan")
    with pytest.raises(InvalidInput) as refusal:
        manage.add_override(bob, rota.id, a_day(core, dan, 1))
    assert ["user_id"] == list(refusal.value.problems)
    with pytest.raises(Forbidden):
        manage.add_override(dan, rota.id, a_day(core, bob, 1))
    with pytest.raises(Forbidden):
        manage.end_override(dan, rota.id, a_day(core, bob, 1))
    assert dan.user_id in [each.user_id for each in manage.add_override(ROOT, rota.id, a_day(core, dan, 1)).overrides]


def test_an_absence_hands_the_turn_on_and_so_the_right_to_give_it(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor, carl: Actor
) -> None:
    """While bob is away, carl has his turn."""
    span = Span(core.clock.now() + DAY, core.clock.now() + 2 * DAY)
    core.update_profile(bob, away=(span,))
    core.fleet.refresh()
    with pytest.raises(InvalidInput):
        manage.add_override(bob, rota.id, a_day(core, carl, 1))
    manage.add_override(carl, rota.id, a_day(core, ann, 1))
    assert ids(ann, ann, carl, ann) == on_call(core, rota)


def test_what_is_over_of_an_override_is_cut_off(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor
) -> None:
    override = a_day(core, bob, 0)
    core.clock.advance(6 * HOUR)
    [stored] = manage.add_override(ann, rota.id, override).overrides
    assert (core.clock.now(), override.ends_at) == (stored.starts_at, stored.ends_at)
    core.clock.advance(DAY)
    with pytest.raises(InvalidInput) as refusal:
        manage.add_override(ann, rota.id, override)
    assert ["ends_at"] == list(refusal.value.problems)


def test_a_member_takes_their_turn_back(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor, carl: Actor
) -> None:
    override = a_day(core, carl, 1)
    manage.add_override(bob, rota.id, override)
    for other in (ann, carl):
        with pytest.raises(InvalidInput):
            manage.end_override(other, rota.id, override)
    assert () == manage.end_override(bob, rota.id, override).overrides
    assert ids(ann, bob, carl, ann) == on_call(core, rota)
    with pytest.raises(NotFound):
        manage.end_override(bob, rota.id, override)


def test_what_was_given_on_is_taken_back_in_order(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor, carl: Actor
) -> None:
    first, second = a_day(core, carl, 1), a_day(core, ann, 1)
    manage.add_override(bob, rota.id, first)
    manage.add_override(carl, rota.id, second)
    with pytest.raises(InvalidInput):
        manage.end_override(bob, rota.id, first)
    manage.end_override(carl, rota.id, second)
    manage.end_override(bob, rota.id, first)
    assert ids(ann, bob, carl, ann) == on_call(core, rota)


def test_an_override_that_has_begun_ends_and_what_was_stays(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor
) -> None:
    override = a_day(core, bob, 0)
    manage.add_override(ann, rota.id, override)
    core.clock.advance(6 * HOUR)
    [stored] = manage.end_override(ann, rota.id, override).overrides
    assert (override.starts_at, core.clock.now()) == (stored.starts_at, stored.ends_at)
    assert ids(ann) == on_call(core, rota, 1)
    core.clock.advance(HOUR)
    assert (stored,) == manage.end_override(ann, rota.id, stored).overrides


def test_overrides_of_long_ago_go(core: Core, manage: ManageRotas, rota: Rota, bob: Actor) -> None:
    manage.add_override(ROOT, rota.id, a_day(core, bob, 0))
    core.clock.advance(KEPT)
    assert 2 == len(manage.add_override(ROOT, rota.id, a_day(core, bob, 1)).overrides)
    core.clock.advance(2 * DAY)
    assert 2 == len(manage.add_override(ROOT, rota.id, a_day(core, bob, 1)).overrides)


def test_a_changed_rota_keeps_its_overrides_if_it_is_asked_to(
    core: Core, manage: ManageRotas, rota: Rota, ann: Actor, bob: Actor
) -> None:
    override = a_day(core, bob, 0)
    manage.add_override(ann, rota.id, override)
    changed = replace(a_rota(core, bob, name="db"), id=rota.id)
    assert (override,) == manage.change(ROOT, changed, keeps_overrides=True).overrides
    action, target, detail = last_entry(core)
    assert ("rota.update", "db") == (action, target)
    assert 'name: "web" -> "db", user_ids: ["ann", "bob", "carl"] -> ["bob"]' == detail
    assert () == manage.change(ROOT, changed).overrides
