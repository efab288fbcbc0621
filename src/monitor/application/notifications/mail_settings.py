"""How mails leave: the settings that apply, changed by administrators, and tried before they are saved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor.application.accounts.limits import count_guess
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.channels import test_message
from monitor.application.notifications.ports import UnitOfWork
from monitor.application.notifications.sender_ports import Mailer, SendResult, SendStatus
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, entry, values_of
from monitor.domain.accounts.limits import WAY_ATTEMPTS, Guess, GuessKind
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.notifications.mail_settings import VARIABLES, MailSettings, is_web_address

NewUow = Callable[[], UnitOfWork]
LONGEST_URL = 255


@dataclass(frozen=True, slots=True)
class MailInForce:
    """The settings that apply now, in this process. *host*: the name of this machine."""

    new_uow: NewUow
    fleet: Fleet
    environment: MailSettings
    host: str

    def __call__(self) -> MailSettings:
        return self.fleet.directory.mail.within(self.environment)

    @property
    def base_url(self) -> str | None:
        return self().base_url

    @property
    def sent_from(self) -> str:
        """Return what mails without links say of this server; "" with a base URL."""
        mail = self()
        if mail.base_url is not None:
            return ""
        return f"{self.host}, {mail.seen_url}" if mail.seen_url else self.host

    def note_sent(self, mail: MailSettings) -> None:
        """Note that the mail server of *mail* took a mail, once for each. Raises StorageUnavailable."""
        if self.fleet.directory.mail.sent_with != mail.destination:
            self._store(MailSettings(sent_with=mail.destination), "sent_with")

    def note_address(self, actor: Actor, url: str | None) -> None:
        """Keep the first address at which a browser shows this server to an administrator."""
        if _own_address(actor, url):
            self.fleet.refresh()
            if self.fleet.directory.mail.seen_url is None:
                self._store(MailSettings(seen_url=url), "seen_url")

    @retried
    def _store(self, noted: MailSettings, name: str) -> None:
        with self.new_uow() as uow:
            uow.preferences.save(noted.stored(name))
            uow.commit()


def _own_address(actor: Actor, url: str | None) -> bool:
    """True if *url*, of an Origin header, comes from a browser that is logged in: only there nobody can choose it."""
    is_in_browser = actor.is_admin and actor.session_id is not None
    return is_in_browser and url is not None and len(url) <= LONGEST_URL and is_web_address(url)


@dataclass(frozen=True, slots=True)
class ChangeMail:
    new_uow: NewUow
    clock: Clock
    environment: MailSettings

    @retried
    def __call__(self, actor: Actor, given: Mapping[str, Any], url: str | None) -> None:
        """Change what is *given*, by name. *url*: as for `MailInForce.note_address`; the newest one counts.

        Raises Forbidden, ReauthenticationRequired, InvalidInput.
        """
        actor.must_be_admin()
        actor.must_be_fresh(self.clock.now())
        with self.new_uow() as uow:
            before = MailSettings.of(uow.preferences.all())
            after = before.changed(given, self.environment)
            if _own_address(actor, url):
                after = replace(after, seen_url=url)
            if after != before:
                uow.preferences.save(after.stored())
            if detail := changes(values_of(before, *VARIABLES), values_of(after, *VARIABLES), {"password"}):
                uow.audit.add(entry(actor, self.clock.now(), "settings.mail", "", detail))
            uow.commit()


@dataclass(frozen=True, slots=True)
class TryMail:
    """Send a test mail to the actor with settings that need not be saved, and record the result in the audit log."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    mailer: Mailer
    in_force: MailInForce

    def __call__(self, actor: Actor, given: Mapping[str, Any]) -> SendResult:
        """*given*: as for `ChangeMail`. Raises Forbidden, InvalidInput, TooManyAttempts."""
        actor.must_be_admin()
        mail, user, locale = self._begin(actor, given)
        message = test_message(self.clock, self.secrets, locale)
        result = self.mailer.using(mail).send(user.email or "", message)
        self._record(actor, mail, result)
        return result

    @retried
    def _begin(self, actor: Actor, given: Mapping[str, Any]) -> tuple[MailSettings, User, str]:
        environment, now = self.in_force.environment, self.clock.now()
        with self.new_uow() as uow:
            user = uow.users.get(actor.user_id)
            mail = MailSettings.of(uow.preferences.all()).changed(given, environment).within(environment)
            problems = {} if mail.host else {"host": Problem("required")}
            problems |= {} if user.email else {"email": Problem("required")}
            if problems:
                raise InvalidInput(problems)
            count_guess(uow, Guess(kind=GuessKind.WAY, account="", source=str(user.id)), now, WAY_ATTEMPTS)
            locale = user.locale or uow.users.default_locale()
            uow.commit()
        return mail, user, locale

    @retried
    def _record(self, actor: Actor, mail: MailSettings, result: SendResult) -> None:
        is_sent = result.status is SendStatus.SENT
        with self.new_uow() as uow:
            detail = "sent" if is_sent else f"not sent: {result.error}"
            uow.audit.add(entry(actor, self.clock.now(), "settings.try_mail", mail.host or "", detail))
            uow.commit()
        if is_sent:
            self.in_force.note_sent(mail)
