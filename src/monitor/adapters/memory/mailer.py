import threading

from monitor.application.ports.notifier import ChannelSender, Mailer, Message, Sending, Verdict
from monitor.domain.channels import Channel, ChannelForm


class MemoryMailer(Mailer):
    """Keeps what it is given. *answers* says, by address, what the mail server would."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message]] = []
        self.answers: dict[str, Sending] = {}
        self._lock = threading.Lock()

    def send(self, address: str, message: Message) -> Sending:
        message.confirm()
        sending = self.answers.get(address, Sending(Verdict.SENT))
        if sending.verdict is Verdict.SENT:
            with self._lock:
                self.sent.append((address, message))
        return sending

    @property
    def is_configured(self) -> bool:
        return True


class MemorySender(ChannelSender):
    """Keeps what it is given, whatever the settings are."""

    def __init__(self, form: ChannelForm) -> None:
        self.form = form
        self.sent: list[tuple[Channel, Message]] = []

    def check(self, channel: Channel) -> None:
        """Accepts everything."""

    def send(self, channel: Channel, message: Message) -> Sending:
        message.confirm()
        self.sent.append((channel, message))
        return Sending(Verdict.SENT)

    def shown(self, channel: Channel) -> dict[str, str]:
        return dict(channel.settings)
