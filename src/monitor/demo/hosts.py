"""Hosts of a simulated fleet: names, load, and what is wrong with some of them; and the users responsible for them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from monitor.demo.chance import between, key_of, shares
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Server

MAX_HOSTS = 200_000
_RACK_SIZE = 20
"""Each rack has one host of each kind of trouble, so that a small fleet has them all."""
KNOTS_A_DAY = 288
"""A knot is the start of five minutes. Slow changes are computed at knots and are linear in between."""
_ADDRESS = re.compile(r"10\.(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Load of one kind of host, in percent, except *cores* and *traffic* (bytes per second at full load).

    *weekend* and *night* (a batch job from 2 to 3 o'clock) are shares of the usual load.
    """

    name: str
    cores: int
    idle: float
    swing: float
    memory: float
    disk: float
    traffic: float
    weekend: float
    night: float = 0.0
    is_physical: bool = False


_WEB = Work(name="web", cores=4, idle=6, swing=38, memory=42, disk=31, traffic=9e6, weekend=0.55)
_API = Work(name="api", cores=8, idle=9, swing=42, memory=55, disk=36, traffic=6e6, weekend=0.5)
_DB = Work(
    name="db", cores=16, idle=12, swing=28, memory=60, disk=58, traffic=4e6, weekend=0.6, night=0.7, is_physical=True
)
_CACHE = Work(name="cache", cores=4, idle=4, swing=18, memory=61, disk=22, traffic=2e7, weekend=0.6)
_BUILD = Work(name="build", cores=32, idle=3, swing=52, memory=38, disk=61, traffic=3e6, weekend=0.12, is_physical=True)
_BACKUP = Work(
    name="backup", cores=4, idle=2, swing=5, memory=27, disk=68, traffic=1e6, weekend=1.0, night=1.0, is_physical=True
)
PROGRAMS = {
    "web": ("nginx", "gunicorn", "node", "promtail", "sshd"),
    "api": ("java", "uvicorn", "envoy", "filebeat", "sshd"),
    "db": ("mariadbd", "xtrabackup", "mysqld_exporter", "cron", "sshd"),
    "cache": ("redis-server", "haproxy", "keepalived", "systemd-journald", "sshd"),
    "build": ("dockerd", "cc1plus", "gitlab-runner", "java", "sshd"),
    "backup": ("borg", "zstd", "rsync", "cron", "sshd"),
}
"""What runs on each kind of host."""
_RACK = (*(_WEB,) * 7, *(_API,) * 5, *(_DB,) * 3, *(_CACHE,) * 2, *(_BUILD,) * 2, _BACKUP)
_SITES = (("fra", 1), ("sha", 8), ("iad", -5))
"""Sites of racks, and their hours from UTC."""


class Trouble(StrEnum):
    LEAK = "leak"
    FILLING = "filling"
    CRASHES = "crashes"
    FLAKY = "flaky"
    CLOCK = "clock"
    SPIKES = "spikes"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Host:
    """A simulated host.

    *phase*: when within each interval it reports, 0 <= phase < 1. *skew*: error of its clock in milliseconds.
    *rhythm*: numbers 0 <= n < 1 that make hosts of one kind differ.
    """

    key: bytes
    rack_key: bytes
    name: str
    ip_address: str
    tags: frozenset[str]
    work: Work
    trouble: Trouble
    hours_from_utc: int
    phase: float
    skew: int
    rhythm: tuple[float, ...]


@lru_cache(maxsize=MAX_HOSTS)
def host(seed: int, index: int) -> Host:
    """Return host number *index* (from 0) of the fleet *seed*, independent of the fleet's size. Raises InvalidInput."""
    if not 0 <= index < MAX_HOSTS:
        raise InvalidInput({"servers": Problem("out_of_range", {"low": 1, "high": MAX_HOSTS})})
    key, rack, place = key_of(seed, "host", index), index // _RACK_SIZE, index % _RACK_SIZE
    rack_key = key_of(seed, "rack", rack)
    site, hours = _SITES[rack % len(_SITES)]
    work = _RACK[place]
    number = rack // len(_SITES) * _RACK.count(work) + _RACK[:place].count(work) + 1
    first, *rhythm = shares(key, b"host", 0)
    trouble = _troubles(rack_key).get(place, Trouble.NONE)
    stage = "staging" if rack % 4 == 3 else "production"
    return Host(
        key=key,
        rack_key=rack_key,
        name=f"{site}-{work.name}-{number:02d}",
        ip_address=address(index),
        tags=frozenset({work.name, site, stage, made_by(seed)}),
        work=work,
        trouble=trouble,
        hours_from_utc=hours,
        phase=first,
        skew=_skew(rhythm[0]) if trouble is Trouble.CLOCK else 0,
        rhythm=tuple(rhythm),
    )


def address(index: int) -> str:
    """Return 10.0.0.1 to 10.0.0.250, then 10.0.1.1 and so on; after 10.0.255.250 comes 10.1.0.1."""
    block, place = divmod(index, 250)
    return f"10.{block >> 8}.{block & 255}.{place + 1}"


def fleet_size(servers: Iterable[Server]) -> int:
    """Return the smallest fleet that contains all *servers* with a simulated address."""
    found = (_ADDRESS.fullmatch(server.ip_address) for server in servers)
    return max((((int(each[1]) << 8) + int(each[2])) * 250 + int(each[3]) for each in found if each), default=0)


def made_by(seed: int) -> str:
    """Return the tag of simulated servers."""
    return f"simulated-{seed}"


def is_made_by(seed: int, server: Server) -> bool:
    return made_by(seed) in server.tags


def _troubles(rack_key: bytes) -> dict[int, Trouble]:
    """Return one host for each kind of trouble, by place in the rack."""
    kinds = [trouble for trouble in Trouble if trouble]
    order = sorted(range(_RACK_SIZE), key=lambda place: shares(rack_key, b"rack", place)[0])
    return dict(zip(order, kinds, strict=False))


def _skew(share: float) -> int:
    """Return milliseconds: a third of wrong clocks are fast, within what the server accepts; the others are slow."""
    seconds = between(15, 50, share * 3) if share < 1 / 3 else -between(40, 400, share * 1.5 - 0.5)
    return round(seconds * 1000)


@dataclass(frozen=True, slots=True)
class Person:
    """User who is responsible for the servers with *tag*."""

    username: str
    tag: str

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"

    def looks_after(self, host: Host) -> bool:
        return self.tag in host.tags


PEOPLE = (
    Person("anna", "web"),
    Person("bruno", "db"),
    Person("chen.wei", "sha"),
    Person("dana", "build"),
    Person("emil", "fra"),
    Person("fatima", "staging"),
)
