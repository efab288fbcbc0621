"""The agent's settings: environment variables, and flags that override them."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn

from .probes.sources import OFF, Wanted
from .uplink.target import Target, parse_url, plain_address

DEFAULT_URL = "http://127.0.0.1:8000"
DEFAULT_INTERVAL = 15.0
_SHORTEST, _LONGEST = 1.0, 3600.0
_UNIX = "unix://"
_HELP = """\
settings (environment variables; a flag overrides its variable):
  API_URL            the server, with a path prefix if it has one (default http://127.0.0.1:8000)
  API_KEY            the key made for this host (mk_...) or for a fleet of hosts (mf_...); required
  API_KEY_FILE       a file that holds the key, instead of API_KEY
  INTERVAL           seconds between samples, 1 to 3600 (default 15)
  AGENT_SPOOL        file for samples that could not be sent yet
                     (default $XDG_STATE_HOME/monitor/agent.spool or ~/.local/state/monitor/agent.spool)
  AGENT_IP           the address to report with a fleet key (default: the local address of the connection)
  AGENT_METRICS_DIR  directory of *.prom or *.txt files with `name value` lines to report as well
  AGENT_UNITS        units of systemd whose state is reported, by commas, such as nginx.service,postgresql@*
  AGENT_CONTAINERS   the socket of Docker or Podman, or `off` (default: whichever is there and may be opened)
  AGENT_CHECKS       file with a line `NAME KIND TARGET` for each check that this host runs; kinds: http https://…,
                     tcp host:port, ping host, dns name or name@server:port, tls host:port

first steps:
  see what would be sent:      {program} --print-payload
  send one sample and stop:    {program} --api-url https://SERVER --api-key-file FILE --once
  run:                         {program} --api-url https://SERVER --api-key-file FILE
"""


class SettingError(Exception):
    """A setting with a wrong value; the text names the variable and what is allowed."""


class Settings(NamedTuple):
    """Checked settings. *api_key* is empty only with *print_payload*."""

    target: Target
    api_key: str
    interval: float
    spool: str
    ip: str | None
    metrics_dir: str | None
    wanted: Wanted
    once: bool
    print_payload: bool

    def __repr__(self) -> str:
        return f"Settings(target={self.target.url!r}, interval={self.interval}, spool={self.spool!r}, api_key=…)"


def load(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Return the settings; an empty variable counts as absent. Raises SettingError, and SystemExit after `--help`."""
    once, print_payload, flags = _parse(argv)
    given = {**{name: value for name, value in environ.items() if value}, **flags}
    if "API_KEY_FILE" in flags:
        given.pop("API_KEY", None)  # The flag counts more than this variable.
    try:
        target = parse_url(given.get("API_URL") or DEFAULT_URL)
    except ValueError as error:
        raise SettingError(str(error)) from None
    key = _key(given)
    if not key and not print_payload:
        raise SettingError("API_KEY is not set: it is the key that the server's page made for this host or fleet")
    return Settings(
        target=target,
        api_key=key,
        interval=_interval(given.get("INTERVAL")),
        spool=os.path.abspath(given.get("AGENT_SPOOL") or _default_spool(environ)),
        ip=_ip(given.get("AGENT_IP")),
        metrics_dir=given.get("AGENT_METRICS_DIR"),
        wanted=_wanted(given),
        once=once,
        print_payload=print_payload,
    )


def _parse(argv: Sequence[str]) -> tuple[bool, bool, dict[str, str]]:
    """Return `--once`, `--print-payload`, and the other flags by the variables that they override."""
    if not argv:
        return False, False, {}  # As a service starts it: saves the 0.5 MB of argparse.
    import argparse

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise SettingError(f"{message} (--help lists all flags)")

    called = os.path.basename(sys.argv[0])
    program = called if called.endswith(".pyz") else "monitor agent"
    parser = Parser(
        prog=program,
        description="Report this host's CPU, memory, disk and more to a monitor server. Runs until stopped, executes "
        "nothing, listens on nothing.",
        epilog=_HELP.format(program=program),
        # With a fixed width, argparse does not load shutil and three compression libraries to ask the terminal.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
    )
    for flag, variable, metavar, meaning in (
        ("--api-url", "API_URL", "URL", "the server"),
        ("--api-key-file", "API_KEY_FILE", "FILE", "a file that holds the key"),
        ("--interval", "INTERVAL", "SECONDS", "time between two samples"),
        ("--spool", "AGENT_SPOOL", "FILE", "file for samples that could not be sent yet"),
        ("--ip", "AGENT_IP", "ADDRESS", "address to report with a fleet key"),
    ):
        parser.add_argument(flag, dest=variable, metavar=metavar, help=f"{meaning} ({variable})")
    parser.add_argument("--once", action="store_true", help="send one sample, print the result, and stop")
    parser.add_argument(
        "--print-payload", action="store_true", help="print what would be sent, and stop; needs no key and no network"
    )
    flags = vars(parser.parse_args(argv))
    once, print_payload = flags.pop("once"), flags.pop("print_payload")
    return once, print_payload, {variable: text for variable, text in flags.items() if text is not None}


def _default_spool(environ: Mapping[str, str]) -> str:
    """Return the path that the XDG base directory specification gives to state."""
    state = environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "monitor", "agent.spool")


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


def _wanted(given: Mapping[str, str]) -> Wanted:
    wanted = Wanted(containers=_engine(given.get("AGENT_CONTAINERS")))
    if units := given.get("AGENT_UNITS"):
        from .probes.units import parse_patterns

        try:
            wanted = wanted._replace(units=parse_patterns(units))
        except ValueError as error:
            raise SettingError(f"AGENT_UNITS {error}") from None
    if path := given.get("AGENT_CHECKS"):
        from .probes.checks import load_checks

        try:
            wanted = wanted._replace(checks=load_checks(path))
        except OSError as error:
            raise SettingError(f"AGENT_CHECKS: {path!r} cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise SettingError(f"AGENT_CHECKS: {path!r}: {error}") from None
    return wanted


def _engine(text: str | None) -> str | None:
    """Return the path of a socket, OFF, or None for whichever is there."""
    path = None if text is None else text[len(_UNIX) :] if text.startswith(_UNIX) else text
    if path not in (None, OFF) and not path.startswith("/"):
        raise SettingError(f"AGENT_CONTAINERS must be `off` or the path of a socket, not {text!r}")
    return path


def _key(given: Mapping[str, str]) -> str:
    path = given.get("API_KEY_FILE")
    name, key = "API_KEY", given.get("API_KEY", "").strip()
    if path is not None and not key:
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
    # The message must not show the key: it may end up in a log.
    if not all("!" <= char <= "~" for char in key):
        raise SettingError(f"{name} must be printable ASCII without spaces")
    return key
