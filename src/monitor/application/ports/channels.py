from abc import ABC, abstractmethod

from monitor.domain.channels import Channel, ChannelId


class Channels(ABC):
    """Settings that may hold secrets are stored encrypted wherever something is stored outside of this process."""

    @abstractmethod
    def add(self, channel: Channel) -> Channel:
        """Store a new one and return it with its id."""

    @abstractmethod
    def get(self, channel_id: ChannelId) -> Channel:
        """Raises NotFound."""

    @abstractmethod
    def save(self, channel: Channel) -> None:
        """Replace the stored one, but for the secrets of one that is not readable. Raises NotFound."""

    @abstractmethod
    def delete(self, channel_id: ChannelId) -> None:
        """With what is still to be sent through it. Raises NotFound."""

    @abstractmethod
    def all(self) -> list[Channel]:
        """In id order."""

    @abstractmethod
    def encrypt_anew(self) -> int:
        """Encrypt under the present key what is stored in plain text or under an older key; return of how many."""
