"""A person's ways to be notified: chosen in their order, tried, and made by a browser that takes pushes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.application.accounts.limits import count_guess
from monitor.application.fleet.directory import Directory
from monitor.application.notifications.channels import (
    NewUow,
    Senders,
    merged_settings,
    send,
    shown_settings,
    test_message,
)
from monitor.application.notifications.ports import UnitOfWork
from monitor.application.notifications.sender_ports import Mailer, Message, SendResult, SendStatus
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, entry
from monitor.domain.accounts.limits import WAY_ATTEMPTS, Guess, GuessKind
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput, NotFound, Problem, TransactionConflict, check_list
from monitor.domain.notifications.channels import EMAIL, Channel, ChannelKind
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall.ways import MAIL, WEB_PUSH, Way, WayId

MAX_WAYS = 10
LONGEST_AFTER = timedelta(days=1)
MAILBOX = WayId(0)
"""In place of an id: a new way, and the mailbox of a person who chose none."""


def channel_of(way: Way, user: User) -> Channel:
    """Return what a sender takes, for a way other than MAIL."""
    return Channel(
        name=user.username,
        kind=ChannelKind(way.kind),
        settings=way.settings,
        created_at=user.created_at,
        readable=way.readable,
    )


def direct_ways(directory: Directory) -> set[Target]:
    """Return the ways that do not go through the mail server."""
    every = (way for ways in directory.roster.ways.values() for way in ways)
    return {Target(user_id=way.user_id, way_id=way.id) for way in every if way.kind not in (MAIL, EMAIL)}


@dataclass(frozen=True, slots=True)
class ManageWays:
    """A change raises InvalidInput (naming "[<place>].<field>"), ReauthenticationRequired for new secrets, and
    TooManyAttempts."""

    new_uow: NewUow
    clock: Clock
    senders: Senders

    def choose(self, actor: Actor, wanted: Sequence[Way]) -> list[Way]:
        """Replace the actor's ways by *wanted*, in this order. One with an id keeps it, and changes its settings one by
        one, as channels do. With none, the person has mail."""
        _check_list(wanted)
        return self._store(actor, lambda before, user: self._merged(before, user, wanted))

    def subscribe(self, actor: Actor, settings: Mapping[str, str]) -> Way:
        """Add the browser with these settings, or renew its subscription."""

        def added(before: Sequence[Way], user: User) -> list[Way]:
            renewed = [replace(way, settings=settings, failed="") if is_it(way) else way for way in before]
            new = [] if any(map(is_it, before)) else [Way(user_id=user.id, kind=WEB_PUSH, settings=settings)]
            return [*(renewed or [Way(user_id=user.id, kind=MAIL)]), *new]

        is_it = _pushes_to(settings["endpoint"])
        return next(filter(is_it, self._store(actor, added)))

    def unsubscribe(self, actor: Actor, endpoint: str) -> None:
        """Remove the browser with this address, if it is there."""
        is_it = _pushes_to(endpoint)
        self._store(actor, lambda before, _: [way for way in before if not is_it(way)])

    def shown(self, way: Way, user: User) -> dict[str, str]:
        """Return the settings without their secrets."""
        return {} if way.kind == MAIL else shown_settings(self.senders, channel_of(way, user))

    @retried
    def _store(self, actor: Actor, change: Callable[[Sequence[Way], User], list[Way]]) -> list[Way]:
        with self.new_uow() as uow:
            before, user = uow.ways.of(actor.user_id), uow.users.get(actor.user_id)
        after = change(before, user)
        if after == before:
            return after
        _check_list(after)
        known = {way.id: way.settings for way in before}
        self._check(actor, user, {n: way for n, way in enumerate(after) if way.settings != known.get(way.id)})
        with self.new_uow() as uow:
            if uow.ways.of(actor.user_id) != before:
                raise TransactionConflict("the ways were changed since their settings were checked")
            stored = uow.ways.replace(actor.user_id, after)
            detail = changes(_audited(before), _audited(after), _secret_names(before, after))
            uow.audit.add(entry(actor, self.clock.now(), "user.change_ways", user.username, detail))
            uow.commit()
        return stored

    def _merged(self, before: Sequence[Way], user: User, wanted: Sequence[Way]) -> list[Way]:
        known, merged = {way.id: way for way in before}, []
        for place, way in enumerate(wanted):
            stored = Way(user_id=user.id, kind=way.kind) if way.id == MAILBOX else known.pop(way.id, None)
            if stored is None or stored.kind != way.kind:
                raise InvalidInput({f"[{place}].id": Problem("invalid_choice")})
            merged.append(self._changed(stored, user, way))
        return merged

    def _changed(self, stored: Way, user: User, wanted: Way) -> Way:
        """Another address has confirmed nothing yet."""
        changed = replace(stored, level=wanted.level, after=wanted.after)
        settings = merged_settings(self.senders, channel_of(stored, user), wanted.settings)
        if settings == stored.settings:
            return changed
        return replace(changed, settings=settings, confirmed_at=None, readable=True, failed="")

    def _check(self, actor: Actor, user: User, changed: Mapping[int, Way]) -> None:
        """Check outside of a transaction: it may take seconds."""
        problems: dict[str, Problem] = {}
        for place, way in changed.items():
            sender = self.senders.get(ChannelKind(way.kind))
            if way.kind == MAIL and not way.settings:
                continue
            if sender is None:
                problems[f"[{place}].kind"] = Problem("invalid_choice")
                continue
            if sender.form.has_secrets:
                actor.must_be_fresh(self.clock.now())
            with self.new_uow() as uow:
                _count(uow, actor, self.clock)
                uow.commit()
            try:
                sender.check(channel_of(way, user))
            except InvalidInput as error:
                problems |= {f"[{place}].{name}": problem for name, problem in error.problems.items()}
        if problems:
            raise InvalidInput(problems)


def _check_list(ways: Sequence[Way]) -> None:
    """Raises InvalidInput."""
    check_list("ways", ways, MAX_WAYS)
    mails = [place for place, way in enumerate(ways) if way.kind == MAIL]
    late = [place for place, way in enumerate(ways) if not timedelta(0) <= way.after <= LONGEST_AFTER]
    range_of_after = Problem("out_of_range", {"low": 0, "high": int(LONGEST_AFTER.total_seconds())})
    problems = {f"[{place}].kind": Problem("repeated") for place in mails[1:]}
    problems |= {f"[{place}].after": range_of_after for place in late}
    if problems:
        raise InvalidInput(problems)


def _pushes_to(endpoint: str) -> Callable[[Way], bool]:
    return lambda way: way.kind == WEB_PUSH and way.settings.get("endpoint") == endpoint


def _count(uow: UnitOfWork, actor: Actor, clock: Clock) -> None:
    """Raises TooManyAttempts: checks start processes, and messages may go to somebody else's address."""
    guess = Guess(kind=GuessKind.WAY, account="", source=str(actor.user_id))
    count_guess(uow, guess, clock.now(), WAY_ATTEMPTS)


