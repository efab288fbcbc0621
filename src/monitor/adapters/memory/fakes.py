"""Fakes of the clock, randomness, password hashing and senders, for tests and embedders."""

import hashlib
import itertools
import threading
from datetime import UTC, datetime, timedelta

from monitor.application.accounts.credentials import PasswordHasher
from monitor.application.notifications.sender_ports import (
    AccountNotice,
    ChannelSender,
    Mailer,
    Message,
    SendResult,
    SendStatus,
)
from monitor.application.ports import Clock, Secrets
from monitor.domain.notifications.channels import Channel, ChannelForm


class FixedClock(Clock):
    """A clock that moves only by `advance`."""

    def __init__(self, now: datetime = datetime(2030, 1, 1, 12, tzinfo=UTC)) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta | float) -> None:
        """Move by a timedelta or seconds; negative values set the clock back."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)


_MARK = "insecure-for-tests$"


class InsecurePasswordHasher(PasswordHasher):
    """For tests only: fast, without a salt, and therefore easy to break."""

    def hash(self, password: str) -> str:
        return _MARK + hashlib.sha256(password.encode("utf-8", "surrogatepass")).hexdigest()

    def verify(self, password: str, password_hash: str | None) -> bool:
        return bool(password_hash) and password_hash == self.hash(password)


class CountedSecrets(Secrets):
    """For tests only: the same *seed* gives the same secrets in the same order, never one twice."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._tokens = itertools.count(1)
        self._versions = itertools.count(1)

    def token(self) -> str:
        return hashlib.sha256(f"{self._seed}:{next(self._tokens)}".encode()).hexdigest()

    def version(self) -> int:
        return next(self._versions)


class MemoryMailer(Mailer):
    """A mailer that keeps the messages. *answers*: results by address, else SENT."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message]] = []
        self.notices: list[AccountNotice] = []
        self.answers: dict[str, SendResult] = {}
        self._lock = threading.Lock()

    def send(self, address: str, message: Message) -> SendResult:
        message.confirm()
        sending = self.answers.get(address, SendResult(SendStatus.SENT))
        if sending.status is SendStatus.SENT:
            with self._lock:
                self.sent.append((address, message))
        return sending

    def send_notice(self, notice: AccountNotice) -> SendResult:
        notice.confirm()
        sending = self.answers.get(notice.mail.email, SendResult(SendStatus.SENT))
        if sending.status is SendStatus.SENT:
            with self._lock:
                self.notices.append(notice)
        return sending

    @property
    def is_configured(self) -> bool:
        return True


class MemorySender(ChannelSender):
    """A sender that keeps the messages and accepts all settings."""

    def __init__(self, form: ChannelForm) -> None:
        self.form = form
        self.sent: list[tuple[Channel, Message]] = []

    def check(self, channel: Channel) -> None:
        """Accepts everything."""

    def send(self, channel: Channel, message: Message) -> SendResult:
        message.confirm()
        self.sent.append((channel, message))
        return SendResult(SendStatus.SENT)

    def shown(self, channel: Channel) -> dict[str, str]:
        return dict(channel.settings)
