"""The agent's entry: settings in, exit code out. Everything is put together here."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any

from .answers import STORED, judge
from .backlog import Backlog
from .courier import Courier
from .delivery import Delivery
from .link import Link
from .lock import SpoolBusyError, lock_spool
from .log import Say, one_line, stderr_log
from .loop import STOP, run
from .payload import encode
from .probe import UnreadableError
from .problems import MissingError, SettingError
from .reader import system_reader
from .sampler import Sampler
from .schedule import Schedule
from .settings import Settings, load
from .spool import Spool
from .uplink import Parcel, Uplink, tells_address

WARM_UP = 0.04
"""What the first sample's CPU and rates cover. Longer would be finer than the system's ticks of 10 ms, and later on the
screen."""

WRONG_SETTING = 2


def main(argv: Sequence[str]) -> int:
    """Run the agent with *argv*, the arguments after the command's name; returns the exit code.

    0 done or told to stop, 1 the sample was not stored (`--once`) or the spool is another agent's, 2 a wrong setting.
    """
    try:
        settings = load(argv, os.environ)
    except SettingError as error:
        sys.stderr.write(f"monitor-agent: {one_line(str(error))}\n")
        return WRONG_SETTING
    except SystemExit:  # --help has been printed.
        return 0
    say = stderr_log()
    try:
        return _run(settings, system_reader(), say)
    except (MissingError, UnreadableError) as error:
        say(str(error))
        return 1


def _run(settings: Settings, ps: Any, say: Say) -> int:
    sampler = Sampler(settings, ps, say)
    if settings.print_payload:
        return _print_payload(settings, sampler)
    return _once(settings, sampler) if settings.once else _forever(settings, sampler, say)


def _print_payload(settings: Settings, sampler: Sampler) -> int:
    body = sampler.first(WARM_UP)
    if settings.api_key and tells_address(settings.api_key):
        if settings.ip:
            body = {"ip_address": settings.ip, **body}
        else:
            sys.stderr.write("monitor-agent: with this key, ip_address (where the connection comes from) is added\n")
    sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=True, allow_nan=False) + "\n")
    return 0


def _once(settings: Settings, sampler: Sampler) -> int:
    record = encode(sampler.first(WARM_UP))
    verdict = judge(Uplink(settings.target, settings.api_key, ip=settings.ip).send(Parcel((record,), batch=False)))
    if verdict.kind == STORED:
        sys.stdout.write(f"stored by {settings.api_url}\n")
        return 0
    sys.stdout.write(f"not stored by {settings.api_url}: {verdict.why}\n")
    return 1


def _forever(settings: Settings, sampler: Sampler, say: Say) -> int:
    inbox: SimpleQueue[Any] = SimpleQueue()
    # A SimpleQueue may be put to from a signal handler, unlike an Event, whose lock the interrupted code may hold.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: inbox.put(STOP))
    sampler.prime()
    primed = time.monotonic()
    try:
        lock: int | None = lock_spool(settings.spool)
    except SpoolBusyError:
        say(f"AGENT_SPOOL: {settings.spool} is in use by another agent; stop that one or name another file")
        return 1
    except OSError as error:
        lock = None
        say(f"AGENT_SPOOL: {settings.spool} cannot be written ({error.strerror}); what waits is kept in memory only")
    backlog = _backlog(settings.spool if lock is not None else None, say)
    delivery = _delivery(settings, inbox, backlog, say)
    time.sleep(max(0.0, primed + WARM_UP - time.monotonic()))
    now = time.monotonic()
    run(
        take=sampler.take,
        delivery=delivery,
        # Where the ticks fall is drawn, so that hosts which boot together do not report together for ever; but not at
        # once after the first sample, where a span of some milliseconds would say nothing.
        schedule=Schedule(now + settings.interval * (1 + 3 * _random()) / 4, settings.interval),
        wait=lambda seconds: _wait(inbox, seconds),
        monotonic=time.monotonic,
    )
    backlog.close()
    return 0


def _backlog(path: str | None, say: Say) -> Backlog:
    try:
        return Backlog(Spool(path, say) if path else None, say)
    except OSError as error:
        say(f"AGENT_SPOOL: {path} cannot be used ({error.strerror}); what waits is kept in memory only")
        return Backlog(None, say)


def _delivery(settings: Settings, inbox: SimpleQueue[Any], backlog: Backlog, say: Say) -> Delivery:
    return Delivery(
        send=Courier(Uplink(settings.target, settings.api_key, ip=settings.ip).send, inbox).send,
        backlog=backlog,
        link=Link(settings.api_url, say),
        say=say,
        interval=settings.interval,
        random=_random,
    )


def _random() -> float:
    """From 0 to 1. The module random would be 0.4 MB more."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


def _wait(inbox: SimpleQueue[Any], seconds: float) -> Any:
    try:
        return inbox.get(timeout=seconds)
    except Empty:
        return None
