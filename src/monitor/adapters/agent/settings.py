"""What the agent is told: environment variables, and flags that override them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .address import plain_address
from .flags import parse_flags
from .problems import SettingError
from .target import Target, parse_url

DEFAULT_URL = "http://127.0.0.1:8000"
DEFAULT_INTERVAL = 15.0
_SHORTEST, _LONGEST = 1.0, 3600.0


class Settings(NamedTuple):
    """Checked settings. *api_key* is empty only with *print_payload*."""

    api_url: str
    target: Target
    api_key: str
    interval: float
    spool: str
    ip: str | None
    metrics_dir: str | None
    once: bool
    print_payload: bool

    def __repr__(self) -> str:
        return f"Settings(api_url={self.api_url!r}, interval={self.interval}, spool={self.spool!r}, api_key=…)"


def load(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Settings from *argv* (the arguments alone) and *environ*; an empty variable counts as absent.

    Raises SettingError, and SystemExit where `--help` was asked for.
    """
    flags = parse_flags(argv)
    url = _given(flags.api_url, environ, "API_URL") or DEFAULT_URL
    target = parse_url(url)
    key = _key(environ, flags.api_key_file)
    if not key and not flags.print_payload:
        raise SettingError("API_KEY is not set: it is the key that the server's page made for this host or fleet")
    return Settings(
        api_url=target.url,
        target=target,
        api_key=key,
        interval=_interval(_given(flags.interval, environ, "INTERVAL")),
        spool=os.path.abspath(_given(flags.spool, environ, "AGENT_SPOOL") or default_spool(environ)),
        ip=_ip(_given(flags.ip, environ, "AGENT_IP")),
        metrics_dir=environ.get("AGENT_METRICS_DIR") or None,
        once=flags.once,
        print_payload=flags.print_payload,
    )


def default_spool(environ: Mapping[str, str]) -> str:
    """Where the XDG base directory specification puts state."""
    state = environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "monitor", "agent.spool")


def _given(flag: str | None, environ: Mapping[str, str], variable: str) -> str | None:
    return flag if flag is not None else environ.get(variable) or None


def _interval(text: str | None) -> float:
    try:
        seconds = DEFAULT_INTERVAL if text is None else float(text)
    except ValueError:
        seconds = math.nan
    if not _SHORTEST <= seconds <= _LONGEST:
        raise SettingError(f"INTERVAL must be a number of seconds from 1 to 3600, not {text!r}")
    return seconds


def _ip(text: str | None) -> str | None:
    try:
        return None if text is None else plain_address(text)
    except ValueError as error:
        raise SettingError(f"AGENT_IP: {error}") from None


def _key(environ: Mapping[str, str], flag: str | None) -> str:
    path = _given(flag, environ, "API_KEY_FILE")
    name, key = "API_KEY", environ.get("API_KEY", "").strip()
    if path is not None and (flag is not None or not key):
        name = "API_KEY_FILE"
        try:
            with open(path, encoding="ascii") as file:
                key = file.read(1024).strip()
        except OSError as error:
            raise SettingError(f"API_KEY_FILE: {path!r} cannot be read: {error.strerror}") from None
        except ValueError:
            key = " "
        if not key:
            raise SettingError(f"API_KEY_FILE: {path!r} is empty")
    # Said without the key: this line may end in a log.
    if not all("!" <= char <= "~" for char in key):
        raise SettingError(f"{name} must be printable ASCII without spaces")
    return key
