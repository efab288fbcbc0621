"""Series of Prometheus: which host one is of, and under which name its values are kept."""

import re
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from sys import intern
from typing import NamedTuple

from monitor.domain.intake.node_exporter import READ, SEPARATOR, Family, Readings, families, values

LONGEST_NAME = 64
LONGEST_LABEL = 256
LONGEST_READING = 1024
"""Characters. Of what is longer a digest is kept too, so that readings differ."""
_NOT_ALLOWED = re.compile(r"[^a-z0-9_.:/-]")
_OF_THE_TARGET = ("__name__", "instance", "job")
KEPT = "="
"""Begins the reading of a series that is kept under its own name."""


class SeriesKey(NamedTuple):
    """*source*: the target, which is scraped as a whole. *host*: of `instance`. *reading*: tells it from the others."""

    source: int
    host: str
    reading: str


def series_key(labels: Mapping[str, str], kept: Collection[str]) -> SeriesKey | None:
    """Return None for a series that is not used. *kept*: metrics that are kept under their own names."""
    name = labels.get("__name__", "")
    if (wanted := READ.get(name)) is not None:
        reading = intern(_joined(name, *(labels.get(label, "") for label in wanted)))  # many hosts have the same
    elif name in kept:
        others = [f"{label}={value}" for label, value in sorted(labels.items()) if label not in _OF_THE_TARGET]
        reading = _cut(_joined(KEPT + own_name(labels), *others), LONGEST_READING)
    else:
        return None
    target = f"{labels.get('job', '')}\0{labels.get('instance', '')}"
    source = int.from_bytes(sha256(target.encode()).digest()[:8], "big") >> 1
    return SeriesKey(source, host_of(labels.get("instance", "")), reading)


def _joined(*parts: str) -> str:
    return SEPARATOR.join(_cut(part.replace(SEPARATOR, " "), LONGEST_LABEL) for part in parts)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return f"{text[: longest - 17]}:{sha256(text.encode()).hexdigest()[:16]}"


def own_name(labels: Mapping[str, str]) -> str:
    """Return a valid name: the metric, then the values of the labels that do not name the target.

    As the agent names the metrics of scripts: `backup_age{job="nightly",db="a"}` is `backup_age:a`.
    """
    values = [value for label, value in sorted(labels.items()) if label not in _OF_THE_TARGET]
    return valid_name(":".join([labels["__name__"], *values]))


def valid_name(text: str) -> str:
    name = _NOT_ALLOWED.sub("_", text.lower())
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 9]}:{sha256(text.encode()).hexdigest()[:8]}"


def host_of(instance: str) -> str:
    """Return the host of `HOST:PORT`, `[IPv6]:PORT`, an address or a name; "" if there is none."""
    text = instance.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        return text.partition(":")[0]
    return text


def unregistered_values(scrapes: Mapping[int, Readings]) -> tuple[float, float, float]:
    """Return CPU, memory and disk of the newest scrape of an unregistered host, 0 for what is not known.

    *scrapes*: by time, of one request. If there is one only, CPU is since the host's start.
    """
    at = max(scrapes)
    now = families(scrapes[at])
    earlier = families(scrapes[min(scrapes)]) if len(scrapes) > 1 else {}

    def before(metric: str) -> Iterator[tuple[float, Family]]:
        yield 1.0, earlier.get(metric) or dict.fromkeys(now[metric], 0.0)

    found = values(at / 1000, now, before)
    return found.cpu or 0.0, found.memory or 0.0, found.disk or 0.0
