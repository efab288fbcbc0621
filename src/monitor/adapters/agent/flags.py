"""The command line of the agent."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from .problems import SettingError

_VARIABLES = """\
settings (environment variables; a flag overrides its variable):
  API_URL            the server, with a path prefix if it has one (default http://127.0.0.1:8000)
  API_KEY            the key made for this host (mk_...) or for a fleet of hosts (mf_...); required
  API_KEY_FILE       a file that holds the key, instead of API_KEY
  INTERVAL           seconds between samples, 1 to 3600 (default 15)
  AGENT_SPOOL        file for samples that could not be sent yet
                     (default $XDG_STATE_HOME/monitor/agent.spool or ~/.local/state/monitor/agent.spool)
  AGENT_IP           the address to report with a fleet key (default: the one that the server is reached from)
  AGENT_METRICS_DIR  directory of *.prom or *.txt files with `name value` lines to report as well

first steps:
  see what would be sent:      {program} --print-payload
  send one sample and stop:    {program} --api-url https://SERVER --api-key-file FILE --once
  run:                         {program} --api-url https://SERVER --api-key-file FILE
"""


class Flags(NamedTuple):
    """As they were given; None where one was not."""

    api_url: str | None = None
    api_key_file: str | None = None
    interval: str | None = None
    spool: str | None = None
    ip: str | None = None
    once: bool = False
    print_payload: bool = False


def parse_flags(argv: Sequence[str]) -> Flags:
    """Raises SettingError, and SystemExit where `--help` was asked for."""
    if not argv:
        return Flags()  # As a service starts it, without what argparse takes (0.5 MB).
    import argparse

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise SettingError(f"{message} (--help lists what there is)")

    called = os.path.basename(sys.argv[0])
    program = called if called.endswith(".pyz") else "monitor agent"
    parser = Parser(
        prog=program,
        description="Report this host's CPU, memory, disk and more to a monitor server. Runs until stopped, executes "
        "nothing, listens on nothing.",
        epilog=_VARIABLES.format(program=program),
        # A width of its own: to ask for the terminal's, argparse would load shutil and three compression libraries.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
    )
    parser.add_argument("--api-url", metavar="URL", help="the server (API_URL)")
    parser.add_argument("--api-key-file", metavar="FILE", help="a file that holds the key (API_KEY_FILE)")
    parser.add_argument("--interval", metavar="SECONDS", help="between two samples (INTERVAL)")
    parser.add_argument("--spool", metavar="FILE", help="for samples that could not be sent yet (AGENT_SPOOL)")
    parser.add_argument("--ip", metavar="ADDRESS", help="to report with a fleet key (AGENT_IP)")
    parser.add_argument("--once", action="store_true", help="send one sample, say what happened, and stop")
    parser.add_argument(
        "--print-payload", action="store_true", help="print what would be sent, and stop; needs no key and no network"
    )
    return Flags(**vars(parser.parse_args(argv)))