def _audited(ways: Sequence[Way]) -> dict[str, object]:
    found: dict[str, object] = {}
    for place, way in enumerate(ways, 1):
        found[f"ways.{place}"] = f"{way.kind}, {way.level.name.lower()}, {way.after.total_seconds():g} s"
        found[f"ways.{place}.settings"] = dict(way.settings) or None
    return found


def _secret_names(*lists: Sequence[Way]) -> set[str]:
    return {f"ways.{place}.settings" for ways in lists for place, _ in enumerate(ways, 1)}


@dataclass(frozen=True, slots=True)
class TryWay:
    """Send a test message to the actor, and record the result in the audit log."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    senders: Senders
    mailer: Mailer

    def __call__(self, actor: Actor, way_id: WayId) -> SendResult:
        """*way_id*: or MAILBOX. Raises NotFound, TooManyAttempts."""
        way, user, message = self._begin(actor, way_id)
        if way.kind == MAIL:
            result = self.mailer.send(user.email or "", message)
        else:
            result = send(self.senders, channel_of(way, user), message)
        self._record(actor, way, result)
        return result

    @retried
    def _begin(self, actor: Actor, way_id: WayId) -> tuple[Way, User, Message]:
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
            ways = uow.ways.of(user.id) or [Way(user_id=user.id, kind=MAIL)]
            way = next((each for each in ways if each.id == way_id), None)
            if way is None:
                raise NotFound
            _count(uow, actor, self.clock)
            locale = way.settings.get("locale") or user.locale or uow.users.default_locale()
            uow.commit()
        return way, user, test_message(self.clock, self.secrets, locale)

    @retried
    def _record(self, actor: Actor, way: Way, result: SendResult) -> None:
        detail = way.kind + (": sent" if result.status is SendStatus.SENT else f": not sent: {result.error}")
        with self.new_uow() as uow:
            note_result(uow, way, result)
            uow.audit.add(entry(actor, self.clock.now(), "user.test_way", actor.username, detail))
            uow.commit()


def note_result(uow: UnitOfWork, way: Way, result: SendResult) -> None:
    """Show a way as failed once a message was refused for good, until one goes through."""
    failed = {SendStatus.SENT: "", SendStatus.REFUSED: result.error}.get(result.status, way.failed)
    if failed != way.failed and way.id != MAILBOX:
        uow.ways.mark_failed(way.id, failed)
