"""Containers, as the API of Docker or Podman tells of them. Nothing but GET is sent."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ..uplink.http1 import Conversation, dial_unix, get
from .sample import instance_name

SECONDS = 4.0
"""For all of a reading's questions together."""
LONGEST_ANSWERS = 4 * 1024 * 1024
"""Bytes of all answers of a reading; a container takes about 2 kB in the list, and as much for its use."""
MOST_CONTAINERS = 200
MOST_MEASURED = 64
"""Each costs a question of its own."""
_FIRST_SPAN = 0.5
_ID = re.compile(r"[0-9a-zA-Z]{1,128}")
_HEADERS = {"Host": "localhost", "Accept": "application/json"}


class Use(NamedTuple):
    """*cpu*: nanoseconds of CPU time so far, at *at* seconds; *memory*: bytes, without the cache of files."""

    at: float
    cpu: float
    memory: float


class Containers:
    """`containers` (how many run), and for each container whether it is up, its share of the host's CPU, and memory."""

    def __init__(self, find_socket: Callable[[], str | None], cpus: int) -> None:
        self._find_socket = find_socket
        self._cpus = cpus
        self._before: dict[str, Use] = {}

    def read(self) -> list[tuple[str, float]]:
        """Raises what talking to the socket raises, and ValueError and TypeError for an answer that is no list."""
        path = self._find_socket()
        if path is None:
            raise FileNotFoundError("there is no socket of Docker or Podman that this user may open")
        until = time.monotonic() + SECONDS
        with dial_unix(path, SECONDS, LONGEST_ANSWERS) as peer:
            names = _names(_asked(peer, "/containers/json?all=true"))
            running = [id_ for id_, (_, is_up) in names.items() if is_up]
            measured = running[:MOST_MEASURED]
            if measured and not self._before:
                self._before = self._uses(peer, measured, until)
                time.sleep(_FIRST_SPAN)  # Use is a difference, also in the first sample.
            uses = self._uses(peer, measured, until)
        before, self._before = self._before, uses
        readings = [("containers", float(len(running)))]
        shown = list(names.items())[:MOST_CONTAINERS]
        readings += [(instance_name("container", name, "up"), float(is_up)) for _, (name, is_up) in shown]
        for id_, use in uses.items():
            name, earlier = names[id_][0], before.get(id_)
            if earlier is not None and use.cpu >= earlier.cpu and use.at > earlier.at:
                share = 100 * (use.cpu - earlier.cpu) / 1e9 / (use.at - earlier.at) / self._cpus
                readings.append((instance_name("container", name, "cpu"), min(100.0, share)))
            readings.append((instance_name("container", name, "memory"), use.memory))
        return readings

    def _uses(self, peer: Conversation, ids: list[str], until: float) -> dict[str, Use]:
        """Return the use of those that still run; of fewer, where time runs out."""
        found: dict[str, Use] = {}
        for id_ in ids:
            if time.monotonic() > until - SECONDS / 4:
                break
            # `one-shot`: Docker otherwise takes a second for each.
            stats = _asked(peer, f"/containers/{id_}/stats?stream=false&one-shot=true")
            try:
                found[id_] = _use(stats, time.monotonic())
            except (TypeError, ValueError, LookupError, AttributeError, OverflowError):
                continue  # It has ended meanwhile.
        return found


def _asked(peer: Conversation, path: str) -> Any:
    """Return the answer; None if it is an error. Raises ValueError also if the connection cannot be used again."""
    answer = get(peer, path, _HEADERS)
    if not answer.keeps:
        raise ValueError("the connection is not kept open")
    return json.loads(answer.body) if answer.status == 200 else None


def _names(listed: Any) -> dict[str, tuple[str, bool]]:
    """Return by id the name of each container and whether it runs, in the order of the names."""
    if not isinstance(listed, list):
        raise ValueError("the list of containers cannot be read")
    found: dict[str, tuple[str, bool]] = {}
    for each in listed:
        if not isinstance(each, dict):
            continue
        id_, names = each.get("Id"), each.get("Names")
        name = names[0].lstrip("/") if isinstance(names, list) and names and isinstance(names[0], str) else ""
        if isinstance(id_, str) and _ID.fullmatch(id_) and name:
            found[id_] = name, each.get("State") == "running"
    return dict(sorted(found.items(), key=lambda item: (item[1][0], item[0])))


def _use(stats: Any, at: float) -> Use:
    memory = stats["memory_stats"]
    details = memory.get("stats") or {}
    # As `docker stats`: version 1 of cgroups has the first name, version 2 the second.
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    usage = float(memory["usage"])
    cpu = float(stats["cpu_stats"]["cpu_usage"]["total_usage"])
    return Use(at, cpu, usage - cache if cache < usage else usage)
