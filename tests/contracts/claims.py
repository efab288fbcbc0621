"""Claims on the outbox: which process may send what, and for how long."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.domain.alerts.alert import TimelineEntry
from monitor.domain.notifications.outbox import LEASE, DeliveryState, Notification, NotificationId, Target
from tests.contracts.builders import (
    AT,
    MICROSECOND,
    SECOND,
    NewUow,
    a_notification,
    a_timeline_entry,
    a_way,
    stored_alert,
    stored_channel,
    stored_notifications,
    stored_server,
    stored_user,
    stored_ways,
)
from tests.contracts.threads import at_once, until_no_conflict

HOUR = timedelta(hours=1)


def claimed(new_uow: NewUow, at: datetime = AT, *, limit: int = 100, holder: str = "a") -> list[Notification]:
    """As committed."""
    with new_uow() as uow:
        found = uow.notifications.claim(at, leased_until=at + LEASE, limit=limit, holder=holder)
        uow.commit()
    return found


class ClaimsContract:
    @pytest.fixture
    def targets(self, new_uow) -> list[Target]:
        """Three users, and a channel with the id of the first."""
        people = [Target(user_id=stored_user(new_uow, name).id) for name in ("alice", "bob", "carol")]
        return [*people, Target(channel_id=stored_channel(new_uow).id)]

    @pytest.fixture
    def entries(self, new_uow: NewUow) -> list[TimelineEntry]:
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        with new_uow() as uow:
            entries = uow.alerts.add_to_timeline([a_timeline_entry(alert)] * 12)
            uow.commit()
        return entries

    def _stored(self, new_uow, entries, whose: Sequence[Target], **changes) -> Sequence[Notification]:
        """One for each of *whose*, a second apart, all due at AT."""
        due = [
            a_notification(entry, target, created_at=AT - HOUR + n * SECOND, not_before=AT - HOUR + n * SECOND)
            for n, (entry, target) in enumerate(zip(entries, whose, strict=False))
        ]
        return stored_notifications(new_uow, *(replace(n, **changes) for n in due))

    def test_only_wanted_targets_are_claimed(self, new_uow, entries, targets):
        self._stored(new_uow, entries, [*targets, targets[0]])
        alice, bob, carol, channel = targets
        with new_uow() as uow:
            some = uow.notifications.claim(
                AT, leased_until=AT + LEASE, limit=9, only=[channel, alice], excluding=[alice]
            )
            none = uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9, only=[])
            rest = uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9, excluding=[bob, channel])
            uow.commit()
        assert [channel] == [n.target for n in some]
        assert [] == none
        assert [alice, carol, alice] == [n.target for n in rest]
        assert [bob] == [n.target for n in claimed(new_uow)]

    def test_nothing_is_claimed_from_an_empty_outbox(self, new_uow):
        assert claimed(new_uow) == []

    def test_due_ones_of_all_targets_are_claimed_oldest_first(self, new_uow, targets, entries):
        a, b, c, channel = targets
        stored = self._stored(new_uow, entries, [a, b, a, channel, c, b])
        assert claimed(new_uow) == stored

    def test_only_due_ones_are_claimed(self, new_uow, targets, entries):
        stored = self._stored(new_uow, entries, targets[:1], not_before=AT)
        assert claimed(new_uow, AT - MICROSECOND) == []
        assert claimed(new_uow, AT) == stored

    def test_all_pending_ones_of_a_due_target_are_claimed(self, new_uow, targets, entries):
        """One mail instead of two, even if the others are due much later."""
        a, b, *_ = targets
        due = self._stored(new_uow, entries[:1], [a])
        later = self._stored(new_uow, entries[1:], [a, b], not_before=AT + HOUR)
        assert claimed(new_uow) == [*due, later[0]]
        assert claimed(new_uow, AT + 2 * HOUR) == [*due, *later]

    def test_what_is_due_after_a_time_stays_unless_it_was_tried(self, new_uow, targets, entries):
        """A way's delay, or the end of quiet hours, is not cut short by another message."""
        a, b, *_ = targets
        due, soon, late, tried = self._stored(new_uow, entries, [a] * 4)
        times = {soon: AT + SECOND, late: AT + SECOND + MICROSECOND, tried: AT + HOUR}
        changed = [replace(n, not_before=at, attempts=int(n is tried)) for n, at in times.items()]
        self._stored(new_uow, entries[4:], [b], not_before=AT + SECOND)
        with new_uow() as uow:
            uow.notifications.save(changed)
            found = uow.notifications.claim(AT, until=AT + SECOND, leased_until=AT + LEASE, limit=9)
            uow.commit()
        assert found == [due, changed[0], changed[2]]
        with new_uow() as uow:
            at = AT + SECOND + MICROSECOND
            assert [b] == [n.target for n in uow.notifications.claim(at, until=at, leased_until=at + LEASE, limit=9)]
            uow.notifications.save([n.sent(AT) for n in found])
            assert [changed[1]] == uow.notifications.claim(at, until=at, leased_until=at + LEASE, limit=9)

    def test_ways_of_one_person_are_claimed_apart(self, new_uow, targets, entries):
        mailbox = targets[0]
        user_id = mailbox.user_id
        ways = [replace(mailbox, way_id=w.id) for w in stored_ways(new_uow, user_id, *[a_way(user_id)] * 2)]
        self._stored(new_uow, entries, [mailbox, *ways, ways[0]])
        with new_uow() as uow:
            first = uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9, only=ways[:1])
            rest = uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9, excluding=[mailbox])
            assert [ways[0]] * 2 == [n.target for n in first]
            assert ways[1:] == [n.target for n in rest]
            assert [mailbox] == [n.target for n in uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9)]

    def test_of_a_target_with_very_many_some_wait_for_the_next_message(self, new_uow, targets, entries):
        """Those of a message that a dead process left first, then those that are due first; none while it is sent."""
        a, b, *_ = targets
        late, early, left, other = self._stored(new_uow, entries, [a, a, a, b])
        with new_uow() as uow:
            uow.notifications.save([replace(late, not_before=AT + HOUR), replace(left, message_id="m")])
            uow.commit()

        def two_of_each() -> list[NotificationId]:
            with new_uow() as uow:
                found = uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9, each=2)
                uow.commit()
            return [n.id for n in found]

        assert [early.id, left.id, other.id] == two_of_each()
        assert [] == two_of_each()
        with new_uow() as uow:
            uow.notifications.save([early.sent(AT), left.sent(AT), other.sent(AT)])
            uow.commit()
        assert [] == two_of_each()
        assert [late.id] == [n.id for n in claimed(new_uow, AT + HOUR)]

    @pytest.mark.parametrize("delivery", [d for d in DeliveryState if d is not DeliveryState.PENDING])
    def test_only_pending_ones_are_claimed(self, new_uow, targets, entries, delivery):
        a, b, *_ = targets
        self._stored(new_uow, entries, [a, b], delivery=delivery)
        (pending,) = self._stored(new_uow, entries[2:], [a])
        assert claimed(new_uow) == [pending]

    def test_a_claim_is_exclusive_until_its_lease_ends(self, new_uow, targets, entries):
        stored = self._stored(new_uow, entries, targets)
        assert claimed(new_uow) == stored
        assert claimed(new_uow) == []
        assert claimed(new_uow, AT + LEASE - MICROSECOND) == []
        assert claimed(new_uow, AT + LEASE) == stored
        assert claimed(new_uow, AT + LEASE + SECOND) == []

    def test_a_claim_that_was_not_committed_does_not_count(self, new_uow, targets, entries):
        stored = self._stored(new_uow, entries, targets)
        with new_uow() as uow:
            assert uow.notifications.claim(AT, leased_until=AT + LEASE, limit=100) == stored
            assert uow.notifications.claim(AT, leased_until=AT + LEASE, limit=100) == []
        assert claimed(new_uow) == stored

    def test_new_ones_of_a_leased_target_wait_and_others_do_not(self, new_uow, targets, entries):
        a, b, *_ = targets
        first = self._stored(new_uow, entries[:1], [a])
        assert claimed(new_uow) == first
        more = self._stored(new_uow, entries[1:], [a, b])
        assert claimed(new_uow) == [more[1]]
        assert claimed(new_uow, AT + LEASE) == [*first, *more]

    def test_saving_ends_the_lease(self, new_uow, targets, entries):
        """Only of those saved: the target is free when nothing of it is leased."""
        stored = self._stored(new_uow, entries, targets[:1] * 3)
        claimed(new_uow)
        with new_uow() as uow:
            uow.notifications.save([stored[0].sent(AT), stored[1].held()])
            uow.commit()
        assert claimed(new_uow, AT + SECOND) == []
        failed = stored[2].failed(AT, "421 later", for_good=False)
        with new_uow() as uow:
            uow.notifications.save([failed])
            uow.commit()
        assert claimed(new_uow, AT + SECOND) == []
        assert claimed(new_uow, failed.not_before) == [failed]

    def test_released_notifications_can_be_claimed_at_once(self, new_uow, targets, entries):
        (stored,) = self._stored(new_uow, entries, targets[:1])
        claimed(new_uow)
        released = stored.held().released(AT + SECOND)
        with new_uow() as uow:
            uow.notifications.save([stored.held()])
            uow.notifications.save([released])
            uow.commit()
        assert claimed(new_uow, AT + SECOND) == [released]

    def test_a_stamp_leaves_the_lease(self, new_uow, targets, entries):
        stored = self._stored(new_uow, entries, targets[:2])
        stamped = [replace(n, message_id=str(n.id)) for n in stored]
        with new_uow() as uow:
            assert uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9) == stored
            uow.notifications.stamp(stamped)
            uow.commit()
        assert claimed(new_uow, AT + SECOND) == []
        assert claimed(new_uow, AT + LEASE) == stamped

    def test_a_lease_ends_with_its_dropped_notifications(self, new_uow, targets, entries):
        """Another process, which does not know the claim, drops it: the target is free at once."""
        (stored,) = self._stored(new_uow, entries, targets[:1])
        claimed(new_uow)
        with new_uow() as uow:
            uow.notifications.save([stored.dropped()])
            uow.commit()
        (other,) = self._stored(new_uow, entries[1:], targets[:1])
        assert claimed(new_uow) == [other]

    def test_free_ends_the_leases_of_one_holder(self, new_uow, targets, entries):
        """Those of another holder stay."""
        stored = self._stored(new_uow, entries, targets[:2])
        assert claimed(new_uow, limit=1, holder="a") == stored[:1]
        assert claimed(new_uow, limit=1, holder="b") == stored[1:]
        with new_uow() as uow:
            uow.notifications.free("a")
            uow.notifications.free("nobody")
            uow.commit()
        assert claimed(new_uow, AT + SECOND, holder="c") == stored[:1]
        assert claimed(new_uow, AT + SECOND, holder="c") == []

    def test_free_ends_leases_on_some_alone(self, new_uow, targets, entries):
        stored = self._stored(new_uow, entries, targets[:3])
        assert claimed(new_uow, limit=2, holder="a") == stored[:2]
        assert claimed(new_uow, holder="b") == stored[2:]
        with new_uow() as uow:
            uow.notifications.free("a", only={stored[0].id, stored[2].id})
            uow.notifications.free("b", only=set())
            uow.commit()
        assert claimed(new_uow, AT + SECOND, holder="c") == stored[:1]

    def test_a_claim_is_lost_once_it_is_free_or_another_has_it(self, new_uow, targets, entries):
        stored = self._stored(new_uow, entries, targets[:1] * 2)

        def are_lost(holder: str) -> bool:
            with new_uow() as uow:
                lost: bool = uow.notifications.are_lost(stored, holder)
            return lost

        claimed(new_uow, holder="a")
        assert (are_lost("a"), are_lost("b")) == (False, True)
        with new_uow() as uow:
            uow.notifications.free("a")
            uow.commit()
        assert are_lost("a")
        claimed(new_uow, holder="b")
        assert (are_lost("a"), are_lost("b")) == (True, False)
        with new_uow() as uow:
            uow.notifications.save([n.sent(AT) for n in stored])
            uow.commit()
        assert are_lost("a")

    def test_a_claim_is_not_lost_if_one_of_it_was_dropped(self, new_uow, targets, entries):
        """Another process, which does not know the claim, drops one: the rest may be sent."""
        stored = self._stored(new_uow, entries, targets[:1] * 2)
        claimed(new_uow, holder="a")
        with new_uow() as uow:
            uow.notifications.save([stored[0].dropped()])
            uow.commit()
        with new_uow() as uow:
            assert not uow.notifications.are_lost(stored, "a")
            assert not uow.notifications.are_lost([], "a")

    def test_targets_are_claimed_whole_until_the_limit_is_reached(self, new_uow, targets, entries):
        """The longest waiting target comes first."""
        a, b, c, channel = targets
        stored = self._stored(new_uow, entries, [c, a, b, a, c, channel])
        by_target = {target: [n for n in stored if n.target == target] for target in targets}
        assert claimed(new_uow, limit=0) == []
        assert claimed(new_uow, limit=1) == by_target[c]
        assert claimed(new_uow, limit=3) == sorted([*by_target[a], *by_target[b]], key=lambda n: n.id)
        assert claimed(new_uow, limit=3) == by_target[channel]
        assert claimed(new_uow, limit=3) == []

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
    def test_repeated_claims_take_everything_once(self, new_uow, targets, entries, limit):
        a, b, c, channel = targets
        stored = self._stored(new_uow, entries, [a, b, a, c, channel, a, c, b, a])
        taken: list[NotificationId] = []
        while found := claimed(new_uow, limit=limit):
            whole = {n.id for n in stored if n.target in {one.target for one in found}}
            assert {n.id for n in found} == whole
            assert not whole & set(taken), "claimed twice"
            assert len(found) >= limit or len(taken) + len(found) == len(stored)
            taken += [n.id for n in found]
        assert sorted(taken) == [n.id for n in stored]

    def test_two_simultaneous_claims_share_the_targets(self, new_uow, targets, entries):
        """No target is in both."""
        stored = self._stored(new_uow, entries, [*targets, *targets, *targets])
        found: list[list[Notification]] = []

        def claim() -> None:
            found.append(claimed(new_uow, limit=2))

        def work() -> None:
            for _ in range(3):
                until_no_conflict(claim)

        at_once(work, work)
        assert sorted(n.id for claim in found for n in claim) == [n.id for n in stored]
        owners = [{n.target for n in claim} for claim in found]
        assert sum(len(owned) for owned in owners) == len(targets)
