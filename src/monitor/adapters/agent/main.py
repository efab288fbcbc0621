"""The agent's entry point: builds everything from the settings, and samples and sends until it is asked to stop."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from .clock import ServerClock, now
from .files import SpoolBusyError, lock_spool
from .log import Log, one_line, stderr_log
from .probes.probe import Sampler
from .probes.sample import UnreadableError, encode, optional, system_reader
from .restarts import STOPPED, Runs
from .settings import SettingError, Settings, load
from .uplink.backlog import Backlog
from .uplink.client import QUESTION, Client, Delivery, sending_thread, sends_address
from .uplink.kept import MAX_BYTES, MEMORY_BYTES, SLACK_BYTES, Kept
from .uplink.outcomes import STORED, Link, SendResult, judge
from .uplink.sender import Sender
from .uplink.spool import Spool

WARM_UP = 0.04
"""Seconds that CPU and rates of the first sample cover: the least that the system's ticks of 10 ms allow."""

WRONG_SETTING = 2
STOP = "stop"
"""What the signal handler puts into the inbox."""
_GRACE = 0.5
"""Seconds to wait at the end for an answer on its way."""


def main(argv: Sequence[str]) -> int:
    """Run the agent with *argv* (without the program's name) and return the exit code.

    0: done, or stopped by a signal. 1: the sample was not stored (`--once`), the host cannot be measured, or another
    agent uses the spool. 2: a wrong setting.
    """
    try:
        settings = load(argv, os.environ)
    except SettingError as error:
        sys.stderr.write(f"monitor-agent: {one_line(str(error))}\n")
        return WRONG_SETTING
    except SystemExit:  # --help has been printed.
        return 0
    log = stderr_log()
    try:
        return _run(settings, system_reader(), log)
    except UnreadableError as error:
        log(str(error))
        return 1


def _run(settings: Settings, ps: Any, log: Log) -> int:
    make = partial(Sampler, settings.interval, ps, log, metrics_dir=settings.metrics_dir, wanted=settings.wanted)
    if settings.print_payload:
        return _print_payload(settings, make())
    boot = optional(_boot, "")
    clock = ServerClock(boot or os.urandom(8).hex())
    sampler = make(stamped=clock.stamped)
    return _once(settings, sampler, clock) if settings.once else _forever(settings, sampler, clock, boot, log)


def _print_payload(settings: Settings, sampler: Sampler) -> int:
    body = sampler.first(WARM_UP)
    if settings.api_key and sends_address(settings.api_key):
        if settings.ip:
            body = {"ip_address": settings.ip, **body}
        else:
            sys.stderr.write("monitor-agent: with this key, the connection's local address is sent as ip_address\n")
    sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=True, allow_nan=False) + "\n")
    return 0


