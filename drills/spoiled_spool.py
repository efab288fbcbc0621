"""An agent is killed repeatedly and its spool damaged each time, as by power cuts and failing disks."""

import os
import random
import re
from binascii import crc32
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from drills.drill import Drill, Outcome
from monitor.adapters.agent.uplink.spool import Spool
from tests.integration.agent.api import Api, serving, wait_for
from tests.integration.agent.running import Agent, agent
from tests.integration.ports import free_port

ROUNDS = 6
SAMPLES = 1_000
SPOILS = 10
LONGEST = 200
NEVER_WAS = b"A 99999999999"
BOUND = 1024 * 1024


def run(place: Path) -> Outcome:
    luck = random.Random(1)  # noqa: S311 (the same drill each time)
    path = place / "agent.spool"
    _fill(path)
    port = free_port()
    api = Api(port=port)
    spoiled = ended = lost = 0
    whole: set[str] = set()
    for number in range(ROUNDS):
        with agent(place, API_URL=api.url) as running:
            ended += not _takes_two(running, starts=number + 1)
            running.kill()
        lost += len(whole - _whole(path.read_bytes()))
        spoiled += _spoil(path, luck)
        whole = _whole(path.read_bytes())
    with serving(api), agent(place, API_URL=api.url) as running:
        ended += not _lives_until(running, lambda: not running.waiting and api.recorded, "what waits")
    delivered = Counter(api.recorded)
    lost += len(whole - delivered.keys())
    twice = sum(1 for recorded in whole if delivered[recorded] > 1)
    aside = path.with_name("agent.spool.rejected")
    size = aside.stat().st_size if aside.exists() else 0
    figures = (
        f"{ROUNDS} kills, {spoiled} bytes spoiled, {len(whole)} whole samples left: {lost} lost, {twice} sent twice"
    )
    held = lost == twice == ended == 0 and 0 < size <= BOUND
    return Outcome(held=held, seen=f"{figures}; {size} bytes set aside, {ended} agents ended by themselves")


def _fill(path: Path) -> None:
    spool = Spool(str(path), lambda _line: None)
    for number in range(SAMPLES):
        spool.append(b'{"recorded_at":"%05d","metrics":{}}' % number)
    spool.close()


def _takes_two(running: Agent, starts: int) -> bool:
    """Return True if the agent takes two more samples after its last start."""
    _lives_until(running, lambda: sum("cannot reach" in line for line in running.said) == starts, "its start")
    before = running.waiting
    return _lives_until(running, lambda: running.waiting >= before + 2, "two samples more")


def _lives_until(running: Agent, condition: Callable[[], object], what: str) -> bool:
    wait_for(lambda: running.process.poll() is not None or condition(), what)
    return running.process.poll() is None


def _spoil(path: Path, luck: random.Random) -> int:
    """Overwrite random bytes and a line end, truncate the end, and add samples that never existed."""
    text = bytearray(path.read_bytes())
    length = 0
    for _ in range(SPOILS):
        at, size = luck.randrange(len(text)), luck.randrange(1, LONGEST)
        text[at : at + size] = (luck.randbytes(size) if luck.random() < 0.5 else bytes(size))[: len(text) - at]
        length += size
    text[text.index(b"\n", luck.randrange(len(text) // 2))] = ord("}")
    torn = text[: -luck.randrange(1, LONGEST)]
    path.write_bytes(b"%b\n%08x %b\n%b" % (bytes(torn), crc32(NEVER_WAS), NEVER_WAS, bytes(luck.randrange(5_000))))
    os.sync()
    return length


def _whole(text: bytes) -> set[str]:
    """Return the times of samples whose lines are undamaged."""
    found = set()
    for line in text.split(b"\n"):
        for match in re.finditer(rb"([0-9a-f]{8}) S \{", line):
            body = line[match.start() + 9 :]
            if crc32(body) == int(match[1], 16):
                found.add(re.findall(rb'"recorded_at":"([^"]*)"', body)[0].decode())
    return found


DRILL = Drill(attack="an agent is killed and its spool is spoiled, again and again", run=run)
