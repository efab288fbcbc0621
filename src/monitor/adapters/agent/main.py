"""The agent's entry: settings in, exit code out. Everything is put together here."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any

from .log import Say, one_line, stderr_log
from .problems import SettingError
from .settings import Settings, load

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
    try:
        import psutil  # noqa: F401 (asked for here, to say in one line how to get it)
    except ImportError:
        sys.stderr.write(
            "monitor-agent: the Python package psutil is missing; get it with `apt install python3-psutil` "
            "(dnf, yum, zypper: the same name; apk: py3-psutil) or `python3 -m pip install psutil`\n"
        )
        return 1
    # psutil warns of files that a container hides; what can't be read is left out anyway.
    warnings.filterwarnings("ignore", module="psutil")
    return _run(settings, stderr_log())


def _run(settings: Settings, say: Say) -> int:
    from .probe import UnreadableError

    try:
        if settings.print_payload:
            return _print_payload(settings, say)
        return _once(settings, say) if settings.once else _forever(settings, say)
    except UnreadableError as error:
        say(str(error))
        return 1


def _print_payload(settings: Settings, say: Say) -> int:
    from .sampler import Sampler
    from .uplink import tells_address

    body = Sampler(settings, say).first(WARM_UP)
    if settings.api_key and tells_address(settings.api_key):
        if settings.ip:
            body = {"ip_address": settings.ip, **body}
        else:
            sys.stderr.write("monitor-agent: with this key, ip_address (where the connection comes from) is added\n")
    sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=True, allow_nan=False) + "\n")
    return 0


def _once(settings: Settings, say: Say) -> int:
    from .answers import STORED, judge
    from .payload import encode
    from .sampler import Sampler
    from .uplink import Parcel, Uplink

    record = encode(Sampler(settings, say).first(WARM_UP))
    verdict = judge(Uplink(settings.target, settings.api_key, ip=settings.ip).send(Parcel((record,), batch=False)))
    if verdict.kind == STORED:
        sys.stdout.write(f"stored by {settings.api_url}\n")
        return 0
    sys.stdout.write(f"not stored by {settings.api_url}: {verdict.why}\n")
    return 1


def _forever(settings: Settings, say: Say) -> int:
    from .lock import SpoolBusyError, lock_spool
    from .loop import STOP, run
    from .sampler import Sampler
    from .schedule import Schedule

    inbox: SimpleQueue[Any] = SimpleQueue()
    # A SimpleQueue may be put to from a signal handler, unlike an Event, whose lock the interrupted code may hold.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: inbox.put(STOP))
    sampler = Sampler(settings, say)
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


def _backlog(path: str | None, say: Say) -> Any:
    from .backlog import Backlog
    from .spool import Spool

    try:
        return Backlog(Spool(path, say) if path else None, say)
    except OSError as error:
        say(f"AGENT_SPOOL: {path} cannot be used ({error.strerror}); what waits is kept in memory only")
        return Backlog(None, say)


def _delivery(settings: Settings, inbox: SimpleQueue[Any], backlog: Any, say: Say) -> Any:
    from .courier import Courier
    from .delivery import Delivery
    from .link import Link
    from .uplink import Uplink

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
