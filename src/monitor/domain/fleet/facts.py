"""What agents say of their hosts: seldom sent, only shown, and not trusted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from monitor.domain.text import as_read

MOST_DISKS, LONGEST = 32, 200
MOST = 2**53 - 1  # the greatest number that every reader of JSON reads exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """*memory*, *swap*, *disks* (by mount point): bytes. "" and 0: unknown. What is too long, large or many is cut."""

    kernel: str = ""
    architecture: str = ""
    cpu: str = ""
    cores: int = 0
    memory: int = 0
    swap: int = 0
    disks: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("kernel", "architecture", "cpu"):
            object.__setattr__(self, name, _plain(getattr(self, name)))
        for name in ("cores", "memory", "swap"):
            object.__setattr__(self, name, _bounded(getattr(self, name)))
        disks = [*self.disks.items()][:MOST_DISKS]
        object.__setattr__(self, "disks", {_plain(path): _bounded(size) for path, size in disks})


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts(Facts):
    """What was so *at* a time."""

    at: datetime
    booted_at: datetime | None

    @staticmethod
    def of(facts: Facts, at: datetime, uptime: float | None) -> "HostFacts":
        """*uptime*: seconds."""
        is_known = uptime is not None and 0 <= uptime <= 1e10  # three centuries
        booted_at = (at - timedelta(seconds=uptime or 0)).replace(microsecond=0) if is_known else None
        return HostFacts(at=at, booted_at=booted_at, **asdict(facts))


def _plain(text: str) -> str:
    return as_read(text[:LONGEST]) if text else ""


def _bounded(number: int) -> int:
    return min(max(number, 0), MOST)