def _boot() -> str:
    """Return the name of this run of the system."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read(36)


def _once(settings: Settings, sampler: Sampler, clock: ServerClock) -> int:
    client = Client(settings.target, settings.api_key, ip=settings.ip)
    clock.learn(client.send(QUESTION).clock)
    record = encode(sampler.first(WARM_UP))
    outcome = judge(client.send(Delivery((record,), batch=False)))
    if outcome.kind == STORED:
        sys.stdout.write(f"stored by {settings.target.url}\n")
        return 0
    sys.stdout.write(f"not stored by {settings.target.url}: {outcome.why}\n")
    return 1


def _forever(settings: Settings, sampler: Sampler, clock: ServerClock, boot: str, log: Log) -> int:
    inbox: SimpleQueue[Any] = SimpleQueue()
    # A signal handler may put into a SimpleQueue. It may not set an Event: the interrupted code may hold its lock.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: inbox.put(STOP))
    sampler.prime(now())
    primed = time.monotonic()
    try:
        spool = _spool(settings.spool, log)
    except SpoolBusyError:
        log(f"AGENT_SPOOL: {settings.spool} is used by another agent; stop that agent or name another file")
        return 1
    runs = optional(lambda: Runs(f"{settings.spool}.boot", boot), None) if boot and spool is not None else None
    sampler.unexpected = None if runs is None else runs.was_unexpected
    backlog, kept = Backlog(spool, log), _kept(settings.spool if spool is not None else None, log)
    client = Client(settings.target, settings.api_key, ip=settings.ip)
    sender = Sender(
        send=sending_thread(client.send, inbox),
        backlog=backlog,
        kept=kept,
        link=Link(settings.target.url, log),
        log=log,
        interval=settings.interval,
        random=_random,
        clock=clock,
    )
    time.sleep(max(0.0, primed + WARM_UP - time.monotonic()))
    begun = time.monotonic()
    run(
        take=sampler.take,
        sender=sender,
        # A random phase keeps hosts that boot together from reporting together. It is at least a quarter of the
        # interval: a span of milliseconds after the first sample would be useless.
        schedule=Schedule(begun + settings.interval * (1 + 3 * _random()) / 4, settings.interval),
        wait=lambda seconds: _wait(inbox, seconds),
        monotonic=time.monotonic,
    )
    backlog.close()
    kept.close()
    if runs is not None:
        optional(lambda: runs.note(STOPPED), None)
    return 0


def _spool(path: str, log: Log) -> Spool | None:
    """Return the spool, locked until this process ends; None if it cannot be used. Raises SpoolBusyError."""
    try:
        lock_spool(path)
        return Spool(path, log)
    except OSError as error:
        log(f"AGENT_SPOOL: {path} cannot be used ({error.strerror}); waiting samples stay in memory")
        return None


def _kept(path: str | None, log: Log) -> Kept:
    """Return what an earlier run kept beside the spool at *path*, which is locked; None: the disk cannot be used."""
    spool = None
    if path is not None:
        try:
            spool = Spool(path + ".kept", log, max_bytes=MAX_BYTES, slack=SLACK_BYTES)
        except OSError as error:
            log(f"AGENT_SPOOL: {path}.kept cannot be used ({error.strerror}); acknowledged samples stay in memory")
    # Silent about the disk: the backlog beside it says the same.
    return Kept(Backlog(spool, lambda _line: None, memory_bytes=MEMORY_BYTES), time.monotonic())


def _random() -> float:
    """Return a number from 0 to 1, without the 0.4 MB of the module random."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


def _wait(inbox: SimpleQueue[Any], seconds: float) -> Any:
    try:
        return inbox.get(timeout=seconds)
    except Empty:
        return None


class Schedule:
    """Ticks at *origin* + k × *interval* seconds on a monotonic clock, however long samples take.

    Missed ticks (suspend, stopped process) are skipped: a burst of equal samples has no value.
    """

    def __init__(self, origin: float, interval: float) -> None:
        self._origin = origin
        self._interval = interval

    def after(self, now: float) -> float:
        """Return the first tick later than *now*."""
        done = math.floor((now - self._origin) / self._interval)
        tick = self._origin + (done + 1) * self._interval
        # Rounding can give *now* itself, which would be sampled twice.
        return tick if tick > now else self._origin + (done + 2) * self._interval


def run(
    *,
    take: Callable[[], bytes | None],
    sender: Sender,
    schedule: Schedule,
    wait: Callable[[float], Any],
    monotonic: Callable[[], float],
) -> None:
    """Sample at once and then at each tick of *schedule*, until *wait* returns STOP.

    *take* returns an encoded sample or None. *wait* waits so many seconds at most, and returns a SendResult, STOP or
    None.
    """
    tick = monotonic()
    while True:
        now = monotonic()
        if now >= tick:
            record = take()
            now = monotonic()
            tick = schedule.after(now)
            if record is not None:
                sender.offer(record, now)
        event = wait(max(0.0, min(tick, sender.due()) - now))
        if event == STOP:
            break
        if isinstance(event, SendResult):
            sender.arrived(event, monotonic())
        else:
            sender.proceed(monotonic())
    _finish(sender, wait, monotonic)


def _finish(sender: Sender, wait: Callable[[float], Any], monotonic: Callable[[], float]) -> None:
    deadline = monotonic() + _GRACE
    while sender.expects_answer and (left := deadline - monotonic()) > 0:
        event = wait(left)
        if isinstance(event, SendResult):
            sender.settle(event, monotonic())
    sender.finish()
