"""Scrapes of many hosts' node-exporter, in the requests in which a Prometheus sends them by remote-write 1.0."""

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from bench.targets.product import address
from tests.remote_writes import encoded_labels, encoded_point, field, packed

INTERVAL = 15
"""Seconds between two scrapes of a host."""
PER_REQUEST = 2000
"""Prometheus' default: `max_samples_per_send`."""
_MOVES = ("node_load", "node_memory_MemAvailable", "node_memory_MemFree", "node_memory_Cached", "node_filesystem_avail")
"""Gauges that are another value each time. Most of a host's stay."""


class _Series(NamedTuple):
    labels: bytes
    value: float
    gain: float
    """Each second, of a counter that counts."""
    moves: bool


class Scrapes:
    """What *hosts* like the one whose `/metrics` has said *text* expose from *start* (milliseconds since 1970) on.

    Only node-exporter's own metrics are sent, as docs/prometheus.md configures it. The same number gives the same
    requests to each target.
    """

    def __init__(self, text: str, hosts: int, start: int) -> None:
        self._start = start
        self._hosts = [_series(text, f"{address(number)}:9100", Random(number)) for number in range(hosts)]

    @property
    def series(self) -> int:
        """Return how many series a host has."""
        return len(self._hosts[0])

    def requests(self, number: int) -> list[bytes]:
        """Return the bodies of the scrape *number* of all hosts. A scrape may begin in one and end in the next."""
        samples = self._samples(number)
        return [packed(b"".join(part)) for part in iter(lambda: list(islice(samples, PER_REQUEST)), [])]

    def _samples(self, number: int) -> Iterator[bytes]:
        """Yield the encoded series, host by host. Their scrapes are spread over the interval."""
        random = Random(number)
        for host, series in enumerate(self._hosts):
            at = self._start + 1000 * INTERVAL * number + 1000 * INTERVAL * host // len(self._hosts)
            for each in series:
                value = each.value * (1 - random.random() / 100) if each.moves else each.value
                yield field(1, each.labels + encoded_point(at, value + each.gain * INTERVAL * number))


def _series(text: str, instance: str, random: Random) -> list[_Series]:
    return [
        _Series(
            labels=encoded_labels({"__name__": name, "instance": instance, "job": "node", **labels}),
            value=value,
            gain=random.random() if kind == "counter" and value else 0.0,
            moves=name.startswith(_MOVES),
        )
        for name, labels, value, kind in _exposed(text)
    ]


def _exposed(text: str) -> Iterator[tuple[str, dict[str, str], float, str]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("node_"):
                yield sample.name, sample.labels, sample.value, family.type
