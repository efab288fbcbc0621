"""Rotas, escalations, ways and pagings, and what becomes of them when something they name is deleted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from functools import partial

import pytest

from monitor.application.oncall.ports import Paging
from monitor.application.operations.ports import Queries, UnitOfWork
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.teams import EscalationId, TeamId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import ChannelId
from monitor.domain.notifications.outbox import UNSENT, DeliveryState, Target
from monitor.domain.oncall.escalations import EscalationNameTaken, Progress, Step, TargetKind
from monitor.domain.oncall.escalations import Target as StepTarget
from monitor.domain.oncall.hand_overs import HandedOver
from monitor.domain.oncall.roster import Roster
from monitor.domain.oncall.rotas import Hours, Override, RotaId, RotaNameTaken
from monitor.domain.oncall.ways import MAIL, WEB_PUSH, Way, WayId
from monitor.domain.policies.policies import Scope
from tests.contracts.builders import (
    AT,
    HOSTILE,
    MICROSECOND,
    SECOND,
    NewUow,
    a_notification,
    a_rota,
    a_way,
    an_escalation,
    stored_alert,
    stored_channel,
    stored_escalation,
    stored_notifications,
    stored_policy,
    stored_rota,
    stored_server,
    stored_team,
    stored_user,
    stored_ways,
    timeline_entries,
)
from tests.contracts.threads import at_once, until_no_conflict

UNKNOWN = 1_000_000
HOUR = timedelta(hours=1)
HOURS = (
    Hours(frozenset({0, 1, 2, 3, 4}), time(22), time(6, 30)),
    Hours(frozenset({5, 6}), time(), time()),
)


def committed(new_uow: NewUow, change: Callable[[UnitOfWork], object]) -> None:
    with new_uow() as uow:
        change(uow)
        uow.commit()


def roster(queries: Queries) -> Roster:
    return queries.fleet.snapshot().roster


class RotasContract:
    def test_up_to_when_hand_overs_were_announced_stays_when_a_rota_changes(self, new_uow, queries):
        first, second = stored_rota(new_uow, "first"), stored_rota(new_uow, "second")
        last = HandedOver(AT + MICROSECOND, UserId(UNKNOWN))  # who was on call may be deleted
        revision = queries.fleet.revision()
        with new_uow() as uow:
            assert uow.rotas.handed_over() == {first.id: HandedOver(), second.id: HandedOver()}
            uow.rotas.save_handed_over({second.id: last, RotaId(UNKNOWN): last})
            uow.rotas.save_handed_over({})
            uow.commit()
        assert queries.fleet.revision() == revision
        committed(new_uow, lambda uow: uow.rotas.save(replace(second, turn_days=3)))
        with new_uow() as uow:
            assert uow.rotas.handed_over() == {first.id: HandedOver(), second.id: last}
            uow.rotas.delete(second.id)
            assert uow.rotas.handed_over() == {first.id: HandedOver()}

    def test_a_rota_comes_back_whole(self, new_uow, queries):
        people = [stored_user(new_uow, name).id for name in ("alice", "bob")]
        rota = stored_rota(
            new_uow,
            "Nächte 夜班",
            timezone="Asia/Shanghai",
            starts_at=AT + MICROSECOND,
            turn_days=3,
            hours=HOURS,
            user_ids=(people[1], people[0], people[1]),
            overrides=(
                Override(people[1], AT + HOUR, AT + 2 * HOUR),
                Override(people[0], AT, AT + HOUR),
                Override(people[1], AT, AT + HOUR),
            ),
        )
        always = stored_rota(new_uow, "always")
        with new_uow() as uow:
            assert [rota, always] == [uow.rotas.get(each.id) for each in (rota, always)]
        assert [rota, always] == list(roster(queries).rotas.values())

    @pytest.mark.parametrize("text", HOSTILE)
    def test_names_come_back_as_they_were(self, new_uow, text):
        rota = stored_rota(new_uow, text)
        with new_uow() as uow:
            assert uow.rotas.get(rota.id) == rota

    def test_saving_replaces_it(self, new_uow):
        alice, bob = (stored_user(new_uow, name).id for name in ("alice", "bob"))
        rota = stored_rota(new_uow, user_ids=(alice, bob), overrides=(Override(bob, AT, AT + HOUR),))
        other = replace(
            rota,
            name="others",
            timezone="UTC",
            starts_at=AT + HOUR,
            turn_days=1,
            hours=HOURS,
            user_ids=(bob, alice, alice),
            overrides=(Override(alice, AT, AT + HOUR), Override(bob, AT + HOUR, AT + 2 * HOUR)),
        )
        for stored in (other, other, replace(other, hours=None, user_ids=(), overrides=())):
            with new_uow() as uow:
                uow.rotas.save(stored)
                uow.commit()
            with new_uow() as uow:
                assert uow.rotas.get(rota.id) == stored

    @pytest.mark.parametrize("name", ["web", "WEB", "ｗｅｂ"])
    def test_names_are_unique_whatever_their_case(self, new_uow, name):
        stored_rota(new_uow)
        other = stored_rota(new_uow, "others")
        with new_uow() as uow:
            with pytest.raises(RotaNameTaken):
                uow.rotas.add(a_rota(name))
            with pytest.raises(RotaNameTaken):
                uow.rotas.save(replace(other, name=name))

    def test_a_rota_may_change_the_case_of_its_name(self, new_uow):
        rota = stored_rota(new_uow)
        with new_uow() as uow:
            uow.rotas.save(replace(rota, name="Web"))
            assert uow.rotas.get(rota.id).name == "Web"

    @pytest.mark.parametrize(
        "gone", [{"user_ids": (UserId(UNKNOWN),)}, {"overrides": (Override(UserId(UNKNOWN), AT, AT + HOUR),)}]
    )
    def test_nobody_unknown_has_a_turn(self, new_uow, gone):
        rota = stored_rota(new_uow)
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.rotas.add(a_rota("others", **gone))
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.rotas.save(replace(rota, **gone))

    def test_an_unknown_rota_is_not_found(self, new_uow):
        with new_uow() as uow:
            for call in (uow.rotas.get, uow.rotas.delete):
                with pytest.raises(NotFound):
                    call(RotaId(UNKNOWN))
            with pytest.raises(NotFound):
                uow.rotas.save(a_rota(id=RotaId(UNKNOWN)))

    def test_a_deleted_user_leaves_it(self, new_uow, queries):
        alice, bob = (stored_user(new_uow, name).id for name in ("alice", "bob"))
        overrides = (Override(alice, AT, AT + HOUR), Override(bob, AT, AT + HOUR))
        rota = stored_rota(new_uow, user_ids=(alice, bob, alice), overrides=overrides)
        committed(new_uow, lambda uow: uow.users.delete(alice))
        left = replace(rota, user_ids=(bob,), overrides=overrides[1:])
        with new_uow() as uow:
            assert uow.rotas.get(rota.id) == left
        assert dict(roster(queries).rotas) == {rota.id: left}

    def test_a_deleted_rota_is_gone_and_its_id_too(self, new_uow, queries):
        user = stored_user(new_uow)
        rota = stored_rota(new_uow, user_ids=(user.id,), overrides=(Override(user.id, AT, AT + HOUR),))
        committed(new_uow, lambda uow: uow.rotas.delete(rota.id))
        assert dict(roster(queries).rotas) == {}
        assert stored_rota(new_uow).id > rota.id

    def test_overrides_of_two_people_at_once_are_both_kept(self, new_uow):
        alice, bob = (stored_user(new_uow, name).id for name in ("alice", "bob"))
        rota = stored_rota(new_uow, user_ids=(alice, bob))

        def override(user_id: UserId) -> None:
            with new_uow() as uow:
                held = uow.rotas.get(rota.id)
                uow.rotas.save(replace(held, overrides=(*held.overrides, Override(user_id, AT, AT + HOUR))))
                uow.commit()

        at_once(*(partial(until_no_conflict, partial(override, user_id)) for user_id in (alice, bob)))
        with new_uow() as uow:
            assert {each.user_id for each in uow.rotas.get(rota.id).overrides} == {alice, bob}


class EscalationsContract:
    def test_an_escalation_comes_back_whole(self, new_uow, queries):
        targets = self._targets(new_uow)
        steps = (
            Step(timedelta(0), (targets[1], targets[0], StepTarget(TargetKind.LINKED))),
            Step(timedelta(minutes=5), ()),
            Step(timedelta(minutes=7.5), tuple(targets)),
        )
        nights = stored_escalation(new_uow, "Nächte 夜", steps=steps, repeat_after=timedelta(minutes=30), repeats=9)
        plain = stored_escalation(new_uow, "plain")
        with new_uow() as uow:
            assert [nights, plain] == [uow.escalations.get(each.id) for each in (nights, plain)]
        assert [nights, plain] == list(roster(queries).escalations.values())

    @pytest.mark.parametrize("text", HOSTILE)
    def test_names_come_back_as_they_were(self, new_uow, text):
        escalation = stored_escalation(new_uow, text)
        with new_uow() as uow:
            assert uow.escalations.get(escalation.id) == escalation

    def test_saving_replaces_it(self, new_uow):
        targets = self._targets(new_uow)
        escalation = stored_escalation(new_uow, "nights", *targets, repeat_after=HOUR, repeats=1)
        steps = (Step(SECOND, tuple(targets[1:])), Step(HOUR, tuple(targets[:1])))
        other = replace(escalation, name="others", steps=steps, repeat_after=None, repeats=0)
        for stored in (other, other, replace(other, steps=steps[:1])):
            with new_uow() as uow:
                uow.escalations.save(stored)
                uow.commit()
            with new_uow() as uow:
                assert uow.escalations.get(escalation.id) == stored

    @pytest.mark.parametrize("name", ["nights", "NIGHTS"])
    def test_names_are_unique_whatever_their_case(self, new_uow, name):
        stored_escalation(new_uow)
        other = stored_escalation(new_uow, "others")
        with new_uow() as uow:
            with pytest.raises(EscalationNameTaken):
                uow.escalations.add(an_escalation(name))
            with pytest.raises(EscalationNameTaken):
                uow.escalations.save(replace(other, name=name))

    @pytest.mark.parametrize("kind", [kind for kind in TargetKind if kind is not TargetKind.LINKED])
    def test_a_step_names_nothing_unknown(self, new_uow, kind):
        escalation, gone = stored_escalation(new_uow), StepTarget(kind, UNKNOWN)
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.escalations.add(an_escalation("others", gone))
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.escalations.save(an_escalation("nights", gone, id=escalation.id))

    def test_an_unknown_escalation_is_not_found(self, new_uow):
        with new_uow() as uow:
            for call in (uow.escalations.get, uow.escalations.delete):
                with pytest.raises(NotFound):
                    call(EscalationId(UNKNOWN))
            with pytest.raises(NotFound):
                uow.escalations.save(an_escalation(id=EscalationId(UNKNOWN)))

    def test_a_step_loses_what_is_deleted(self, new_uow, queries):
        targets = self._targets(new_uow)
        user, team, rota, channel = (target.id for target in targets)
        deletions: list[Callable[[UnitOfWork], None]] = [
            lambda uow: uow.users.delete(UserId(user)),
            lambda uow: uow.teams.delete(TeamId(team)),
            lambda uow: uow.rotas.delete(RotaId(rota)),
            lambda uow: uow.channels.delete(ChannelId(channel)),
        ]
        steps = (Step(timedelta(0), tuple(targets)), Step(HOUR, (StepTarget(TargetKind.LINKED), *targets[::-1])))
        escalation = stored_escalation(new_uow, steps=steps)
        for gone, deletion in enumerate(deletions, 1):
            before = queries.fleet.revision()
            committed(new_uow, deletion)
            left = [tuple(target for target in step.to if target not in targets[:gone]) for step in steps]
            with new_uow() as uow:
                held = uow.escalations.get(escalation.id)
            assert left == [step.to for step in held.steps]
            assert dict(queries.fleet.changes(before, 100).roster.escalations) == {held.id: held}

    def test_teams_and_policies_forget_a_deleted_one(self, new_uow, queries):
        gone, kept = stored_escalation(new_uow, "gone"), stored_escalation(new_uow, "kept")
        teams = [stored_team(new_uow, str(n), escalation_id=each.id) for n, each in enumerate((gone, kept))]
        policies = [
            stored_policy(new_uow, scope=Scope(tag=str(n)), escalation_id=each.id)
            for n, each in enumerate((gone, kept))
        ]
        before = queries.fleet.revision()
        committed(new_uow, lambda uow: uow.escalations.delete(gone.id))
        changes = queries.fleet.changes(before, 100)
        assert changes.teams == {teams[0].id: replace(teams[0], escalation_id=None)}
        assert changes.policies == [replace(policies[0], escalation_id=None), policies[1]]
        assert dict(changes.roster.escalations) == {kept.id: kept}
        with new_uow() as uow:
            assert uow.teams.get(teams[1].id) == teams[1]
            assert uow.alert_policies.get(policies[0].id).escalation_id is None

    def test_teams_and_policies_name_nothing_unknown(self, new_uow):
        team, policy = stored_team(new_uow), stored_policy(new_uow)
        unknown = EscalationId(UNKNOWN)
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.teams.save(replace(team, escalation_id=unknown))
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.alert_policies.save(replace(policy, escalation_id=unknown))

    @staticmethod
    def _targets(new_uow: NewUow) -> list[StepTarget]:
        """Return one of each kind that names something, users first, then teams, rotas and channels."""
        named = {
            TargetKind.USER: stored_user(new_uow).id,
            TargetKind.TEAM: stored_team(new_uow).id,
            TargetKind.ROTA: stored_rota(new_uow).id,
            TargetKind.CHANNEL: stored_channel(new_uow).id,
        }
        return [StepTarget(kind, id_) for kind, id_ in named.items()]


class WaysContract:
    def test_nobody_has_chosen_any_at_first(self, new_uow, queries):
        user = stored_user(new_uow)
        with new_uow() as uow:
            assert uow.ways.of(user.id) == []
            assert uow.ways.of(UserId(UNKNOWN)) == []
        assert dict(roster(queries).ways) == {}

    @pytest.mark.parametrize("text", HOSTILE)
    def test_they_come_back_whole_and_in_order(self, new_uow, queries, text):
        user = stored_user(new_uow)
        settings = {"url": text * 20, text: "", "": text, "locale": "en"}
        mail = Way(user_id=user.id, kind=MAIL, confirmed_at=AT + MICROSECOND)
        push = a_way(user.id, WEB_PUSH, settings=settings, level=Level.CRITICAL, after=timedelta(seconds=90.5))
        ways = stored_ways(new_uow, user.id, push, mail, replace(push, failed=text))
        assert len({way.id for way in ways} - {0}) == 3
        chosen = [push, mail, replace(push, failed=text)]
        expected = [replace(way, id=stored.id) for way, stored in zip(chosen, ways, strict=True)]
        with new_uow() as uow:
            found = uow.ways.of(user.id)
        assert found == ways == expected == list(roster(queries).ways[user.id])
        assert dict(found[0].settings) == settings

    def test_replacing_keeps_ids_and_deletes_what_is_left_out(self, new_uow):
        user, other = stored_user(new_uow), stored_user(new_uow, "bob")
        (of_other,) = stored_ways(new_uow, other.id, a_way(other.id))
        first, second, third = stored_ways(new_uow, user.id, *(a_way(user.id, kind) for kind in ("a", "b", "c")))
        changed = replace(third, settings={"url": "https://new.example.com/"}, level=Level.CRITICAL)
        stored = stored_ways(new_uow, user.id, changed, a_way(user.id, "d"), first)
        assert [changed, first] == [stored[0], stored[2]]
        assert stored[1].id > third.id
        with new_uow() as uow:
            assert uow.ways.of(user.id) == stored
            assert uow.ways.of(other.id) == [of_other]
            assert uow.ways.replace(user.id, []) == []
            assert uow.ways.of(user.id) == []
            with pytest.raises(NotFound):
                uow.ways.replace(user.id, [second])

    def test_the_ways_of_others_are_not_found(self, new_uow):
        user, other = stored_user(new_uow), stored_user(new_uow, "bob")
        (way,) = stored_ways(new_uow, other.id, a_way(other.id))
        for user_id, wanted in ((user.id, way), (UserId(UNKNOWN), a_way(UserId(UNKNOWN)))):
            with new_uow() as uow, pytest.raises(NotFound):
                uow.ways.replace(user_id, [wanted])

    def test_a_way_takes_its_waiting_notifications_along(self, new_uow):
        """What was sent stays, and so do those of other ways, and of the mailbox."""
        user = stored_user(new_uow)
        gone, kept = stored_ways(new_uow, user.id, a_way(user.id), a_way(user.id))
        targets = [Target(user_id=user.id, way_id=gone.id), Target(user_id=user.id, way_id=kept.id), Target(user.id)]
        entries = timeline_entries(new_uow, stored_alert(new_uow, stored_server(new_uow).id), len(DeliveryState))
        stored = stored_notifications(
            new_uow,
            *(
                a_notification(entry, target, delivery=delivery)
                for entry, delivery in zip(entries, DeliveryState, strict=True)
                for target in targets
            ),
        )
        stored_ways(new_uow, user.id, kept)
        with new_uow() as uow:
            left = uow.notifications.of_alerts([entries[0].alert_id])
            uow.notifications.add([a_notification(entries[0], targets[0], event_id=None)])
            assert left == uow.notifications.of_alerts([entries[0].alert_id])
        assert left == [n for n in stored if n.target != targets[0] or n.delivery not in UNSENT]

    def test_a_user_takes_ways_and_what_waits_for_them_along(self, new_uow, queries):
        user = stored_user(new_uow)
        (way,) = stored_ways(new_uow, user.id, a_way(user.id))
        target = Target(user_id=user.id, way_id=way.id)
        entries = timeline_entries(new_uow, stored_alert(new_uow, stored_server(new_uow).id), 2)
        sent = a_notification(entries[0], target, delivery=DeliveryState.SENT)
        (kept, _) = stored_notifications(new_uow, sent, a_notification(entries[1], target))
        committed(new_uow, lambda uow: uow.users.delete(user.id))
        assert dict(roster(queries).ways) == {}
        with new_uow() as uow:
            assert uow.notifications.of_alerts([entries[0].alert_id]) == [kept]

    def test_a_way_is_confirmed(self, new_uow):
        user = stored_user(new_uow)
        push, mail = stored_ways(new_uow, user.id, a_way(user.id), a_way(user.id, MAIL, settings={}))
        with new_uow() as uow:
            for way_id in (push.id, WayId(UNKNOWN)):
                uow.ways.confirm(user.id, way_id, AT)
            uow.commit()
        with new_uow() as uow:
            assert uow.ways.of(user.id) == [replace(push, confirmed_at=AT), mail]
            uow.ways.confirm(user.id, None, AT + HOUR)
            uow.ways.confirm(UserId(UNKNOWN), push.id, AT + HOUR)
            uow.ways.confirm(UserId(UNKNOWN), None, AT + HOUR)
            expected = [replace(push, confirmed_at=AT), replace(mail, confirmed_at=AT + HOUR)]
            assert uow.ways.of(user.id) == expected

    def test_mail_is_confirmed_by_a_person_who_chose_no_ways(self, new_uow):
        """And not by one who chose others alone."""
        user, other = stored_user(new_uow), stored_user(new_uow, "bob")
        (push,) = stored_ways(new_uow, other.id, a_way(other.id))
        with new_uow() as uow:
            for at in (AT, AT + HOUR):
                for user_id in (user.id, other.id):
                    uow.ways.confirm(user_id, None, at)
            (mail,) = uow.ways.of(user.id)
            assert uow.ways.of(other.id) == [push]
        assert mail == Way(user_id=user.id, kind=MAIL, confirmed_at=AT + HOUR, id=mail.id)

    def test_a_failure_is_noted_until_a_success(self, new_uow, queries):
        user = stored_user(new_uow)
        way, other = stored_ways(new_uow, user.id, a_way(user.id), a_way(user.id))
        for error in ("410 Gone", ""):
            before = queries.fleet.revision()
            for _ in range(2):
                with new_uow() as uow:
                    uow.ways.mark_failed(way.id, error)
                    uow.commit()
            assert list(roster(queries).ways[user.id]) == [replace(way, failed=error), other]
            assert queries.fleet.revision() == before + 1
        committed(new_uow, lambda uow: uow.ways.mark_failed(WayId(UNKNOWN), "gone"))

    def test_two_who_replace_them_at_once_do_not_add_up(self, new_uow):
        user = stored_user(new_uow)

        def choose(kind: str) -> None:
            stored_ways(new_uow, user.id, a_way(user.id, kind), a_way(user.id, kind))

        at_once(*(partial(until_no_conflict, partial(choose, kind)) for kind in ("a", "b")))
        with new_uow() as uow:
            kinds = [way.kind for way in uow.ways.of(user.id)]
        assert kinds in (["a", "a"], ["b", "b"])


class PagingsContract:
    def test_they_are_kept_for_each_alert_and_escalation(self, new_uow):
        alerts, escalations = self._open(new_uow, 3, 2)
        stored = [
            Paging(alert, escalation, Progress(n, n + 1, AT + n * MICROSECOND, n % 2 == 1))
            for n, (alert, escalation) in enumerate((a, e) for a in alerts[:2] for e in escalations)
        ]
        with new_uow() as uow:
            uow.pagings.save(stored[::-1])
            uow.pagings.save([])
            uow.commit()
        with new_uow() as uow:
            assert uow.pagings.of(alerts[::-1]) == stored
            assert uow.pagings.of(alerts[1:]) == stored[2:]
            assert uow.pagings.of([]) == []
            changed = stored[0]._replace(progress=Progress(7, 0, AT + HOUR, True))
            uow.pagings.save([changed])
            assert uow.pagings.of(alerts) == [changed, *stored[1:]]
            uow.pagings.delete(alerts[:1], only=escalations[1])
            assert uow.pagings.of(alerts) == [changed, *stored[2:]]
            uow.pagings.delete([alerts[1], AlertId(UNKNOWN)])
            assert uow.pagings.of(alerts) == [changed]

    def test_their_next_steps_are_renumbered_together(self, new_uow):
        alerts, (own, another) = self._open(new_uow, 3, 2)
        pagings = [Paging(alert, own, Progress(1, n, AT, True)) for n, alert in enumerate(alerts)]
        pagings += [Paging(alerts[0], another, Progress(0, 1, AT))]
        committed(new_uow, lambda uow: uow.pagings.save(pagings))
        committed(new_uow, lambda uow: uow.pagings.renumber(own, {0: 1, 1: 2}))
        committed(new_uow, lambda uow: uow.pagings.renumber(own, {}))
        expected = [
            each._replace(progress=Progress(1, n, AT, True)) for n, each in zip((1, 2, 2), pagings, strict=False)
        ]
        with new_uow() as uow:
            assert [expected[0], pagings[3], *expected[1:]] == uow.pagings.of(alerts)

    def test_those_of_a_deleted_escalation_are_skipped(self, new_uow):
        """A process decides by its memory."""
        (alert,), (escalation,) = self._open(new_uow, 1, 1)
        known, gone = (Paging(alert, id_, Progress(0, 0, AT)) for id_ in (escalation, EscalationId(UNKNOWN)))
        with new_uow() as uow:
            uow.pagings.save([gone, known])
            assert uow.pagings.of([alert]) == [known]

    def test_they_go_with_their_alert_or_escalation(self, new_uow):
        alerts, escalations = self._open(new_uow, 2, 2)
        pagings = [Paging(a, e, Progress(0, 0, AT)) for a in alerts for e in escalations]
        committed(new_uow, lambda uow: uow.pagings.save(pagings))
        committed(new_uow, lambda uow: uow.escalations.delete(escalations[0]))
        with new_uow() as uow:
            assert uow.pagings.of(alerts) == pagings[1::2]
            gone = uow.alerts.get_many(alerts[:1], changed_by=None)[alerts[0]].server_id
            uow.servers.delete([gone])
            assert uow.pagings.of(alerts) == pagings[3:]

    def test_due_are_alerts_the_longest_due_first(self, new_uow, queries):
        alerts, escalations = self._open(new_uow, 4, 2)
        dues = [(0, 0, -2 * SECOND), (0, 1, SECOND), (1, 0, HOUR), (1, 1, -3 * SECOND), (2, 0, MICROSECOND)]
        dues += [(3, 0, timedelta(0)), (3, 1, -SECOND)]
        pagings = [Paging(alerts[a], escalations[e], Progress(0, 0, AT + after)) for a, e, after in dues]
        committed(new_uow, lambda uow: uow.pagings.save(pagings))
        assert [each.id for each in queries.alerts.due_steps(AT)] == [alerts[1], alerts[0], alerts[3]]
        assert queries.alerts.due_steps(AT - HOUR) == []
        with new_uow() as uow:
            held = uow.alerts.get(alerts[0], changed_by=None)
            uow.alerts.save(replace(held, due_at=AT))
            uow.commit()
        assert [each.id for each in queries.alerts.due_steps(AT)] == [alerts[1], alerts[3]]

    def test_an_alert_whose_escalation_runs_is_not_one_of_which_nobody_was_notified(self, new_uow, queries):
        alerts, (escalation,) = self._open(new_uow, 2, 1)
        committed(new_uow, lambda uow: uow.pagings.save([Paging(alerts[0], escalation, Progress(0, 0, AT))]))
        assert [each.id for each in queries.alerts.never_notified(AT)] == alerts[1:]

    def test_they_do_not_change_the_fleet(self, new_uow, queries):
        (alert,), (escalation,) = self._open(new_uow, 1, 1)
        before = queries.fleet.revision()
        committed(new_uow, lambda uow: uow.pagings.save([Paging(alert, escalation, Progress(0, 0, AT))]))
        committed(new_uow, lambda uow: uow.pagings.delete([alert]))
        assert queries.fleet.revision() == before

    @staticmethod
    def _open(new_uow: NewUow, alerts: int, escalations: int) -> tuple[list[AlertId], list[EscalationId]]:
        """Store alerts, each of a server of its own, and escalations."""
        servers = [stored_server(new_uow, f"192.0.2.{n}").id for n in range(1, alerts + 1)]
        return (
            [stored_alert(new_uow, server_id).id for server_id in servers],
            [stored_escalation(new_uow, f"nights {n}").id for n in range(escalations)],
        )


class RosterContract:
    def test_each_change_is_logged_as_the_roster(self, new_uow, queries):
        user = stored_user(new_uow)
        rota, escalation = stored_rota(new_uow), stored_escalation(new_uow)
        changes: list[Callable[[UnitOfWork], object]] = [
            lambda uow: uow.rotas.add(a_rota("new")),
            lambda uow: uow.rotas.save(replace(rota, name="other")),
            lambda uow: uow.rotas.delete(rota.id),
            lambda uow: uow.escalations.add(an_escalation("new")),
            lambda uow: uow.escalations.save(replace(escalation, name="other")),
            lambda uow: uow.escalations.delete(escalation.id),
            lambda uow: uow.ways.replace(user.id, [a_way(user.id)]),
            lambda uow: uow.ways.confirm(user.id, uow.ways.of(user.id)[0].id, AT),
            lambda uow: uow.ways.replace(user.id, []),
            lambda uow: uow.ways.confirm(user.id, None, AT),
            lambda uow: uow.users.delete(user.id),
        ]
        for change in changes:
            before = queries.fleet.revision()
            committed(new_uow, change)
            found = queries.fleet.changes(before, 100)
            assert (before + 1, roster(queries)) == (found.revision, found.roster)

    def test_without_a_change_it_is_not_read(self, new_uow, queries):
        before = queries.fleet.revision()
        stored_server(new_uow)
        assert queries.fleet.changes(before, 10).roster is None
